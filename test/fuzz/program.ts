// The guest that fuzzing runs: one page of code that makes system calls for ever. Which calls, the fuzzer decides at the `ecall` (fuzzer.ts), in the
// name of the task that makes it; for everything that is no call it sends the task to one of the places here.
import { elfOf } from '../kernel/machine.ts';

/** What a task can do beside calling: a0 is the address, a1 the value. In the order of the code. */
export const TOUCHES = ['load', 'store', 'byte', 'amo', 'reserve', 'float', 'fence', 'jump'] as const;
export type Touch = typeof TOUCHES[number];

const CODE: Readonly<Record<Touch, string>> = {
  load: 'ld t0, 0(a0)', store: 'sd a1, 0(a0)', byte: 'sb a1, 0(a0)', amo: 'amoadd.d t0, a1, (a0)', reserve: 'lr.d t0, (a0)\n sc.d t1, a1, (a0)',
  float: 'fld fa0, 0(a0)\n fadd.d fa0, fa0, fa0\n fsd fa0, 0(a0)', fence: 'fence.i', jump: 'jalr ra, 0(a0)',
};
const ENTRY = 0x10078, SPACING = 32;

/** Where the loop begins: also what signal handlers and new threads are sent to. */
export const LOOP = ENTRY;
/** One past the program's last instruction. */
export const END = ENTRY + SPACING * (TOUCHES.length + 1);
export const placeOf = (touch: Touch): number => ENTRY + SPACING * (TOUCHES.indexOf(touch) + 1);

const padded = (code: string): string => {
  const words = code.split('\n').length;
  return [code, 'j _start', ...new Array<string>(SPACING / 4 - words - 1).fill('nop')].join('\n');
};

export const program = (): Uint8Array => elfOf(['_start:', padded('ecall'), ...TOUCHES.map(t => padded(CODE[t]))].join('\n'));
