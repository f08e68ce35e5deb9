// Call frames of code without call frame information, read off its instructions: compilers move sp down, store ra and the s registers, and undo it at the end.
// From a function's start to an address: how far has sp come down, and what has been stored? Wrong for frames of variable size, which are recognised.
import type { FrameRule } from './call-frames.ts';

const RA = 1, SP = 2;
const RET = 0x8082;

/** Fills `rule` for the instruction at `end` of a function that begins at `at` (indices in `code`). False where sp changes by more than constants. */
export function ruleFromCode(code: DataView, at: number, end: number, rule: FrameRule): boolean {
  rule.reset();
  let depth = 0, deepest = 0;
  while (at < end && at + 4 <= code.byteLength) {
    const low = code.getUint16(at, true), short = (low & 3) !== 3, insn = short ? low : code.getInt32(at, true);
    at += short ? 2 : 4;
    const moved = short ? shortMove(insn) : longMove(insn);
    if (Number.isNaN(moved)) return false;
    depth = Math.max(0, depth - moved);
    deepest = Math.max(deepest, depth);
    const stored = short ? shortStore(insn) : longStore(insn);
    if (stored !== null && !rule.isSaved(stored.register)) rule.saved[stored.register] = stored.offset - depth;
    // What follows an epilogue is reached from elsewhere, with the frame in place.
    if (leaves(insn, short)) depth = deepest;
  }
  rule.cfaOffset = depth;
  // Before the prologue and behind the epilogue ra is in its register.
  if (depth === 0) rule.reset();
  return true;
}

/** How the instruction moves sp: 0 not at all, NaN by an amount that is not in it. */
function longMove(i: number): number {
  if ((i >>> 7 & 31) !== SP) return 0;
  const opcode = i & 127;
  if (opcode === 0x13 && (i >>> 12 & 7) === 0 && (i >>> 15 & 31) === SP) return i >> 20;
  return opcode === 0x33 || opcode === 0x13 ? NaN : 0;
}

function shortMove(i: number): number {
  if ((i >>> 7 & 31) !== SP) return 0;
  const kind = i & 0xe003;
  if (kind === 0x0001) return (i >> 2 & 31) - (i >> 7 & 32);                                                                       // c.addi
  if (kind === 0x6001) return (i >> 2 & 16) + (i << 3 & 32) + (i << 1 & 64) + (i << 4 & 0x180) - (i >> 3 & 0x200);              // c.addi16sp
  return (i & 0xf003) === 0x9002 && (i >> 2 & 31) !== 0 ? NaN : 0;                                                                 // c.add
}

/** sd of ra or an s register to the stack. */
function longStore(i: number): { register: number; offset: number } | null {
  return (i & 0x707f) === 0x3023 && (i >>> 15 & 31) === SP && isPreserved(i >>> 20 & 31) ? { register: i >>> 20 & 31, offset: (i >> 25) * 32 + (i >>> 7 & 31) } : null;
}

function shortStore(i: number): { register: number; offset: number } | null {
  return (i & 0xe003) === 0xe002 && isPreserved(i >> 2 & 31) ? { register: i >> 2 & 31, offset: (i >> 7 & 0x38) + (i >> 1 & 0x1c0) } : null;
}

const isPreserved = (r: number): boolean => r === RA || r === 8 || r === 9 || (r >= 18 && r <= 27);

/** Does not go on behind it: ret, jumps that link nothing. */
function leaves(i: number, short: boolean): boolean {
  if (short) return i === RET || (i & 0xe003) === 0xa001 || (i & 0xf07f) === 0x8002;
  return (i & 0xfff) === 0x06f || (i & 0xfff) === 0x067;
}
