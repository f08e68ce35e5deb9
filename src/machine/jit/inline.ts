// Small callees become parts of the regions that call them: nothing goes through the context then, and nothing is looked up. A function qualifies that calls nothing, goes only
// forwards and leaves ra alone, so that its returns lead behind the call. Which function a computed call goes to is a guess: where its register was seen to point to.
import { ANCHOR_PAGES } from './anchors.ts';
import type { Insn } from './insn.ts';
import { Block, discover, type Region, type Surroundings } from './region.ts';

/** Instructions of a callee, and of all that one region takes in. */
const LONGEST = 24, MOST = 160;
const RA = 1, RA_BIT = 1 << RA;

/** The region with its small callees. `guess`: where a computed call goes, or NaN. */
export function takeInCallees(region: Region, around: Surroundings, guess: (call: Insn) => number): Region {
  const blocks = [...region.blocks], pages = new Set(region.pages), callers = blocks.filter(b => b.end === 'call' && b.next !== null);
  let { instructions } = region;
  for (const caller of callers) {
    const call = caller.insns.at(-1)!, isDirect = call.insn!.name === 'jal', target = isDirect ? caller.target : guess(call);
    // A call that links through t0 is not where a `ret` leads.
    if (call.rd !== RA || Number.isNaN(target) || target === region.entry || !around.hasRun(target)) continue;
    const callee = leaf(around, target);
    if (callee === null || instructions + callee.instructions > region.instructions + MOST) continue;
    const all = new Set([...pages, ...callee.pages]);
    if (all.size > ANCHOR_PAGES) continue;
    for (const page of callee.pages) pages.add(page);
    instructions += callee.instructions;
    blocks.push(...callee.blocks, ...join(caller, callee, isDirect));
  }
  return blocks.length === region.blocks.length ? region : { ...region, blocks, instructions, pages: [...pages] };
}

/** The function at `offset`, if it is a small one. */
function leaf(around: Surroundings, offset: number): Region | null {
  const f = discover(around, offset, { limit: LONGEST });
  return f !== null && !f.isLoop && f.blocks.every(isSimple) && f.blocks.some(b => b.end === 'return') ? f : null;
}

function isSimple(b: Block): boolean {
  const last = b.insns.at(-1);
  if (last === undefined || b.insns.some(i => i.writesX === RA_BIT)) return false;
  switch (b.end) {
    case 'fall': return b.next !== null;
    case 'branch': return last.imm > 0;
    case 'jump': return last.imm > 0 && b.taken !== null;
    case 'return': return last.rd === 0 && last.rs1 === RA && last.imm === 0;
    default: return false;
  }
}

/** Leads the call into the callee and that behind the call. Answers the blocks that are new. */
function join(caller: Block, callee: Region, isDirect: boolean): Block[] {
  for (const b of callee.blocks) {
    if (b.end !== 'return') continue;
    b.end = 'jump';
    b.isReturn = true;
    b.target = caller.after;
    b.taken = caller.next;
  }
  caller.taken = callee.blocks[0]!;
  if (isDirect) {
    caller.end = 'jump';
    caller.next = null;
    return [];
  }
  const call = new Block(caller.at);
  call.end = 'call';
  call.after = caller.after;
  call.next = caller.next;
  caller.end = 'guess';
  caller.target = callee.entry;
  caller.next = call;
  return [call];
}

/** A computed call through a register that functions preserve (RISC-V psABI, "Integer Register Convention"): one that points to the callee for a while. */
export function isThroughSaved({ end, insns }: Block): boolean {
  const call = insns.at(-1);
  return end === 'call' && call?.insn!.name === 'jalr' && (call.rs1 === 8 || call.rs1 === 9 || call.rs1 >= 18 && call.rs1 <= 27);
}
