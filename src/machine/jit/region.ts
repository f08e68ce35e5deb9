// What is translated together: the blocks reachable from a hot entry, in its page and those around it. All offsets are relative to the entry's page, so that one
// translation serves every virtual address and process that maps the frames side by side; where control comes to another page that is checked (function.ts).
import { RM_DYN } from '../isa/registers.ts';
import { decode } from '../isa/decode.ts';
import { CSR_FCSR, CSR_FFLAGS } from '../hart/csr.ts';
import type { RamImpl } from '../ram.ts';
import type { Run } from './runs.ts';
import { ANCHOR_PAGES } from './anchors.ts';
import { Insn } from './insn.ts';

/**
 * How a block ends: falling into the next one; a conditional branch; a jump; a call; a return or another computed jump; a system call behind it;
 * `stop`, in front of an instruction that the hart executes; `dispatch`, a block without instructions that all computed jumps with known targets go to: it
 * keeps the graph reducible where each of them goes to any target, as in a threaded interpreter; `enter` and `run`, blocks without
 * instructions: in front of a loop (`next`) with a copy, and where it goes to the copy (`taken`), or to the loop if that cannot run now (runs.ts); `guess`: a computed call
 * that goes to `taken`, or else to a block that calls (inline.ts).
 */
export type End = 'fall' | 'branch' | 'jump' | 'call' | 'return' | 'indirect' | 'ecall' | 'stop' | 'dispatch' | 'enter' | 'run' | 'guess';

export class Block {
  readonly at: number;
  readonly insns: Insn[] = [];
  /** Its number in the graph's order. */
  index = -1;
  end: End = 'fall';
  /** Offset of a branch, jump or call. */
  target = 0;
  /** Offset behind the last instruction. */
  after: number;
  /** Blocks of the region at `target` (not of a call) and `after`, or null. */
  taken: Block | null = null;
  next: Block | null = null;
  /** Where the last block of a loop's copy goes when the run is over, instead of to the copy's header. */
  restart: Block | null = null;
  run: Run | null = null;
  /** Of a loop's copy: what it does is within the budget. */
  isCopy = false;
  /** Instructions that its beginning pays for, if not its own: a copy's first round those of all. Its end has paid for so many that are behind it. */
  charge: number | undefined;
  ahead = 0;
  /** Its last instruction returns from a function that is a part of the region: a jump behind the call. */
  isReturn = false;
  /** Where a dispatch is known to go. */
  targets: readonly Block[] = [];
  constructor(at: number) { this.at = this.after = at; }

  /** The pages that the block's instructions lie in: one, or two for an instruction that straddles. A dispatch has none: NaN. */
  get firstPage(): number { return Math.floor(this.at / 4096); }
  get lastPage(): number { return Math.floor(Math.max(this.at, this.after - 1) / 4096); }

  /** Its jump is due no budget test: within the page, and no loop without another test. */
  get goesForward(): boolean {
    const last = this.insns.at(-1)!;
    return last.imm > 0 && this.target >> 12 === last.at >> 12;
  }
}

/** The memory around a region's entry. */
export interface Surroundings {
  readonly ram: RamImpl;
  /** Frame of the page that is `page` pages beyond the entry's, or -1. */
  frameOf(page: number): number;
  /** Whether the code at an offset has ever been run: what has not is left out. */
  hasRun(at: number): boolean;
}

export interface Wanted {
  /** At most so many instructions. */
  readonly limit: number;
  /** Offsets that the region's computed jumps have been seen to go to. */
  readonly targets?: readonly number[];
  /** Another region begins at an offset, which is not to be part of this one. */
  readonly isElsewhere?: (at: number) => boolean;
}

export interface Region {
  readonly entry: number;
  /** The entry's block is the first. */
  readonly blocks: readonly Block[];
  readonly instructions: number;
  /** Pages with instructions, as distances from the entry's. */
  readonly pages: readonly number[];
  /** It goes round: whoever enters it stays for a while. */
  readonly isLoop: boolean;
}

/** straight: no loop; small: a loop that larger ones around it leave alone. What calls in each round has not much of the engine's registers anyway. */
export type RegionShape = 'straight' | 'loop' | 'small';

/** A loop of more instructions leaves out the translated ones in it: the engine gives those all its registers. */
export const LARGE_LOOP = 100;

/** Regions reach so many pages to either side: an offset fits in 18 bits (region-ops.ts). */
export const REACH = 30;

/** Finds the region of the entry at `offset` from page 0 on. Null: its first instruction cannot be translated. */
export function discover(around: Surroundings, offset: number, wanted: Wanted): Region | null { return new Discovery(around, offset, wanted).find(); }

class Discovery {
  readonly #around: Surroundings;
  readonly #entry: number;
  readonly #limit: number;
  readonly #targets: readonly number[];
  readonly #isElsewhere: ((at: number) => boolean) | undefined;
  readonly #frames = new Map<number, number>();
  /** By offset; those without facts are for the hart: illegal, system, unusual rounding. */
  readonly #code = new Map<number, Insn>();
  /** Instructions one behind the other; each run begins with a block, and ends where control or the region does. */
  readonly #runs: Insn[][] = [];
  /** Where blocks begin. */
  readonly #work: number[];
  /** The page at hand. */
  #page = NaN;
  #pfn = -1;

  constructor(around: Surroundings, entry: number, { limit, targets = [], isElsewhere }: Wanted) {
    this.#around = around;
    this.#entry = entry;
    this.#limit = limit;
    this.#targets = targets;
    this.#isElsewhere = isElsewhere;
    this.#work = [entry];
  }

  find(): Region | null {
    for (let i = 0; i < this.#work.length; i++) {
      const run: Insn[] = [];
      this.#follow(this.#work[i]!, run);
      if (run.length > 0) this.#runs.push(run);
    }
    const first = this.#code.get(this.#entry);
    if (first === undefined || first.insn === null && !this.#isEcall(this.#entry) || first.insn !== null && straddles(first)) return null;
    return this.#divide();
  }

  /** Straight on from `start` to where control may go elsewhere. */
  #follow(start: number, run: Insn[]): void {
    for (let at = start; ;) {
      const known = this.#code.get(at);
      // Led to, or another way of reading the same bytes.
      if (known !== undefined) { known.leads = true; return; }
      if (this.#code.size >= this.#limit || !this.#turnTo(at >> 12) || at !== this.#entry && this.#isElsewhere?.(at) === true) return;
      const insn = new Insn(at);
      const isKnown = this.#fetch(insn);
      this.#code.set(at, insn);
      run.push(insn);
      if (!isKnown) {
        insn.insn = null;
        if (this.#isEcall(at)) this.#lead(at + 4);
        return;
      }
      at += insn.length;
      // Another page begins with a block, and an instruction that straddles is one.
      if (straddles(insn)) insn.leads = true;
      if (insn.facts.control !== 'none') { this.#leadOn(insn, at); return; }
      if (insn.leads || (at & 4095) === 0) { this.#lead(at); return; }
    }
  }

  /** Where control goes from `insn`. */
  #leadOn(insn: Insn, after: number): void {
    const end = endOf(insn), target = insn.at + insn.imm;
    if ((end === 'branch' || end === 'jump') && this.#turnTo(target >> 12) && this.#around.hasRun(target)) this.#lead(target);
    if (end === 'branch' || end === 'call') this.#lead(after);
    if (end === 'indirect') for (const t of this.#targets) this.#lead(t);
  }

  #lead(at: number): void {
    const known = this.#code.get(at);
    if (known === undefined) this.#work.push(at);
    else known.leads = true;
  }

  /** Makes a page the one at hand; false if it cannot be had. */
  #turnTo(page: number): boolean {
    if (page !== this.#page) {
      this.#page = page;
      this.#pfn = this.#frameOf(page);
    }
    return this.#pfn >= 0;
  }

  #frameOf(page: number): number {
    if (page < -REACH || page > REACH) return -1;
    let pfn = this.#frames.get(page);
    if (pfn === undefined) this.#frames.set(page, pfn = this.#frames.size < ANCHOR_PAGES ? this.#around.frameOf(page) : -1);
    return pfn;
  }

  /** The halfword at `at`; -1 if its page cannot be had. */
  #half(at: number): number {
    const pfn = this.#frameOf(at >> 12);
    return pfn < 0 ? -1 : this.#around.ram.u16[pfn * 2048 + ((at & 4095) >>> 1)]!;
  }

  #isEcall(at: number): boolean { return (at & 4095) <= 4092 && this.#half(at) === 0x73 && this.#half(at + 2) === 0; }

  /** Decodes an instruction of the page at hand. False: the hart must execute it. */
  #fetch(insn: Insn): boolean {
    const { u16 } = this.#around.ram, place = this.#pfn * 2048 + ((insn.at & 4095) >>> 1), half = u16[place]!;
    const upper = (half & 3) !== 3 ? 0 : (insn.at & 4095) === 4094 ? this.#half(insn.at + 2) : u16[place + 1]!;
    if (upper < 0 || !decode(half | upper << 16, insn)) return false;
    insn.describe(insn.insn!);
    const { system, rounding } = insn.facts;
    if (system !== null && !(system === 'csr' && isStatus(insn))) return false;
    if (rounding === 0) return true;
    return rounding === 'any' ? insn.rm !== 5 && insn.rm !== 6 : insn.rm === 0 || insn.rm === RM_DYN;
  }

  #divide(): Region {
    const blocks = new Map<number, Block>(), pages = new Set<number>();
    for (const run of this.#runs) this.#cut(run, blocks);
    for (const b of blocks.values()) {
      if (b.end === 'branch' || b.end === 'jump') b.taken = blocks.get(b.target) ?? null;
      if (b.end === 'ecall') b.next = blocks.get(b.after + 4) ?? null;
      if (b.end === 'branch' || b.end === 'call' || b.end === 'fall') b.next = blocks.get(b.after) ?? null;
    }
    const targets = this.#targets.map(t => blocks.get(t)).filter(t => t !== undefined), dispatch = new Block(NaN);
    dispatch.end = 'dispatch';
    dispatch.targets = targets;
    if (targets.length > 0) for (const b of blocks.values()) if (b.end === 'indirect') b.next = dispatch;
    const entry = blocks.get(this.#entry)!, loop = loopOf(entry, [...blocks.values(), dispatch]), kept = [...loop ?? blocks.values()];
    let instructions = 0;
    for (const b of kept) {
      instructions += b.insns.length;
      if (b !== dispatch) pages.add(b.firstPage).add(b.lastPage);
    }
    return { entry: this.#entry, blocks: [entry, ...kept.filter(b => b !== entry)], instructions, pages: [...pages], isLoop: loop !== null };
  }

  /** Cuts a run into blocks. */
  #cut(run: readonly Insn[], blocks: Map<number, Block>): void {
    let b: Block | null = null;
    for (let i = 0; i < run.length; i++) {
      const insn = run[i]!;
      if (b === null || insn.leads) blocks.set(insn.at, b = new Block(insn.at));
      if (insn.insn === null) { b.end = this.#isEcall(insn.at) ? 'ecall' : 'stop'; return; }
      b.insns.push(insn);
      b.after = insn.at + insn.length;
    }
    const last = run.at(-1)!;
    b!.end = endOf(last);
    b!.target = last.at + last.imm;
  }
}

/** Half of it lies in the next page. */
function straddles(insn: Insn): boolean { return insn.length === 4 && (insn.at & 4095) === 4094; }

/** Floating-point status: any of the three registers read, fflags exchanged or set. */
function isStatus(insn: Insn): boolean {
  const { name } = insn.insn!;
  if (name === 'csrrs' && insn.rs1 === 0) return insn.imm >= CSR_FFLAGS && insn.imm <= CSR_FCSR;
  return insn.imm === CSR_FFLAGS && (name === 'csrrw' || name === 'csrrs');
}

/** ra and t0 are link registers (RISC-V psABI; Unprivileged ISA, "JALR", return-address stack hints); what writes another one is a jump, such as a PLT entry. */
function isLink(x: number): boolean { return x === 1 || x === 5; }

function endOf(insn: Insn): End {
  switch (insn.facts.control) {
    case 'none': return 'fall';
    case 'branch': return 'branch';
    case 'jump': return isLink(insn.rd) ? 'call' : 'jump';
    case 'indirect': return isLink(insn.rd) ? 'call' : isLink(insn.rs1) ? 'return' : 'indirect';
  }
}

export function successors(b: Block): Block[] {
  const out: Block[] = [];
  if (b.next !== null) out.push(b.next);
  if (b.taken !== null) out.push(b.taken);
  if (b.restart !== null) out.push(b.restart);
  for (const t of b.targets) out.push(t);
  return out;
}

/**
 * If the entry is in a loop: the loop's blocks, cut off from all others. What is behind a loop is another region: this one is optimized the sooner. Of nested
 * loops that contain the entry it is the innermost that compilers lay out as a stretch of code which ends with a jump back to the entry; where there is no such
 * jump, the outermost.
 */
function loopOf(entry: Block, blocks: readonly Block[]): ReadonlySet<Block> | null {
  const preds = new Map<Block, Block[]>();
  let end = -1;
  for (const b of blocks) {
    for (const s of successors(b)) {
      const list = preds.get(s);
      if (list === undefined) preds.set(s, [b]); else list.push(b);
      if (s === entry && b.at >= entry.at) end = Math.max(end, b.at);
    }
  }
  if (!preds.has(entry)) return null;
  const loop = new Set<Block>([entry]);
  for (const b of loop) for (const p of preds.get(b) ?? []) if (end < 0 || p.at >= entry.at && p.at <= end) loop.add(p);
  for (const b of loop) {
    if (b.next !== null && !loop.has(b.next)) b.next = null;
    if (b.taken !== null && !loop.has(b.taken)) b.taken = null;
    b.targets = b.targets.filter(t => loop.has(t));
  }
  return loop;
}

export function shapeOf(region: Region): RegionShape {
  if (!region.isLoop) return 'straight';
  return region.instructions <= LARGE_LOOP && !hasComputedJumps(region) && !region.blocks.some(b => b.end === 'call') ? 'small' : 'loop';
}

/** An interpreter, probably: a loop that is one, whatever its size. */
export function hasComputedJumps({ blocks }: Region): boolean { return blocks.some(b => b.end === 'indirect' || b.end === 'dispatch'); }

/** Of its blocks with instructions. */
export function offsetsOf({ blocks }: Region): number[] { return blocks.filter(b => b.end !== 'dispatch').map(b => b.at); }
