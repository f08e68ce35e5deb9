// What is known of f registers in front of each instruction of a block, so that nothing is tested twice. An instruction that finds a NaN, or a single without its
// box, leaves; behind it its operands and its result have none.
import type { Block, Region } from './region.ts';
import type { Insn } from './insn.ts';

export interface Facts {
  /** f registers that, read as doubles, or as singles, are no NaN. */
  readonly numbers64: number;
  readonly numbers32: number;
  /** f registers that hold a boxed single. */
  readonly boxed: number;
  /** x registers that hold fflags as they are. */
  readonly flags: number;
}

const NOTHING: Facts = { numbers64: 0, numbers32: 0, boxed: 0, flags: 0 };

export class FloatFacts {
  readonly #before = new Map<Insn, Facts>();

  constructor(blocks: readonly Block[]) {
    for (const b of blocks) {
      let facts = NOTHING;
      for (let i = 0; i < b.insns.length; i++) {
        const insn = b.insns[i]!;
        if (insn.facts.isFloating) {
          this.#before.set(insn, facts);
          facts = after(insn, facts);
        } else if ((facts.flags & insn.writesX) !== 0) {
          facts = { ...facts, flags: facts.flags & ~insn.writesX };
        }
      }
    }
  }

  before(insn: Insn): Facts { return this.#before.get(insn) ?? NOTHING; }
}

/** True if rounding or NX matters to an instruction. */
export function dependsOnStatus(region: Region): boolean {
  return region.blocks.some(b => b.insns.some(i => i.facts.rounds));
}

function after(insn: Insn, f: Facts): Facts {
  const row = insn.insn!;
  const flags = row.name === 'csrrs' && insn.rs1 === 0 && insn.imm === 1 ? f.flags | insn.writesX
    : row.name.startsWith('csr') && (insn.rs1 !== 0 || row.name.startsWith('csrrw')) ? 0 : f.flags & ~insn.writesX;
  if (row.extension !== 'F' && row.extension !== 'D') return flags === f.flags ? f : { ...f, flags };

  const [name, to] = row.name.split('.') as [string, string | undefined];
  const one = 1 << insn.rs1, operands = one | 1 << insn.rs2;
  let { numbers64, numbers32, boxed } = f;
  // What a comparison or a rounding has let pass.
  if (/^f(eq|lt|le)$/.test(name)) {
    if (to === 'd') numbers64 |= operands; else { numbers32 |= operands; boxed |= operands; }
  }
  if (insn.writesF === 0) return { numbers64, numbers32, boxed, flags };
  const bit = 1 << insn.rd;
  let is64 = false, is32 = false, isBoxed = false;
  if (name.startsWith('fsgnj')) {
    is64 = to === 'd' && (numbers64 & one) !== 0;
    is32 = to === 's' && (numbers32 & one) !== 0;
    isBoxed = to === 's';
  } else if (name === 'fmv') {
    is64 = to === 'd' && insn.rs1 === 0;
    is32 = to === 'w' && insn.rs1 === 0;
    isBoxed = to === 'w';
  } else if (name === 'flw') {
    isBoxed = true;
  } else if (name !== 'fld') {
    is64 = to === 'd';
    is32 = isBoxed = to === 's';
  }
  return {
    numbers64: is64 ? numbers64 | bit : numbers64 & ~bit, numbers32: is32 ? numbers32 | bit : numbers32 & ~bit, boxed: isBoxed ? boxed | bit : boxed & ~bit, flags,
  };
}
