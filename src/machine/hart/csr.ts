// The CSRs that user mode reaches: floating-point status ("F Extension": fflags, frm, fcsr) and the counters ("Zicntr": cycle, time, instret). Reads and writes
// as in chapter "Zicsr": csrrs and csrrc with x0 do not write, and writing a read-only CSR is illegal.
import type { Decoded } from '../isa/decode.ts';
import { type Clock, CTX_FCSR, CTX_X, type Ram } from '../machine.ts';

export const CSR_FFLAGS = 1, CSR_FRM = 2, CSR_FCSR = 3;
const CYCLE = 0xc00, TIME = 0xc01, INSTRET = 0xc02;

/** The timebase-frequency of the device tree: 10 MHz. */
export const TIMEBASE_NS = 100;

/** Executes a Zicsr row on the context at `base`. False: illegal instruction. */
export function executeCsr(ram: Ram, base: number, d: Decoded, instret: number, clock: Clock): boolean {
  const { name } = d.insn!;
  const writes = name.startsWith('csrrw') || d.rs1 !== 0;
  const at = base + CTX_FCSR >>> 2;
  const fcsr = ram.u32[at]!;
  let old: number;
  switch (d.imm) {
    case CSR_FFLAGS: old = fcsr & 31; break;
    case CSR_FRM: old = fcsr >>> 5 & 7; break;
    case CSR_FCSR: old = fcsr & 255; break;
    case CYCLE: case INSTRET: old = instret; break;
    case TIME: old = Math.floor(clock.monotonicNs() / TIMEBASE_NS); break;
    default: return false;
  }
  if (writes) {
    if (d.imm >= CYCLE) return false;
    const source = name.endsWith('i') ? d.rs1 : ram.u32[base + CTX_X + d.rs1 * 8 >>> 2]!;
    const value = name.startsWith('csrrw') ? source : name.startsWith('csrrs') ? old | source : old & ~source;
    ram.u32[at] = d.imm === CSR_FFLAGS ? fcsr & ~31 | value & 31 : d.imm === CSR_FRM ? fcsr & 31 | (value & 7) << 5 : value & 255;
  }
  writeX(ram, base, d.rd, old);
  return true;
}

function writeX(ram: Ram, base: number, rd: number, value: number): void {
  if (rd === 0) return;
  const at = base + CTX_X + rd * 8 >>> 2;
  ram.u32[at] = value;
  ram.u32[at + 1] = Math.floor(value / 2 ** 32);
}
