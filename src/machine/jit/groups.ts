// Accesses that share a check: those of a block off the same register with nothing written to it in between. The first of them translates the address for all.
// Over blocks nothing is shared: what is kept for it is not free, and the engine has few registers.
// They must lie side by side in RAM; where they often do not, each is checked by itself (Insn.isMisaligned of the first).
import type { Insn } from './insn.ts';
import type { Block } from './region.ts';

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

/** Finds the groups of a region: each access knows the one that it is in with others, each instruction whether it may leave. */
export function findGroups(blocks: readonly Block[]): void {
  const open = new Map<number, Group>();
  for (const b of blocks) {
    open.clear();
    for (let i = 0; i < b.insns.length; i++) join(b.insns[i]!, open);
  }
  for (const b of blocks) {
    for (let i = 0; i < b.insns.length; i++) {
      const insn = b.insns[i]!;
      if (!insn.facts.leaves) continue;
      if (insn.group !== null && (insn.group.size === 1 || insn.group.first.isMisaligned)) insn.group = null;
      insn.mayLeave = insn.base === null && (insn.group === null || insn.group.first === insn);
    }
  }
}

/** `open`: groups by base register that nothing was written to since. */
function join(insn: Insn, open: Map<number, Group>): void {
  const { bytes } = insn.facts, base = insn.rs1;
  insn.group = null;
  if (bytes !== 0 && base !== 0 && insn.base === null) {
    const end = insn.imm + bytes, access = insn.facts.memory === 'store' ? 'write' : 'read';
    let group = open.get(base);
    if (group !== undefined && Math.max(group.max, end) - Math.min(group.min, insn.imm) <= SPAN) {
      group.min = Math.min(group.min, insn.imm);
      group.max = Math.max(group.max, end);
      if (access === 'write') group.access = 'write';
      group.size++;
    } else {
      open.set(base, group = { base, first: insn, min: insn.imm, max: end, access, size: 1 });
    }
    insn.group = group;
  }
  // An instruction writes one register.
  if (insn.writesX !== 0 && open.size > 0) open.delete(insn.rd);
}
