// Random programs for the differ: functions of blocks full of random instructions, with branches, calls, computed jumps, loops of one and of two entries, code
// that spreads over pages, and stores to code. Loops count down and calls go to later functions only, so that undisturbed programs end.
import { decode, Decoded } from '../../src/machine/isa/decode.ts';
import { INSTRUCTIONS } from '../../src/machine/isa/table.ts';
import { traitsOf } from '../../src/machine/isa/traits.ts';
import { CTX_SIZE } from '../../src/machine/machine.ts';
import type { Random } from '../machine/random.ts';
import { ALIAS, BASE_PAGES, DATA, PLACES, STACK_TOP } from './side.ts';

/** Registers of random instructions; those of the skeleton are not among them: x8 the data, x9 and x18 loop counts, x19 a link, x24, x26 and x27 calls, x25 from code to its alias. */
const REGISTERS = [0, 5, 6, 7, 10, 11, 12, 13, 14, 15, 28];
const BASES = [8, 20, 21, 22, 23];
/** Small functions behind each function. */
const LEAVES = 3;
/** Entries of the procedure linkage table, behind all functions. */
const PLTS = 3;
const STRAIGHT = INSTRUCTIONS.filter(i => traitsOf(i).control === 'none' && traitsOf(i).system === null);
const INTEGER = STRAIGHT.filter(i => i.extension !== 'F' && i.extension !== 'D');
const MEMORY = INTEGER.filter(i => traitsOf(i).memory !== 'none' && traitsOf(i).memory !== 'atomic');

export function randomContext(r: Random, place: number): Uint8Array {
  const bytes = new Uint8Array(CTX_SIZE), v = new DataView(bytes.buffer);
  const set = (x: number, value: number): void => v.setBigInt64(x * 8, BigInt(value), true);
  for (let i = 1; i < 32; i++) v.setBigUint64(i * 8, r.operand(), true);
  for (let i = 0; i < 32; i++) v.setBigUint64(256 + i * 8, r.floatOperand(), true);
  for (const b of BASES) set(b, BASE_PAGES[r.below(BASE_PAGES.length)]! + (r.below(3) === 0 ? r.below(4096) : r.below(3) === 0 ? 4096 - r.below(80) : r.below(512) * 8));
  set(8, DATA + 4096);
  // Mostly the alias of the code is written, now and then the code where it runs.
  set(25, r.below(4) === 0 ? 0 : ALIAS - PLACES[place]!);
  set(2, STACK_TOP - 64 - (r.below(3) === 0 ? 4096 + 8 * r.below(40) - 160 : 0));
  v.setUint32(520, (r.below(4) === 0 ? r.below(5) << 5 : 0) | r.below(32), true);
  return bytes;
}

/** One program, and how many blocks it has. */
export class RandomProgram {
  readonly lines: string[] = [];
  blocks = 0;
  readonly #r: Random;
  readonly #withFloat: boolean;
  readonly #functions: number;
  #labels = 0;
  #slots = 0;
  #f = 0;

  /** `threaded`: an interpreter of random bytes, whose every handler ends with a computed jump to any of them; it never ends. */
  constructor(r: Random, kind: 'functions' | 'threaded' = 'functions') {
    this.#r = r;
    this.#withFloat = r.below(2) === 0;
    this.#functions = 1 + r.below(5);
    if (kind === 'threaded') { this.#threaded(); return; }
    for (; this.#f < this.#functions; this.#f++) this.#function();
    this.#linkage();
  }

  /** The procedure linkage table, and the addresses that it loads, which the program has written: aligned or not, in a page of their own or not. */
  #linkage(): void {
    const r = this.#r, { lines } = this;
    if (r.below(6) === 0) lines.push('.align 12', `.skip ${4096 - 4 * r.below(12)}`);
    for (let i = 0; i < PLTS; i++) lines.push(`plt${i}: ld t3, got${i}`, 'jalr t1, 0(t3)', ...r.below(2) === 0 ? ['nop'] : []);
    lines.push(`.align ${r.below(2) === 0 ? 12 : 3}`, `.skip ${[0, 0, 4, 4092][r.below(4)]}`, ...Array.from({ length: PLTS }, (_, i) => `got${i}: .dword 0`));
  }

  /** The dynamic linker's work. An odd address is as good as an even one. */
  #link(): void {
    for (let i = 0; i < PLTS; i++) this.lines.push(`la t0, f0l${i}`, ...this.#r.below(4) === 0 ? ['addi t0, t0, 1'] : [], `la t1, got${i}`, 'add t1, t1, s9', 'sd t0, 0(t1)');
  }

  #threaded(): void {
    const r = this.#r, { lines } = this, handlers = 8;
    this.blocks = handlers;
    lines.push('li s2, 0', 'j h0', 't:', ...Array.from({ length: handlers }, (_, i) => `j h${i}`));
    for (let i = 0; i < handlers; i++) {
      lines.push(`h${i}:`);
      this.#plain('float');
      if (r.below(3) === 0) lines.push(`beq x${REGISTERS[r.below(REGISTERS.length)]}, x${REGISTERS[r.below(REGISTERS.length)]}, h${r.below(handlers)}`);
      this.#plain('float');
      if (r.below(40) === 0) lines.push('ecall');
      lines.push('addi s2, s2, 1', 'andi s2, s2, 1023', 'add t0, s0, s2', 'lbu t0, 0(t0)', `andi t0, t0, ${handlers - 1}`, 'slli t0, t0, 2', 'la t1, t', 'add t1, t1, t0', 'jr t1');
    }
  }

  #function(): void {
    const r = this.#r, f = this.#f, { lines } = this, isMain = f === 0, blocks = 2 + r.below(6);
    lines.push(`f${f}:`);
    if (isMain) this.#link();
    else lines.push('addi sp, sp, -64', 'sd ra, 0(sp)', 'sd s1, 8(sp)', 'sd s10, 16(sp)');
    for (let b = 0; b < blocks; b++) {
      lines.push(`f${f}b${b}:`);
      this.#straight('float');
      this.#control(b, blocks);
    }
    this.blocks += blocks;
    lines.push(`f${f}b${blocks}:`);
    // What follows begins with a page, at its end, or across it.
    if (r.below(4) === 0) lines.push(`j f${f}e`, '.align 12', ...r.below(2) === 0 ? [] : [`.skip ${4096 - 2 * r.below(24)}`], `f${f}e:`);
    if (isMain) lines.push('ebreak');
    else lines.push('ld ra, 0(sp)', 'ld s1, 8(sp)', 'ld s10, 16(sp)', 'addi sp, sp, 64', 'ret');
    for (let k = 0; k < LEAVES; k++) this.#leaf(`f${f}l${k}`);
  }

  /** A small function: plain, with a frame, with two ways out, one that leaves sp elsewhere, or one that skips what follows the call. */
  #leaf(name: string): void {
    const r = this.#r, { lines } = this, kind = r.below(8), reg = (): string => `x${REGISTERS[r.below(REGISTERS.length)]}`;
    lines.push(`${name}:`);
    if (kind === 0) lines.push('addi sp, sp, -32');
    this.#plain('integer');
    if (kind <= 2) lines.push(`beq ${reg()}, ${reg()}, ${name}e`);
    if (kind === 2) lines.push('ret');
    if (kind === 3 && r.below(3) === 0) lines.push('ecall');
    if (kind <= 2) lines.push(`${name}e:`);
    this.#plain('integer');
    if (kind === 0) lines.push('addi sp, sp, 32');
    // Not to be made a part of its callers.
    if (kind === 4 && r.below(4) !== 0) lines.push('mv ra, ra');
    if (kind === 4) lines.push(`addi sp, sp, ${[16, -16, 8, 2032][r.below(4)]}`);
    if (kind === 5) lines.push('addi ra, ra, 4');
    lines.push('ret');
  }

  /** Calls a small function, by its name, through a register or by way of the linkage table. What it may skip has four bytes. */
  #callLeaf(through: 'name' | 's8' | 'plt'): void {
    const call = through === 's8' ? 'jalr s8' : through === 'plt' ? `jal plt${this.#r.below(PLTS)}` : `jal f${this.#f}l${this.#r.below(LEAVES)}`;
    this.lines.push('mv s10, sp', call, '.word 0x02053513', 'ld a1, 24(sp)', 'mv sp, s10');
  }

  #straight(kind: 'float' | 'integer'): void {
    const r = this.#r, { lines } = this;
    this.#plain(kind);
    if (r.below(12) === 0) lines.push('c.nop');
    if (r.below(10) === 0) lines.push('ecall');
    if (r.below(25) === 0) lines.push(RARE[r.below(RARE.length)]!);
    if (r.below(25) === 0) this.#slot();
    if (r.below(30) === 0) this.#patch();
  }

  /** Instructions that neither jump nor call the system. */
  #plain(kind: 'float' | 'integer'): void {
    const r = this.#r, { lines } = this, d = new Decoded();
    for (let n = r.below(8); n > 0; n--) {
      if (r.below(6) === 0) lines.push(`${['ld', 'sd', 'lw', 'sb'][r.below(4)]} x${REGISTERS[r.below(REGISTERS.length)]}, ${24 + 8 * r.below(4)}(sp)`);
      if (r.below(12) === 0) this.#shiftPair();
      const rows = r.below(4) === 0 ? MEMORY : this.#withFloat && kind === 'float' && r.below(2) === 0 ? STRAIGHT : INTEGER, insn = rows[r.below(rows.length)]!;
      let word = r.word(insn, REGISTERS);
      const { memory } = traitsOf(insn);
      if (memory !== 'none') {
        word = word & ~(31 << 15) | (memory === 'atomic' && r.below(8) !== 0 ? BASES[0]! : BASES[r.below(BASES.length)]!) << 15;
        // Most offsets small and aligned, else nearly everything faults.
        if (memory !== 'atomic' && r.below(8) !== 0) word = insn.encoding.fields.rd === undefined ? word & 0x01fff07f | (r.below(4) * 8 & 31) << 7 : word & 0xfffff | r.below(32) * 8 << 20;
      }
      if (decode(word, d)) lines.push(`.word 0x${(word >>> 0).toString(16)}`);
    }
  }

  /** What takes the lower bits of a register, or looks like it. */
  #shiftPair(): void {
    const r = this.#r, reg = (): number => REGISTERS[1 + r.below(REGISTERS.length - 1)]!, rd = reg();
    this.lines.push(`slli x${rd}, x${reg()}, ${20 + r.below(44)}`, `${r.below(2) === 0 ? 'srli' : 'srai'} x${r.below(8) === 0 ? reg() : rd}, x${r.below(8) === 0 ? reg() : rd}, ${20 + r.below(44)}`);
  }

  /** A place in the code that may be written. */
  #slot(): void { this.lines.push(`s${this.#slots++}: addi a0, a0, 1`); }

  /** Writes another instruction to a slot, or to this very place. */
  #patch(): void {
    const r = this.#r, { lines } = this;
    const target = this.#slots > 0 && r.below(3) !== 0 ? `s${r.below(this.#slots)}` : `p${this.#labels}`;
    lines.push(`la t1, ${target}`, 'add t1, t1, s9', `li t0, ${0x00050513 + (r.below(100) << 20)}`, 'sw t0, 0(t1)');
    if (r.below(2) === 0) lines.push('fence.i');
    lines.push(`p${this.#labels++}: addi a0, a0, 3`);
  }

  #control(b: number, blocks: number): void {
    const r = this.#r, { lines } = this, f = this.#f;
    const later = (): string => `f${f}b${b + 1 + r.below(blocks - b)}`;
    const reg = (): string => `x${REGISTERS[r.below(REGISTERS.length)]}`;
    const id = this.#labels++;
    switch (r.below(15)) {
      case 0: lines.push(`${['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'][r.below(6)]} ${reg()}, ${reg()}, ${later()}`); break;
      case 1: lines.push(`j ${later()}`); break;
      case 2: case 3: {           // a counted loop over the block, perhaps with a way out in its middle
        lines.push(`li s1, ${r.below(6) === 0 ? 100 : 1 + r.below(40)}`, `l${id}:`);
        this.#straight('integer');
        if (r.below(2) === 0) lines.push(`beq ${reg()}, ${reg()}, ${later()}`);
        if (r.below(3) === 0) lines.push(`bne ${reg()}, ${reg()}, m${id}`);
        this.#straight('integer');
        // A base that moves, as over an array.
        if (r.below(3) === 0) lines.push(`addi x${BASES[1 + r.below(4)]}, x${BASES[1 + r.below(4)]}, ${[8, 64, 256, -8, 1, 511][r.below(6)]}`);
        lines.push(`m${id}:`, 'addi s1, s1, -1', `bnez s1, l${id}`);
        this.blocks += 2;
        break;
      }
      case 4: case 5: if (f + 1 < this.#functions) lines.push(`${r.below(2) === 0 ? 'call' : 'jal'} f${f + 1 + r.below(this.#functions - f - 1)}`); break;
      case 6: if (f + 1 < this.#functions) lines.push(`la s3, f${f + 1}`, 'jalr s3'); else lines.push(`la s3, ${later()}`, 'jr s3'); break;
      case 8: case 9: this.#callLeaf('name'); break;
      case 12: case 13: this.#callLeaf('plt'); break;
      // A link that the small function does not return by: it goes behind the call before, or out of the program.
      case 11: lines.push(`la ra, n${id}`, `jal t0, f${f}l${r.below(LEAVES)}`, 'addi a0, a0, 7', `n${id}:`); break;
      case 10:                    // a loop that calls through a register, which changes now and then
        lines.push(`la s8, f${f}l0`, `la s11, f${f}l1`, `li s1, ${1 + r.below(30)}`, `l${id}:`);
        this.#straight('integer');
        this.#callLeaf('s8');
        if (r.below(2) === 0) this.#callLeaf('name');
        if (r.below(4) === 0) this.#callLeaf('plt');
        if (r.below(3) === 0) lines.push(`bne ${reg()}, ${reg()}, m${id}`);
        if (r.below(3) === 0) lines.push('mv t0, s8', 'mv s8, s11', 'mv s11, t0');
        lines.push(`m${id}:`, 'addi s1, s1, -1', `bnez s1, l${id}`);
        this.blocks += 2;
        break;
      case 7: {                   // a jump by table
        lines.push(`andi t0, ${reg()}, 4`, `la t1, t${id}`, 'add t1, t1, t0', 'jr t1', `t${id}: j ${later()}`, `j ${later()}`);
        break;
      }
      default:                    // two entries into a loop
        lines.push('li s2, 9', `beq ${reg()}, ${reg()}, n${id}`, `l${id}:`);
        this.#straight('integer');
        lines.push(`n${id}:`);
        this.#straight('integer');
        lines.push('addi s2, s2, -1', `bnez s2, l${id}`);
        this.blocks += 2;
    }
  }
}

const RARE = ['ecall', 'fence.i', 'frflags a0', 'fsflags a0, a1', 'csrr a2, instret', '.word 0xffffffff', 'fsrm x0', 'frrm a3', 'frcsr a4', 'fsrm a0', 'ebreak'];
