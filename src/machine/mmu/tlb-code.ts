// The look-up of an address in the software TLB (tlb.ts) as WebAssembly, for the interpreter and for translated code.
import type { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';

interface Tables { readonly ramSize: number; readonly tlbEntries: number }

/**
 * Locals for an address, the TLB, the address translated; where its entry is, if that is wanted; and one for an entry that this one probably equals, such as that of the last
 * look-up: entries are distances, the same for pages that lie side by side in RAM too. The processor need not wait for the entry then, only compare it.
 */
export interface Probe { readonly addr: number; readonly tlb: number; readonly translated: number; readonly entry?: number; readonly guess?: Guess | undefined }
export interface Guess { readonly entry: number; readonly found: number }

/** Pops an address, pushes it plus the entry of its page: the host address, or something out of range. Keeps both. `table`: 0, or where the write entries begin. */
export function probeTlb(c: Code, { tlbEntries }: Tables, at: Probe, table: number): void {
  c.tee(at.addr);
  c.get(at.addr); c.op(w.i32_wrap_i64); c.i32Const(9); c.op(w.i32_shr_u); c.i32Const((tlbEntries - 1) * 8); c.op(w.i32_and);
  c.get(at.tlb); c.op(w.i32_add);
  if (at.entry !== undefined) c.tee(at.entry);
  c.mem(w.i64_load, 3, table);
  if (at.guess !== undefined) {
    const { entry, found } = at.guess;
    c.tee(found); c.get(entry); c.op(w.i64_ne);
    c.open(w.if_);
    c.get(found); c.set(entry);
    c.end();
    c.get(entry);
  }
  c.op(w.i64_add); c.tee(at.translated);
}

/** Pops what `probeTlb` pushed; condition: tag, permission or alignment do not fit. The rotation brings misaligned low bits to the top. */
export function isOutOfRange(c: Code, { ramSize }: Tables, bytes: number): void {
  const shift = Math.log2(bytes);
  if (shift > 0) { c.i64Const(shift); c.op(w.i64_rotr); }
  c.i64Const(ramSize / bytes | 0, 0); c.op(w.i64_ge_u);
}

/** Condition, behind `probeTlb` with a valid entry: the next page is not there, or not next to it in RAM (tlb.ts). */
export function isAlone(c: Code, at: Probe & { readonly entry: number }, table: number): void {
  c.get(at.entry); c.mem(w.i64_load, 3, table + 8);
  c.get(at.translated); c.get(at.addr); c.op(w.i64_sub);
  c.op(w.i64_ne);
}
