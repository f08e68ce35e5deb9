// Loads and stores whose bytes lie in two pages, byte by byte, after both pages have been checked. User mode may expect them to work (the profiles' Zicclsm).
import { CTX_F, CTX_X, type Ram } from '../machine.ts';
import type { Decoded } from '../isa/decode.ts';
import { WIDTH_BYTES } from '../isa/ops.ts';
import { traitsOf } from '../isa/traits.ts';

/** Executes the load or store `d` whose first bytes are at `first`, up to the end of that frame, and the others from `second` on. */
export function accessAcrossPages(ram: Ram, base: number, d: Decoded, first: number, second: number): void {
  const { u8 } = ram;
  const { memory, width, usesF, writesFrd } = traitsOf(d.insn!);
  const size = WIDTH_BYTES[width!], inFirst = 4096 - (first & 4095);
  const register = base + (usesF ? CTX_F : CTX_X) + 8 * (memory === 'store' ? d.rs2 : d.rd);
  if (memory === 'store') {
    for (let i = 0; i < size; i++) u8[i < inFirst ? first + i : second + i - inFirst] = u8[register + i]!;
    return;
  }
  if (d.rd === 0 && !usesF) return;
  for (let i = 0; i < size; i++) u8[register + i] = u8[i < inFirst ? first + i : second + i - inFirst]!;
  // Sign or zero extension; a single in an f register carries ones above it.
  const isNegative = u8[register + size - 1]! > 127 && width![0] === 'i';
  u8.fill(writesFrd || isNegative ? 255 : 0, register + size, register + 8);
}
