// Innermost loops that walk through memory. Where a register is only ever moved by constants, its page can be looked up for many rounds at once: a copy of the
// loop runs without looking as long as all such registers surely stay in the pages they are in. A few rounds are done by the loop as it was, since many loops end
// soon; then, and when a page is used up, a block without instructions looks the pages up and says how long the copy may run: until the fuel has fallen to a
// number (known-pages.ts).
import { Graph } from './graph.ts';
import type { Insn } from './insn.ts';
import { Block } from './region.ts';

/** A register that is a run's business. Bytes [low, high) from it are what one round may touch, [min, …) what an access names. */
export interface RunBase {
  /** Number of the x register. */
  readonly register: number;
  access: 'read' | 'write';
  min: number;
  low: number;
  high: number;
  /** What a round adds at most; less than 0: what it takes away. */
  readonly stride: number;
}

export interface Run {
  readonly bases: readonly RunBase[];
  /** Instructions of the shortest round, and of the rounds before a run. */
  readonly shortest: number;
  readonly patience: number;
}

/** Rounds before a run: what a look-up of pages for many rounds costs, in rounds that do it themselves. */
const PATIENCE = 2;
/** Instructions of a loop that is worth a copy. */
const LONGEST = 100;
/** A run of more is long in coming, and the engine has few registers. */
const MOST_BASES = 4;
/** A register that moves further is soon in another page. */
const FARTHEST = 256;

/** The graph of the region that begins at `entry`, once its innermost loops have their copies. */
export function addRuns(entry: Block): Graph {
  const g = new Graph(entry);
  if (!g.isReducible || g.order.some(b => b.end === 'dispatch')) return g;
  const all = [...g.order];
  let first = entry;
  for (let h = g.order.length - 1; h >= 0; h--) {
    const loop = g.isHeader[h] === 1 ? innermost(g, h) : null;
    if (loop === null) continue;
    const bases = basesOf(loop);
    if (bases.length === 0 || bases.length > MOST_BASES) continue;
    const shortest = shortestRound(loop), enter = addCopy(all, loop, { bases, shortest, patience: shortest * PATIENCE });
    if (loop[0] === first) first = enter;
  }
  return all.length === g.order.length ? g : new Graph(first);
}

/** The blocks of the loop with header `h`, in reverse postorder; null: it has loops in it, or calls, or is too long. */
function innermost(g: Graph, h: number): readonly Block[] | null {
  const inside = new Set([h]), work = g.preds[h]!.filter(p => p >= h);
  let instructions = g.order[h]!.insns.length;
  if (instructions > LONGEST) return null;
  for (let p = work.pop(); p !== undefined; p = work.pop()) {
    if (inside.has(p)) continue;
    inside.add(p);
    instructions += g.order[p]!.insns.length;
    if (g.isHeader[p] === 1 || instructions > LONGEST) return null;
    work.push(...g.preds[p]!);
  }
  const blocks = [...inside].toSorted((a, b) => a - b).map(i => g.order[i]!);
  return blocks.every(b => b.end === 'fall' || b.end === 'branch' || b.end === 'jump') ? blocks : null;
}

function basesOf(loop: readonly Block[]): readonly RunBase[] {
  const up = new Int32Array(32), down = new Int32Array(32), bases = new Map<number, RunBase>();
  let unknown = 1;
  for (const b of loop) {
    for (const insn of b.insns) {
      if (insn.writesX === 0) continue;
      if (insn.insn!.name !== 'addi' || insn.rs1 !== insn.rd) unknown |= insn.writesX;
      else if (insn.imm > 0) up[insn.rd]! += insn.imm;
      else down[insn.rd]! += insn.imm;
    }
  }
  for (const insn of accesses(loop)) {
    const { bytes } = insn.facts, register = insn.rs1, u = up[register]!, d = down[register]!;
    if (unknown >>> register & 1 || u !== 0 && d !== 0 || u > FARTHEST || d < -FARTHEST) continue;
    let base = bases.get(register);
    if (base === undefined) bases.set(register, base = { register, access: 'read', min: insn.imm, low: insn.imm + d, high: insn.imm + bytes + u, stride: u + d });
    base.min = Math.min(base.min, insn.imm);
    base.low = Math.min(base.low, insn.imm + d);
    base.high = Math.max(base.high, insn.imm + bytes + u);
    if (insn.facts.memory === 'store') base.access = 'write';
  }
  return [...bases.values()].filter(b => b.high - b.low <= 2048);
}

/** Loads and stores. */
function accesses(loop: readonly Block[]): Insn[] { return loop.flatMap(b => b.insns.filter(i => i.facts.bytes !== 0)); }

/** Instructions of the shortest way through the loop and back. */
function shortestRound(loop: readonly Block[]): number {
  const header = loop[0]!, until = new Map<Block, number>([[header, header.insns.length]]);
  let shortest = Infinity;
  for (const b of loop) {
    const done = until.get(b)!;
    for (const s of [b.next, b.taken]) {
      if (s === header) shortest = Math.min(shortest, done);
      else if (s !== null && loop.includes(s)) until.set(s, Math.min(until.get(s) ?? Infinity, done + s.insns.length));
    }
  }
  return shortest;
}

/** `all`: the region's blocks. Answers the one in front of the loop. */
function addCopy(all: Block[], loop: readonly Block[], run: Run): Block {
  const header = loop[0]!, enter = new Block(header.at), start = new Block(header.at), copies = new Map(loop.map(b => [b, new Block(b.at)])), byRegister = new Map(run.bases.map(b => [b.register, b]));
  const copyOf = (b: Block | null): Block | null => b === null ? null : copies.get(b) ?? b;
  for (const [b, copy] of copies) {
    copy.insns.push(...b.insns.map(insn => copyInsn(insn, byRegister)));
    copy.end = b.end;
    copy.target = b.target;
    copy.after = b.after;
    copy.taken = copyOf(b.taken);
    copy.next = copyOf(b.next);
    if (b.taken === header || b.next === header) copy.restart = start;
  }
  start.end = 'run';
  start.run = run;
  start.after = header.at;
  start.taken = copies.get(header)!;
  start.next = header;
  enter.end = 'enter';
  enter.run = run;
  enter.after = header.at;
  enter.next = header;
  for (const b of all) {
    const to = loop.includes(b) ? start : enter;
    if (b.taken === header) b.taken = to;
    if (b.next === header) b.next = to;
  }
  all.push(...copies.values());
  return enter;
}

function copyInsn(insn: Insn, bases: ReadonlyMap<number, RunBase>): Insn {
  const copy = insn.copy();
  if (insn.facts.bytes !== 0) copy.base = bases.get(insn.rs1) ?? null;
  return copy;
}
