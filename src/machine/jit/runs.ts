// Innermost loops that walk through memory. Where a register is only ever moved by constants, its page can be looked up for many rounds at once: a copy of the
// loop, some rounds long, runs without looking as long as all such registers surely stay in the pages they are in and the budget lasts. A few rounds are done by the
// loop as it was, since many loops end soon; then, and when a page is used up, a block without instructions looks the pages up and says how long the copy may run:
// until the fuel has fallen to a number (known-pages.ts). What the copy computes for nobody but its leaver is computed by that (recompute.ts).
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

/** How a loop counts: `walker` moves by `stride` in a round, which is another one as long as it is not at `limit`, or beyond. */
export interface Count { readonly walker: number; readonly limit: number; readonly stride: number }

export interface Run {
  readonly bases: readonly RunBase[];
  /** Instructions of the shortest round, and of the rounds before a run. */
  readonly shortest: number;
  readonly patience: number;
  /** What tells in advance whether a run is worth it: then without patience, or with a lot of it. */
  readonly count: Count | null;
  /** Rounds of the copy, one behind the other, and instructions that they surely do not exceed. */
  readonly rounds: number;
  readonly most: number;
}

/** Rounds before a run: what a look-up of pages for many rounds costs, in rounds that do it themselves. */
const PATIENCE = 2;
/** Rounds to come, as a loop counts, that make a run worth its look-ups, and rounds before one where it is not so. */
export const WORTH_A_RUN = 6;
const MUCH_PATIENCE = 12;
/** Instructions of a loop that is worth a copy. */
const LONGEST = 100;
/** A run of more is long in coming, and the engine has few registers. */
const MOST_BASES = 4;
/** A register that moves further is soon in another page. */
const FARTHEST = 256;
/** A copy has several rounds, so that what moves from register to register does not move, and less is counted: at most so many, of so many instructions together. */
const MOST_ROUNDS = 4;
const LONGEST_COPY = 128;

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
    const shortest = shortestRound(loop), length = instructionsOf(loop), rounds = roundsOf(bases, length), count = countOf(loop);
    const enter = addCopy(all, loop, { bases, shortest, patience: shortest * (count === null ? PATIENCE : MUCH_PATIENCE), count, rounds, most: rounds * length });
    if (loop[0] === first) first = enter;
  }
  return all.length === g.order.length ? g : new Graph(first);
}

/** The blocks of the loop with header `h`, in reverse postorder; null: it has loops in it, or functions, or is too long. */
function innermost(g: Graph, h: number): readonly Block[] | null {
  const inside = g.loopOf(h);
  let instructions = 0;
  for (const i of inside) {
    instructions += g.order[i]!.insns.length;
    if (i !== h && g.isHeader[i] === 1 || instructions > LONGEST) return null;
  }
  const blocks = [...inside].toSorted((a, b) => a - b).map(i => g.order[i]!);
  return blocks.every(b => !b.isReturn && (b.end === 'fall' || b.end === 'branch' || b.end === 'jump')) ? blocks : null;
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

/** How the loop counts, if its last branch says so: not by what else may end it, nor whether it counts in each round. */
function countOf(loop: readonly Block[]): Count | null {
  const header = loop[0]!, last = loop.find(b => b.end === 'branch' && b.taken === header)?.insns.at(-1);
  if (last === undefined || last.insn!.name === 'beq') return null;
  for (const [walker, limit] of [[last.rs1, last.rs2], [last.rs2, last.rs1]] as const) {
    let stride = 0;
    for (const b of loop) {
      for (const insn of b.insns) {
        const bit = insn.writesX;
        if (bit === 1 << limit) return null;
        if (bit === 0 || bit !== 1 << walker) continue;
        stride = insn.insn!.name.startsWith('addi') && insn.rs1 === walker ? stride + insn.imm : NaN;
      }
    }
    if (stride !== 0 && !Number.isNaN(stride)) return { walker, limit, stride };
  }
  return null;
}

function instructionsOf(loop: readonly Block[]): number { return loop.reduce((sum, b) => sum + b.insns.length, 0); }

/** Rounds that a copy has: more where pages last longer. */
function roundsOf(bases: readonly RunBase[], length: number): number {
  const stride = Math.max(...bases.map(b => Math.abs(b.stride)));
  return Math.max(1, Math.min(MOST_ROUNDS, Math.floor(LONGEST_COPY / length), Math.floor(FARTHEST / stride)));
}

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
  const header = loop[0]!, enter = new Block(header.at), start = new Block(header.at), byRegister = new Map(run.bases.map(b => [b.register, b]));
  const others = [...all], rounds = Array.from({ length: run.rounds }, () => new Map(loop.map(b => [b, new Block(b.at)])));
  rounds.forEach((copies, k) => {
    const isLast = k === run.rounds - 1, following = rounds[isLast ? 0 : k + 1]!.get(header)!;
    const copyOf = (b: Block | null): Block | null => b === null ? null : b === header ? following : copies.get(b) ?? b;
    for (const [b, copy] of copies) {
      copy.insns.push(...b.insns.map(insn => copyInsn(insn, byRegister)));
      copy.end = b.end;
      copy.target = b.target;
      copy.after = b.after;
      copy.taken = copyOf(b.taken);
      copy.next = copyOf(b.next);
      copy.isCopy = true;
      if (loop.length === 1) {
        copy.charge = k === 0 ? b.insns.length * run.rounds : 0;
        copy.ahead = b.insns.length * (run.rounds - 1 - k);
      }
      if (isLast && (b.taken === header || b.next === header)) copy.restart = start;
      all.push(copy);
    }
  });
  start.end = 'run';
  start.run = run;
  start.after = header.at;
  start.taken = rounds[0]!.get(header)!;
  start.next = header;
  enter.end = 'enter';
  enter.run = run;
  enter.after = header.at;
  enter.next = run.count === null ? header : start;
  for (const b of others) {
    const to = loop.includes(b) ? start : enter;
    if (b.taken === header) b.taken = to;
    if (b.next === header) b.next = to;
  }
  return enter;
}

function copyInsn(insn: Insn, bases: ReadonlyMap<number, RunBase>): Insn {
  const copy = insn.copy();
  if (insn.facts.bytes !== 0) copy.base = bases.get(insn.rs1) ?? null;
  return copy;
}
