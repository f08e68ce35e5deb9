// Two machines with the same memory, one with the translator in front: random programs run on both, and all state is compared at every trap and every
// exhausted budget. A program is a handful of blocks full of random instructions with loops, calls, computed jumps, and loads and stores that sometimes fault.
import assert from 'node:assert/strict';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import { decode, Decoded } from '../../src/machine/isa/decode.ts';

import { INSTRUCTIONS } from '../../src/machine/isa/table.ts';
import { traitsOf } from '../../src/machine/isa/traits.ts';
import { CTX_SIZE, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, TRAP_BUDGET, TRAP_ECALL } from '../../src/machine/machine.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';
import { addTranslator, type Translator, type TranslatorMode } from '../../src/machine/jit/translator.ts';
import { Random } from '../machine/random.ts';

const CODE = 0x10000, CODE_PAGES = 2, DATA = 0x20000, DATA_PAGES = 4, READ_ONLY = 0x28000;
const RX = PTE_V | PTE_R | PTE_X | PTE_U, RW = PTE_V | PTE_R | PTE_W | PTE_U, RO = PTE_V | PTE_R | PTE_U;
/** Registers of random instructions; those of the skeleton are not among them: x8 the data, x9 loop counts, x18 and x19 links. */
const REGISTERS = [0, 5, 6, 7, 10, 11, 12, 13, 14, 15, 28];
const BASES = [8, 20, 21, 22];
const STRAIGHT = INSTRUCTIONS.filter(i => traitsOf(i).control === 'none' && traitsOf(i).system === null);
const INTEGER = STRAIGHT.filter(i => i.extension !== 'F' && i.extension !== 'D');

class Side {
  readonly m = new FlatMachine(16 << 20);
  readonly translator: Translator | null;
  readonly #data: number[] = [];

  constructor(mode: TranslatorMode | 'off') {
    for (let p = 0; p < CODE_PAGES; p++) this.m.map(CODE + p * 4096, RX);
    for (let p = 0; p < DATA_PAGES; p++) this.#data.push(this.m.map(DATA + p * 4096, RW));
    this.#data.push(this.m.map(READ_ONLY, RO));
    this.translator = mode === 'off' ? null : addTranslator(this.m.hart, this.m.ram, mode);
    this.m.hart.setEcallHandler({ ecall: () => this.#ecall() });
  }

  /** What a system call does depends on how many instructions have retired, which both sides must agree on. */
  #ecall(): number {
    const { hart } = this.m, what = hart.instret % 31;
    if (what === 0) return 1;
    this.m.setX(10, hart.instret);
    this.m.setPc(this.m.getPc() + (what === 1 ? 8 : 4));
    if (what === 2) hart.limitBudget(hart.instret % 5);
    if (what === 3) hart.mmu.flushPage(this.m.root, CODE);
    if (what === 4) hart.invalidateCode(this.#host(CODE) >>> 12);
    return 0;
  }

  load(code: Uint8Array): void {
    for (let i = 0; i < code.length; i++) this.m.ram.u8[this.#host(CODE + i)] = code[i]!;
    for (let p = 0; p < CODE_PAGES; p++) this.m.hart.invalidateCode(this.#host(CODE + p * 4096) >>> 12);
  }

  fill(seed: number): void {
    const r = new Random(seed);
    for (const pfn of this.#data) for (let i = 0; i < 1024; i++) this.m.ram.u32[pfn * 1024 + i] = r.u32();
  }

  /** All of a data page, or of the context. */
  memory(i: number): Uint8Array { return this.m.ram.u8.subarray(this.#data[i]! * 4096, this.#data[i]! * 4096 + 4096); }
  context(): Uint8Array { return this.m.ram.u8.subarray(this.m.hart.base, this.m.hart.base + CTX_SIZE - 4); }

  #host(va: number): number { return this.m.hart.mmu.translate(va, 0); }
}

export class Differ {
  readonly plain = new Side('off');
  readonly translated: Side;

  constructor(mode: TranslatorMode) { this.translated = new Side(mode); }

  /** Runs one random program on both. */
  run(seed: number): void {
    const r = new Random(seed * 2654435761 + 1);
    const source = program(r), { bytes } = assemble(source, CODE);
    if (bytes.length > CODE_PAGES * 4096) return;
    const sides = [this.plain, this.translated], contexts = randomContext(r);
    for (const s of sides) {
      s.load(bytes);
      s.fill(seed);
      s.m.ram.u8.set(contexts, s.m.hart.base);
      s.m.hart.mmu.flushSpace(s.m.root);
      s.m.setPc(CODE);
      s.m.hart.clearReservation();
    }
    for (let step = 0; step < 60; step++) {
      const budget = r.below(4) === 0 ? 5000 : 1 + r.below(r.below(2) === 0 ? 30 : 3000);
      const before = sides.map(s => s.m.hart.instret);
      const traps = sides.map(s => s.m.hart.run(budget));
      const where = (): string => `seed ${seed}, step ${step}, budget ${budget}, pc ${this.plain.m.getPc().toString(16)} ${this.translated.m.getPc().toString(16)}`;
      assert.equal(traps[1], traps[0], `trap: ${where()}`);
      this.#compare(where);
      assert.equal(this.translated.m.hart.instret - before[1]!, this.plain.m.hart.instret - before[0]!, `instret: ${where()}`);
      if (traps[0] === TRAP_BUDGET) continue;
      if (traps[0] !== TRAP_ECALL) assert.equal(this.translated.m.hart.tval, this.plain.m.hart.tval, `tval: ${where()}`);
      if (!this.#skip()) return;
    }
  }

  /** Goes on behind the trapping instruction, with a base register repaired now and then. False: the program has ended. */
  #skip(): boolean {
    const pc = this.plain.m.getPc();
    if (pc < CODE || pc >= CODE + CODE_PAGES * 4096) return false;
    const at = this.plain.m.hart.mmu.translate(pc, 0), half = this.plain.m.ram.u16[at >>> 1]!;
    if (half === 0x9002) return false;
    for (const s of [this.plain, this.translated]) s.m.setPc(pc + ((half & 3) === 3 ? 4 : 2));
    return true;
  }

  #compare(where: () => string): void {
    const a = this.plain.context(), b = this.translated.context();
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) assert.fail(`${i < 256 ? 'x' : 'f'}${i >>> 3 & 31} (byte ${i}): ${where()}`);
    for (let p = 0; p <= DATA_PAGES; p++) {
      const m = this.plain.memory(p), n = this.translated.memory(p);
      for (let i = 0; i < 4096; i++) if (m[i] !== n[i]) assert.fail(`memory ${p}:${i}: ${where()}`);
    }
  }
}

function randomContext(r: Random): Uint8Array {
  const bytes = new Uint8Array(CTX_SIZE), v = new DataView(bytes.buffer);
  for (let i = 1; i < 32; i++) v.setBigUint64(i * 8, r.operand(), true);
  for (let i = 0; i < 32; i++) v.setBigUint64(256 + i * 8, r.floatOperand(), true);
  for (const b of BASES) v.setBigUint64(b * 8, BigInt(DATA + r.below(DATA_PAGES * 4096)), true);
  v.setBigUint64(8 * 8, BigInt(DATA + 4096), true);
  v.setBigUint64(20 * 8, BigInt(r.below(8) === 0 ? READ_ONLY + r.below(4096) : DATA + r.below(4096)), true);
  v.setUint32(520, (r.below(4) === 0 ? r.below(5) << 5 : 0) | r.below(32), true);
  return bytes;
}

/** Functions of blocks. Loops count down in memory or s1; calls go to later functions only, so that everything ends. */
function program(r: Random): string {
  const functions = 1 + r.below(4), lines: string[] = [];
  const withFloat = r.below(2) === 0;
  for (let f = 0; f < functions; f++) {
    lines.push(`f${f}:`);
    if (f > 0) lines.push(`addi s10, s10, -16`, `sd ra, 0(s10)`, `sd s1, 8(s10)`);
    else lines.push(`li s10, ${DATA + DATA_PAGES * 4096 - 64}`);
    const blocks = 2 + r.below(6);
    for (let b = 0; b < blocks; b++) {
      lines.push(`f${f}b${b}:`);
      straight(r, lines, withFloat);
      control(r, lines, f, b, functions, blocks);
    }
    lines.push(`f${f}b${blocks}:`);
    if (r.below(6) === 0) lines.push('.align 12');
    if (f > 0) lines.push(`ld ra, 0(s10)`, `ld s1, 8(s10)`, `addi s10, s10, 16`, 'ret');
    else lines.push('ebreak');
  }
  return lines.join('\n');
}

function straight(r: Random, lines: string[], withFloat: boolean): void {
  const d = new Decoded();
  for (let n = r.below(8); n > 0; n--) {
    const rows = withFloat && r.below(2) === 0 ? STRAIGHT : INTEGER, insn = rows[r.below(rows.length)]!;
    let word = r.word(insn, REGISTERS);
    const { memory } = traitsOf(insn);
    if (memory !== 'none') {
      word = word & ~(31 << 15) | BASES[r.below(BASES.length)]! << 15;
      // Most offsets small and aligned, else nearly everything faults.
      if (memory !== 'atomic' && r.below(8) !== 0) word = insn.encoding.fields.rd === undefined ? word & 0x01fff07f | (r.below(4) * 8 & 31) << 7 : word & 0xfffff | r.below(32) * 8 << 20;
    }
    if (!decode(word, d)) continue;
    lines.push(`.word 0x${(word >>> 0).toString(16)}`);
  }
  if (r.below(12) === 0) lines.push('c.nop');
  if (r.below(10) === 0) lines.push('ecall');
  if (r.below(25) === 0) lines.push(['ecall', 'fence.i', 'frflags a0', 'fsflags a0, a1', 'csrr a2, instret', '.word 0xffffffff', 'fsrm x0', 'frrm a3', 'frcsr a4', 'fsrm a0'][r.below(10)]!);
}

let unique = 0;

function control(r: Random, lines: string[], f: number, b: number, functions: number, blocks: number): void {
  const later = (): string => `f${f}b${b + 1 + r.below(blocks - b)}`;
  const reg = (): string => `x${REGISTERS[r.below(REGISTERS.length)]}`;
  const id = unique++;
  switch (r.below(8)) {
    case 0: lines.push(`${['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'][r.below(6)]} ${reg()}, ${reg()}, ${later()}`); break;
    case 1: lines.push(`j ${later()}`); break;
    case 2: case 3: {           // a counted loop over the block, perhaps with a way out in its middle
      lines.push(`li s1, ${1 + r.below(40)}`, `l${id}:`);
      straight(r, lines, false);
      if (r.below(2) === 0) lines.push(`beq ${reg()}, ${reg()}, ${later()}`);
      if (r.below(3) === 0) lines.push(`bne ${reg()}, ${reg()}, m${id}`);
      straight(r, lines, false);
      lines.push(`m${id}:`, 'addi s1, s1, -1', `bnez s1, l${id}`);
      break;
    }
    case 4: case 5: if (f + 1 < functions) lines.push(`call f${f + 1 + r.below(functions - f - 1)}`); break;
    case 6: if (f + 1 < functions) lines.push(`la s3, f${f + 1}`, `jalr s3`); else lines.push(`la s3, ${later()}`, 'jr s3'); break;
    default:                    // two entries into a loop
      lines.push('li s2, 9', `beq ${reg()}, ${reg()}, n${id}`, `l${id}:`);
      straight(r, lines, false);
      lines.push(`n${id}:`);
      straight(r, lines, false);
      lines.push('addi s2, s2, -1', `bnez s2, l${id}`);
  }
}

