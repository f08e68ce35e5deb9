// Accesses that share a check: those of a block off the same register with nothing written to it in between. One translation serves all of them if they lie
// in one page; if they do not, a second version of the block checks each by itself.
import { WIDTH_BYTES } from '../isa/ops.ts';
import { traitsOf } from '../isa/traits.ts';
import { writeOf } from './liveness.ts';
import type { Block, Insn } from './region.ts';

export interface Group {
  /** Number of the x register. */
  readonly base: number;
  /** Bytes [min, max) from the base. */
  min: number;
  max: number;
  access: 'read' | 'write';
  readonly members: Set<Insn>;
}

/** The groups of a block and the instruction in front of which they are checked; null if it is not worth it. */
export interface Grouping { readonly from: number; readonly groups: readonly Group[] }

/** Accesses that a group must save to be worth its check, and those that must be saved in all to be worth a second version. */
const SMALLEST = 2, WORTH = 3;

export function group(b: Block): Grouping | null {
  const best = largest(b);
  if (best === null) return null;
  const from = b.insns.findIndex(i => best.members.has(i));
  const groups = collect(b, from).filter(g => g.members.size >= SMALLEST);
  const saved = groups.reduce((n, g) => n + g.members.size - 1, 0);
  return saved >= WORTH ? { from, groups } : null;
}

/** The largest group that could be made anywhere in the block. */
function largest(b: Block): Group | null {
  let best: Group | null = null;
  b.insns.forEach((insn, i) => {
    // A new group can begin where a base is defined, or with the block.
    if (i > 0 && writeOf(b.insns[i - 1]!).x === 0) return;
    for (const g of collect(b, i)) if (best === null || g.members.size > best.members.size) best = g;
  });
  return best;
}

/** Groups by base of the accesses from instruction `from` on, up to where the base changes. */
function collect(b: Block, from: number): Group[] {
  const open = new Map<number, Group>(), closed = new Set<number>();
  for (let i = from; i < b.insns.length; i++) {
    const insn = b.insns[i]!, { memory, width } = traitsOf(insn.insn!);
    if ((memory === 'load' || memory === 'store') && insn.rs1 !== 0 && !closed.has(insn.rs1)) {
      const end = insn.imm + WIDTH_BYTES[width!], access = memory === 'store' ? 'write' : 'read';
      const g = open.get(insn.rs1);
      if (g === undefined) open.set(insn.rs1, { base: insn.rs1, min: insn.imm, max: end, access, members: new Set([insn]) });
      else if (Math.max(g.max, end) - Math.min(g.min, insn.imm) <= 2048) {
        g.min = Math.min(g.min, insn.imm);
        g.max = Math.max(g.max, end);
        if (access === 'write') g.access = 'write';
        g.members.add(insn);
      }
    }
    for (let x = writeOf(insn).x, r = 0; x !== 0; x >>>= 1, r++) if (x & 1) closed.add(r);
  }
  return [...open.values()];
}
