// Accesses that share a check: those off the same register with nothing written to it in between. The first of them translates the address for all; where every way
// to others comes from such checks, those need none either (webs.ts).
// They must lie side by side in RAM; where they often do not, each is checked by itself (Insn.isMisaligned of the first).
import type { Graph } from './graph.ts';
import type { Insn } from './insn.ts';
import { Webs } from './webs.ts';

/** Accesses of one block. */
export interface Group {
  /** Number of the x register. */
  readonly base: number;
  readonly first: Insn;
  /** Bytes [min, max) from the base that a check covers: those of all groups of its web. */
  min: number;
  max: number;
  access: 'read' | 'write';
  /** Accesses of the web. */
  size: number;
  /** Nothing in its block writes to the base in front of it; behind it. */
  readonly isExposed: boolean;
  reachesEnd: boolean;
  /** On every way to it its bytes have been checked. */
  isKnown: boolean;
}

/** Bytes that a group may span: the more, the more often it does not lie in one page. */
export const SPAN = 1024;

/** Finds the groups of a region: each access knows the one that it is in with others, each instruction whether it may leave. */
export function findGroups(g: Graph): Webs {
  const open = new Array<Group | null>(32).fill(null), webs = new Webs(g, g.order.map(b => groupsOf(b.insns, open)));
  for (const { insns } of g.order) {
    for (let i = 0; i < insns.length; i++) {
      const insn = insns[i]!, { group } = insn;
      if (!insn.facts.leaves) continue;
      if (group !== null && (group.size === 1 || !group.isKnown && group.first.isMisaligned)) insn.group = null;
      insn.mayLeave = insn.base === null && (insn.group === null || insn.group.first === insn && !insn.group.isKnown);
    }
  }
  return webs;
}

/** The groups of a block. `open`: by base register, those that nothing was written to since; all null. */
function groupsOf(insns: readonly Insn[], open: (Group | null)[]): Group[] {
  const groups: Group[] = [];
  let used = 0;
  for (let i = 0; i < insns.length; i++) {
    const insn = insns[i]!, { bytes } = insn.facts, base = insn.rs1;
    insn.group = null;
    if (bytes !== 0 && base !== 0 && insn.base === null) {
      const end = insn.imm + bytes, access = insn.facts.memory === 'store' ? 'write' : 'read', before = open[base]!;
      if (before !== null && Math.max(before.max, end) - Math.min(before.min, insn.imm) <= SPAN) {
        before.min = Math.min(before.min, insn.imm);
        before.max = Math.max(before.max, end);
        if (access === 'write') before.access = 'write';
        before.size++;
        insn.group = before;
      } else {
        if (before !== null) before.reachesEnd = false;
        groups.push(insn.group = open[base] = { base, first: insn, min: insn.imm, max: end, access, size: 1, isExposed: (used >>> base & 1) === 0, reachesEnd: true, isKnown: false });
      }
      used |= 1 << base;
    }
    if (insn.writesX === 0) continue;
    // An instruction writes one register.
    used |= insn.writesX;
    const closed = open[insn.rd]!;
    if (closed === null) continue;
    closed.reachesEnd = false;
    open[insn.rd] = null;
  }
  for (let k = 0; k < groups.length; k++) open[groups[k]!.base] = null;
  return groups;
}
