// Instructions to jump to: noise, random words with opcodes that exist, and code that changes the code behind it.
import type { Dice } from './dice.ts';

const OPCODES = [0x03, 0x07, 0x0f, 0x13, 0x17, 0x1b, 0x23, 0x27, 0x2f, 0x33, 0x37, 0x3b, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x63, 0x67, 0x6f, 0x73];
const ECALL = 0x73, RET = 0x8067;
/** auipc t0, 0; lw t1, 16(t0); sw t1, 20(t0); fence.i: the fifth word becomes the sixth. */
const SELF_MODIFYING = [0x0000_0297, 0x0102_a303, 0x0062_aa23, 0x0000_100f];

/** `count` words; most ways through them come back by an `ecall` or a return. */
export function instructions(dice: Dice, count: number): Uint8Array {
  const words = new Uint32Array(count + 2);
  const kind = dice.below(3);
  for (let i = 0; i < count; i++) words[i] = kind === 0 ? dice.word() : ((dice.word() & ~0x7f) | dice.pick(OPCODES)) >>> 0;
  if (kind === 2) words.set(SELF_MODIFYING, dice.below(Math.max(1, count - 4)));
  words[count] = dice.oneIn(2) ? ECALL : RET;
  words[count + 1] = RET;
  return new Uint8Array(words.buffer);
}
