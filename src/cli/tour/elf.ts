// The smallest ELF executable that holds an assembled program: the file header, one PT_LOAD segment over the whole file (elf(5)), the code.
import { assemble } from '../../machine/isa/asm/assemble.ts';

const BASE = 0x10000, EHDR = 64, PHDR = 56;
const ET_EXEC = 2, EM_RISCV = 243, EF_RISCV_FLOAT_ABI_DOUBLE = 4, PT_LOAD = 1, PF_RWX = 7;

/** Assembles `source` into a static executable; execution begins at the label `_start`. */
export function assembleElf(source: string): Uint8Array {
  const program = assemble(source, BASE + EHDR + PHDR);
  const start = program.symbols.get('_start');
  if (start === undefined) throw new Error('the program has no _start');
  const file = new Uint8Array(EHDR + PHDR + program.bytes.length);
  const v = new DataView(file.buffer);
  const u64 = (at: number, value: number) => v.setBigUint64(at, BigInt(value), true);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64 bits, little-endian, version 1
  v.setUint16(16, ET_EXEC, true); v.setUint16(18, EM_RISCV, true); v.setUint32(20, 1, true);
  u64(24, start); u64(32, EHDR);
  v.setUint32(48, EF_RISCV_FLOAT_ABI_DOUBLE, true);
  v.setUint16(52, EHDR, true); v.setUint16(54, PHDR, true); v.setUint16(56, 1, true);
  v.setUint32(EHDR, PT_LOAD, true); v.setUint32(EHDR + 4, PF_RWX, true);
  u64(EHDR + 16, BASE); u64(EHDR + 24, BASE); u64(EHDR + 32, file.length); u64(EHDR + 40, file.length); u64(EHDR + 48, 4096);
  file.set(program.bytes, EHDR + PHDR);
  return file;
}
