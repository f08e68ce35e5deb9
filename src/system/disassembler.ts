// The machine's disassembler as the kernel's oops reports want it.
import { Disassembler } from '../kernel/entry/oops.ts';
import { disassemble } from '../machine/isa/disassemble.ts';

export class MachineDisassembler extends Disassembler {
  line(bytes: Uint8Array, at: number, pc: number): { text: string; length: number } {
    const half = bytes[at]! | (bytes[at + 1]! << 8);
    const length = (half & 3) === 3 ? 4 : 2;
    const word = length === 2 ? half : (half | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
    return { text: disassemble(word, pc), length };
  }
}
