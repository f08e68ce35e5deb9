// What is translated together: the blocks reachable from a hot entry within one physical page. All offsets are relative to the page, so that one translation
// serves every virtual address and process that maps the frame.
import { RM_DYN } from '../isa/registers.ts';
import { decode, Decoded } from '../isa/decode.ts';
import { traitsOf } from '../isa/traits.ts';
import { CSR_FCSR, CSR_FFLAGS } from '../hart/csr.ts';
import { roundingOf } from '../hart/interp-ops.ts';
import type { RamImpl } from '../ram.ts';

/** An instruction and its place. */
export class Insn extends Decoded {
  readonly at: number;
  /** Its memory access is often misaligned. */
  isMisaligned = false;
  constructor(at: number) { super(); this.at = at; }
}

/**
 * How a block ends: falling into the next one; a conditional branch; a jump within the page or out of it; a call; a computed jump; a system call behind it;
 * or `stop`, in front of an instruction that the hart executes.
 */
export type End = 'fall' | 'branch' | 'jump' | 'call' | 'indirect' | 'ecall' | 'stop';

export class Block {
  readonly at: number;
  readonly insns: Insn[] = [];
  end: End = 'fall';
  /** Page offset of a branch, jump or call; outside 0..4095 it leaves the page. */
  target = 0;
  /** Page offset behind the last instruction. */
  after = 0;
  /** Blocks of the region at `target` (not of a call) and `after`, or null. */
  taken: Block | null = null;
  next: Block | null = null;
  constructor(at: number) { this.at = at; }
}

export interface Region {
  readonly entry: number;
  /** The entry's block is the first. */
  readonly blocks: readonly Block[];
  readonly instructions: number;
}

/** Finds the region of the entry at `offset` of the frame: at most `limit` instructions. Null: its first instruction cannot be translated. */
export function discover(ram: RamImpl, pfn: number, offset: number, limit: number): Region | null {
  const code = new Map<number, Insn | null>(), leaders = new Set<number>([offset]);
  const work = [offset];
  for (let next = work.shift(); next !== undefined; next = work.shift()) {
    for (let at = next; at >= 0 && at < 4096 && !code.has(at) && code.size < limit;) {
      const insn = fetch(ram, pfn, at);
      code.set(at, insn);
      if (insn === null) {
        if (isEcall(ram, pfn, at)) lead(leaders, work, at + 4);
        break;
      }
      at += insn.length;
      const end = endOf(insn);
      if (end === 'fall') continue;
      if (end === 'branch' || end === 'jump') lead(leaders, work, insn.at + insn.imm);
      if (end === 'branch' || end === 'call') lead(leaders, work, at);
      break;
    }
  }
  if (code.get(offset) === null && !isEcall(ram, pfn, offset)) return null;
  return divide(code, leaders, offset, at => isEcall(ram, pfn, at));
}

function isEcall(ram: RamImpl, pfn: number, at: number): boolean {
  return at <= 4092 && ram.u16[pfn * 2048 + (at >>> 1)] === 0x73 && ram.u16[pfn * 2048 + (at >>> 1) + 1] === 0;
}

function lead(leaders: Set<number>, work: number[], at: number): void {
  if (at < 0 || at >= 4096 || leaders.has(at)) return;
  leaders.add(at);
  work.push(at);
}

/** The instruction at `at`, or null for what the hart must execute: illegal, straddling, system, unusual rounding. */
function fetch(ram: RamImpl, pfn: number, at: number): Insn | null {
  const half = ram.u16[pfn * 2048 + (at >>> 1)]!, isLong = (half & 3) === 3;
  if (isLong && at === 4094) return null;
  const insn = new Insn(at);
  if (!decode(isLong ? half | ram.u16[pfn * 2048 + (at >>> 1) + 1]! << 16 : half, insn)) return null;
  const row = insn.insn!, { system } = traitsOf(row);
  if (system !== null && !(system === 'csr' && isStatus(insn))) return null;
  const rounding = roundingOf(row);
  if (rounding === '0 or 7' && insn.rm !== 0 && insn.rm !== RM_DYN) return null;
  if (rounding === 'any' && (insn.rm === 5 || insn.rm === 6)) return null;
  return insn;
}

/** Floating-point status: any of the three registers read, fflags exchanged or set. */
function isStatus(insn: Insn): boolean {
  const { name } = insn.insn!;
  if (name === 'csrrs' && insn.rs1 === 0) return insn.imm >= CSR_FFLAGS && insn.imm <= CSR_FCSR;
  return insn.imm === CSR_FFLAGS && (name === 'csrrw' || name === 'csrrs');
}

function endOf(insn: Insn): End {
  switch (traitsOf(insn.insn!).control) {
    case 'none': return 'fall';
    case 'branch': return 'branch';
    case 'jump': return insn.rd === 0 ? 'jump' : 'call';
    case 'indirect': return insn.rd === 0 ? 'indirect' : 'call';
  }
}

function divide(code: ReadonlyMap<number, Insn | null>, leaders: ReadonlySet<number>, entry: number, isEcall: (at: number) => boolean): Region {
  const blocks = new Map<number, Block>();
  for (const at of leaders) if (code.has(at)) blocks.set(at, fill(new Block(at), code, leaders, isEcall));
  let instructions = 0;
  for (const b of blocks.values()) {
    instructions += b.insns.length;
    if (b.end === 'branch' || b.end === 'jump') b.taken = blocks.get(b.target) ?? null;
    if (b.end === 'ecall') b.next = blocks.get(b.after + 4) ?? null;
    if (b.end === 'branch' || b.end === 'call' || b.end === 'fall') b.next = blocks.get(b.after) ?? null;
  }
  return { entry, blocks: [blocks.get(entry)!, ...[...blocks.values()].filter(b => b.at !== entry)], instructions };
}

function fill(b: Block, code: ReadonlyMap<number, Insn | null>, leaders: ReadonlySet<number>, isEcall: (at: number) => boolean): Block {
  b.after = b.at;
  for (;;) {
    const insn = code.get(b.after);
    if (insn === null) b.end = isEcall(b.after) ? 'ecall' : 'stop';
    if (insn === null || insn === undefined) return b;
    b.insns.push(insn);
    b.after += insn.length;
    b.end = endOf(insn);
    if (b.end !== 'fall') {
      b.target = insn.at + insn.imm;
      return b;
    }
    if (leaders.has(b.after)) return b;
  }
}
