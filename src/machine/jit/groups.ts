// Accesses that share a check: those of a block off the same register with nothing written to it in between. The first of them translates the address for all.
// Over blocks nothing is shared: what is kept for it is not free, and the engine has few registers.
// They must lie side by side in RAM; where they often do not, each is checked by itself (Insn.isMisaligned of the first).
import { WIDTH_BYTES } from '../isa/ops.ts';
import { traitsOf } from '../isa/traits.ts';
import { writeOf } from './liveness.ts';
import type { Block, Insn } from './region.ts';

export interface Group {
  /** Number of the x register. */
  readonly base: number;
  /** The access in front of which all are checked. */
  readonly first: Insn;
  /** Bytes [min, max) from the base. */
  min: number;
  max: number;
  access: 'read' | 'write';
  size: number;
}

/** Bytes that a group may span: the more, the more often it does not lie in one page. */
const SPAN = 1024;

/** The groups of a region: of each access that is in one with others. */
export function groupsOf(blocks: readonly Block[]): ReadonlyMap<Insn, Group> {
  const all = new Map<Insn, Group>();
  for (const b of blocks) collect(b, all);
  for (const [insn, group] of all) if (group.size === 1 || group.first.isMisaligned) all.delete(insn);
  return all;
}

function collect(b: Block, all: Map<Insn, Group>): void {
  const open = new Map<number, Group>();
  for (const insn of b.insns) {
    const { memory, width } = traitsOf(insn.insn!), base = insn.rs1;
    if ((memory === 'load' || memory === 'store') && base !== 0) {
      const end = insn.imm + WIDTH_BYTES[width!], access = memory === 'store' ? 'write' : 'read', group = open.get(base);
      if (group !== undefined && Math.max(group.max, end) - Math.min(group.min, insn.imm) <= SPAN) {
        group.min = Math.min(group.min, insn.imm);
        group.max = Math.max(group.max, end);
        if (access === 'write') group.access = 'write';
        group.size++;
        all.set(insn, group);
      } else {
        const fresh: Group = { base, first: insn, min: insn.imm, max: end, access, size: 1 };
        open.set(base, fresh);
        all.set(insn, fresh);
      }
    }
    for (let x = writeOf(insn).x, r = 0; x !== 0; x >>>= 1, r++) if (x & 1) open.delete(r);
  }
}
