// An instruction of a region: as decoded, where it is, which registers it touches, and what the analyses have found out in front of it.
import { Decoded } from '../isa/decode.ts';
import type { Instruction } from '../isa/table.ts';
import { factsOf, type RowFacts } from './facts.ts';
import type { Group } from './groups.ts';
import type { RunBase } from './runs.ts';

export class Insn extends Decoded {
  readonly at: number;
  facts!: RowFacts;
  /** A block begins with it. */
  leads = false;
  /** Its memory access is often misaligned. */
  isMisaligned = false;
  /** It loads from an address that has just been loaded (chases.ts). */
  isChased = false;
  /** Sets of registers, bit i for register i: x0 is never in one. */
  readsX = 0;
  readsF = 0;
  writesX = 0;
  writesF = 0;
  /** Accesses that share its check (groups.ts), and whether it is the one that checks. */
  group: Group | null = null;
  /** Its page is known, for as long as the run lasts (runs.ts). */
  base: RunBase | null = null;
  /** It may hand over to the hart: what another one's check or a run covers does not. */
  mayLeave = false;
  /** x registers that are narrow in front of it (widths.ts). */
  narrow = 0;
  /** What an exit from it stores (exits.ts). */
  exit = 0;

  constructor(at: number) {
    super();
    this.at = at;
  }

  /** Decoded as `row`. */
  describe(row: Instruction): void {
    const f = this.facts = factsOf(row), rd = 1 << this.rd, rs1 = 1 << this.rs1, rs2 = 1 << this.rs2;
    this.writesX = rd & f.rdX & ~1;
    this.writesF = rd & f.rdF;
    this.readsX = (rs1 & f.rs1X | rs2 & f.rs2X) & ~1;
    this.readsF = rs1 & f.rs1F | rs2 & f.rs2F | 1 << this.rs3 & f.rs3F;
  }

  copy(): Insn { return Object.assign(new Insn(this.at), this); }
}
