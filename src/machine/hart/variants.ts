// The numbering of handlers: one for each form of a row that the decoder tells apart, and one for each pair of neighbours that is executed in one go.
import { COMPRESSED, type Instruction, INSTRUCTIONS } from '../isa/table.ts';
import { traitsOf } from '../isa/traits.ts';
import { FIRST_ROW_HANDLER } from './op.ts';

/** Which handler of a row: the instruction's length, targets outside its page, links that are dropped. */
export interface Variant {
  readonly insn: Instruction;
  readonly length: 2 | 4;
  readonly reach: 'near' | 'far';
  readonly rd: 'used' | 'x0';
}

/** Two neighbours without a dispatch between them. The second keeps its own op: jumps may lead there, and traps are precise all the same. */
export interface Pair { readonly first: Variant; readonly second: Variant }

/**
 * Pairs worth a handler, as mnemonic/length: the most frequent neighbours in compiled C, by static count in glibc and by dynamic count in the kernels of the
 * cpu benchmark. Each costs about 100 bytes of code.
 */
const PAIRS = `
  ld/2+ld/2 sd/2+sd/2 add/2+add/2 ld/4+ld/4 sd/4+sd/4 lw/2+lw/2 lw/4+lw/4 sw/2+sw/2 sw/4+sw/4 lbu/4+lbu/4 sb/4+sb/4 lh/4+lh/4 fld/2+fld/2
  auipc/4+addi/4 auipc/4+ld/4 lui/2+addi/4 lui/2+addiw/2 lui/4+addi/4 lui/4+addiw/4 addi/2+slli/2 addi/2+addi/2 addi/4+addi/2 addi/2+addi/4 addi/4+addi/4
  addi/2+add/2 add/2+addi/2 add/2+addi/4 addi/4+add/2 add/2+jal/4 addi/2+jal/4 addi/4+jal/4 add/2+jal/2 addi/2+jal/2 addi/2+jalr/2 ld/2+addi/2 addi/2+sd/2
  sd/2+addi/2 sd/2+add/2 add/2+sd/2 add/2+ld/2 add/2+lw/2 add/2+lbu/4 ld/2+add/2 ld/4+add/2 lw/2+add/2 ld/4+ld/2 ld/2+ld/4 ld/2+sd/2 slli/2+add/2 slli/4+add/2
  slli/2+srli/2 slli/4+srli/2 slli/4+srli/4 srli/2+add/2 srli/4+xor/4
  add/2+beq/2 add/2+bne/2 add/2+beq/4 add/2+bne/4 add/2+bltu/4 addi/2+beq/4 addi/2+bne/4 addi/4+beq/4 addi/4+bne/4 addi/2+beq/2 addi/2+bne/2 addi/2+bltu/4 addi/4+bltu/4
  andi/4+beq/4 andi/4+bne/4 andi/2+beq/2 andi/2+bne/2 andi/4+beq/2 andi/4+bne/2 ld/2+beq/2 ld/2+bne/2 lw/2+beq/2 lw/2+bne/2 lbu/4+beq/2 lbu/4+bne/2 lbu/4+beq/4 lbu/4+bne/4
  addiw/2+bne/4 addiw/2+beq/4 addiw/2+addi/2 addi/2+addiw/2 addiw/4+addiw/4 addw/2+addw/4 addw/2+addw/2 addw/4+addw/4 addi/2+addw/2 addi/2+addi/2 sb/4+addi/2 lbu/4+addi/2
  slliw/4+srliw/4 srliw/4+slliw/4 slliw/4+slliw/4 srliw/4+srliw/4 slliw/4+or/4 slliw/4+or/2 srliw/4+or/4 srliw/4+xor/4 or/4+or/4 or/2+or/2 or/2+addi/2
  xor/4+xor/4 xor/4+addw/4 and/4+xor/4 and/2+and/2 xor/2+xor/2 xor/4+andi/2 xor/4+srliw/4 andi/2+srli/2 andi/4+addiw/2 addiw/2+slli/4 srli/2+addiw/2 slli/4+beq/2 slli/4+bne/2
  mulw/4+addw/2 mul/4+add/2 lh/4+addi/4 lbu/4+andi/4 fld/2+addi/2 fld/4+addi/2 add/4+fld/2 fld/2+fld/4
`;

/** Their handlers take fflags only; the decoder sends other CSRs to the slow path. */
const INLINE_CSR = ['csrrw', 'csrrs'];

/** Instructions with a 16-bit spelling. */
const compressed = new Set(COMPRESSED.map(c => c.target));
const singles: readonly Variant[] = INSTRUCTIONS.flatMap(variantsOf);
const pairs: readonly Pair[] = pairList();

/** What handler FIRST_ROW_HANDLER + i does. */
export const HANDLERS: readonly (Variant | Pair)[] = [...singles, ...pairs];

const singleHandlers = new Int16Array(INSTRUCTIONS.length * 8).fill(-1);
singles.forEach((v, i) => { singleHandlers[keyOf(v.insn, v.length, v.reach, v.rd)] = FIRST_ROW_HANDLER + i; });

/** By the handlers of both; those of rows are below `ROWS`. 0: none. */
const ROWS = FIRST_ROW_HANDLER + singles.length;
const pairHandlers = new Int16Array(ROWS * ROWS);
pairs.forEach((p, i) => { pairHandlers[singleOf(p.first) * ROWS + singleOf(p.second)] = ROWS + i; });

/** The handler of auipc and ld. */
export const H_AUIPC_LD = pairHandlers[only('auipc') * ROWS + only('ld')]!;

/** Number of the handler that executes a variant, or -1 if the row is left to the hart (`H_SLOW`). */
export function handlerOf(insn: Instruction, length: 2 | 4, reach: Variant['reach'], rd: Variant['rd']): number {
  return singleHandlers[keyOf(insn, length, reach, rd)]!;
}

/** Number of the handler of two neighbours, or 0. */
export function pairHandlerOf(first: number, second: number): number { return pairHandlers[first * ROWS + second]!; }

/** The handler of a row in four bytes. */
function only(name: string): number { return FIRST_ROW_HANDLER + singles.findIndex(v => v.insn.name === name && v.length === 4); }

function singleOf(v: Variant): number { return handlerOf(v.insn, v.length, v.reach, v.rd); }

function keyOf(insn: Instruction, length: 2 | 4, reach: Variant['reach'], rd: Variant['rd']): number {
  return insn.index << 3 | (length === 2 ? 4 : 0) | (reach === 'far' ? 2 : 0) | (rd === 'x0' ? 1 : 0);
}

function variantsOf(insn: Instruction): Variant[] {
  const { control, system } = traitsOf(insn);
  if (system !== null && !INLINE_CSR.includes(insn.name)) return [];
  const lengths: (2 | 4)[] = compressed.has(insn) ? [2, 4] : [4];
  const reaches: Variant['reach'][] = control === 'branch' || control === 'jump' ? ['near', 'far'] : ['near'];
  const rds: Variant['rd'][] = control === 'jump' || control === 'indirect' ? ['used', 'x0'] : ['used'];
  return lengths.flatMap(length => reaches.flatMap(reach => rds.map(rd => ({ insn, length, reach, rd }))));
}

function pairList(): Pair[] {
  const byName = new Map<string, Variant[]>();
  for (const v of singles) {
    const key = `${v.insn.name}/${v.length}`;
    if (isPaired(v)) byName.set(key, [...byName.get(key) ?? [], v]);
  }
  return [...new Set(PAIRS.trim().split(/\s+/))].flatMap(pair => {
    const [first, second] = pair.split('+').map(text => byName.get(text) ?? []) as [Variant[], Variant[]];
    return first.flatMap(a => second.map(b => ({ first: a, second: b })));
  });
}

/** Long jumps in a pair are calls, of any reach; short ones are plain jumps within the page. */
function isPaired({ insn: { name }, length, reach, rd }: Variant): boolean {
  return rd === ((name === 'jal' || name === 'jalr') && length === 2 ? 'x0' : 'used') && (reach === 'near' || (name === 'jal' && length === 4));
}
