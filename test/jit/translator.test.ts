// The translator where random programs rarely go: code that writes code, recursion deeper than the engine's stack may be, returns that skip frames, many regions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';
import { addTranslator, type Translator, type TranslatorMode } from '../../src/machine/jit/translator.ts';
import { TRAP_BREAKPOINT, TRAP_FETCH_FAULT } from '../../src/machine/machine.ts';

const CODE = 0x10000, STACK = 0x400000, A0 = 10, SP = 2;

function run(source: string, mode: TranslatorMode | 'off'): { m: FlatMachine; translator: Translator | null } {
  const m = new FlatMachine(16 << 20);
  m.mapRange(CODE, CODE + 0x5000);
  m.mapRange(STACK - 0x100000, STACK);
  m.write(CODE, assemble(source, CODE).bytes);
  const translator = mode === 'off' ? null : addTranslator(m.hart, m.ram, mode);
  m.setX(SP, STACK);
  m.setPc(CODE);
  assert.equal(m.hart.run(1e9), TRAP_BREAKPOINT);
  return { m, translator };
}

/** Runs on both tiers; answers a0, which must be the same, as must be the number of instructions. */
function both(source: string, mode: TranslatorMode = 'eager'): number {
  const a = run(source, 'off').m, b = run(source, mode).m;
  assert.equal(b.getX(A0), a.getX(A0));
  assert.equal(b.hart.instret, a.hart.instret);
  return b.getX(A0);
}

test('a program that writes and runs new code ten thousand times stays right and small', () => {
  // Each round patches the immediate of `addi a0, a0, n` on the next page and calls it.
  const { m, translator } = run(`
    li s0, 10000
    li s1, ${CODE + 0x1000}
    li s2, 0x8082
    li a0, 0
  1: andi t0, s0, 15
    slli t0, t0, 20
    li t1, 0x50513
    or t0, t0, t1
    sw t0, 0(s1)
    sh s2, 4(s1)
    fence.i
    jalr s1
    addi s0, s0, -1
    bnez s0, 1b
    ebreak`, 'on');
  let sum = 0;
  for (let i = 1; i <= 10_000; i++) sum += i & 15;
  assert.equal(m.getX(A0), sum);
  assert.ok(translator!.statistics.regions < 100, `${translator!.statistics.regions} regions`);
});

test('recursion deeper than translated calls may nest', () => {
  const depth = 20_000;
  assert.equal(both(`
    li a1, ${depth}
    li a0, 0
    call f
    ebreak
  f: beqz a1, 1f
    addi sp, sp, -16
    sd ra, 8(sp)
    addi a1, a1, -1
    call f
    addi a0, a0, 1
    ld ra, 8(sp)
    addi sp, sp, 16
  1: ret`), depth);
});

test('entries of a procedure linkage table are executed on the way, and translated nowhere', () => {
  const program = (entry: string): string => `
    li s0, 5000
    li a0, 0
    la t0, f
    la t1, got
    sd t0, 0(t1)
    j 1f
    .align 12
  1: jal plt
    addi s0, s0, -1
    bnez s0, 1b
    ebreak
    .align 12
  plt: ld t3, got
    ${entry}
    nop
    .align 12
  f: add a0, a0, t1
    ret
    .align 12
  got: .dword 0`;
  const regions = (entry: string): number => run(program(entry), 'eager').translator!.statistics.regions;
  assert.equal(both(program('jalr t1, 0(t3)')), 5000 * (CODE + 0x200c));
  // Another register is another thing.
  assert.equal(both(program('jalr t2, 0(t3)')), 5000 * (CODE + 0x4000));
  assert.ok(regions('jalr t1, 0(t3)') < regions('jalr t2, 0(t3)'));
});

test('in each address space a call goes to what is mapped there', () => {
  const m = new FlatMachine(16 << 20), other = m.frame(), caller = m.map(CODE), callees = [m.map(CODE + 0x1000), m.map(CODE + 0x1000, undefined, undefined, other)];
  m.map(CODE, undefined, caller, other);
  m.ram.u8.set(assemble('li s0, 100\n1: jal 0x11000\naddi s0, s0, -1\nbnez s0, 1b\nebreak', CODE).bytes, caller * 4096);
  callees.forEach((f, i) => { m.ram.u8.set(assemble(`addi a0, a0, ${i + 1}\nmv ra, ra\nret`, 0).bytes, f * 4096); });
  const translator = addTranslator(m.hart, m.ram, 'eager');
  for (let i = 0; i < 40; i++) {
    m.hart.activate(i % 2 === 0 ? m.root : other);
    m.setPc(CODE);
    m.setX(A0, 0);
    assert.equal(m.hart.run(1e6), TRAP_BREAKPOINT);
    assert.equal(m.getX(A0), 100 * (i % 2 + 1));
  }
  assert.ok(translator.statistics.regions >= 3 && translator.statistics.dropped === 0);
});

test('returns that skip frames, as longjmp does', () => {
  assert.equal(both(`
    li s0, 3000
    li a0, 0
  1: mv s1, sp
    call f
    la s2, 2f
    call g
    li a0, -1
  2: mv sp, s1
    addi s0, s0, -1
    bnez s0, 1b
    ebreak
  f: addi a0, a0, 1
    ret
  g: addi sp, sp, -16
    call h
    ret
  h: addi a0, a0, 2
    mv ra, s2
    ret`), 9000);
});

test('a region is cut at its limit and goes on in the next', () => {
  const body = Array.from({ length: 900 }, (_, i) => `addi a0, a0, ${i & 3}`).join('\n');
  for (const mode of ['on', 'eager'] as const) both(`li a0, 0\nli s0, 500\n1: ${body}\naddi s0, s0, -1\nbeqz s0, 2f\nj 1b\n2: ebreak`, mode);
});

test('a register that only some ways have written is right where the next page turns out to be another one', () => {
  const AGAIN = 0x80000, CALLER = CODE + 0x3000, m = new FlatMachine(16 << 20);
  m.mapRange(CODE, CODE + 0x4000);
  // The same first page, beside another second one, which leaves a0 alone.
  m.map(AGAIN, undefined, m.hart.mmu.translate(CODE, 0) >>> 12);
  m.map(AGAIN + 0x1000);
  m.write(CODE + 0x800, assemble(`beqz a1, ${CODE + 0x1000}\nli a0, 5\nj ${CODE + 0x1000}`, CODE + 0x800).bytes);
  m.write(CODE + 0x1000, assemble('li a0, 7\nret', CODE + 0x1000).bytes);
  m.write(AGAIN + 0x1000, assemble('ret', AGAIN + 0x1000).bytes);
  m.write(CALLER, assemble(`
    call ${CODE + 0x1000}
    li s0, 300
  1: andi a1, s0, 1
    call ${CODE + 0x800}
    addi s0, s0, -1
    bnez s0, 1b
    li a0, 42
    li a1, 0
    li t0, ${AGAIN + 0x800}
    jalr t0
    ebreak`, CALLER).bytes);
  addTranslator(m.hart, m.ram, 'eager');
  m.setX(SP, STACK);
  m.setPc(CALLER);
  assert.equal(m.hart.run(1e9), TRAP_BREAKPOINT);
  assert.equal(m.getX(A0), 42);
});

test('a page that begins with what only the hart executes is fetched from where it is mapped, not where it was', () => {
  const AGAIN = 0x80000, m = new FlatMachine(16 << 20);
  m.mapRange(CODE, CODE + 0x2000);
  // The same first page, with nothing behind it.
  m.map(AGAIN, undefined, m.hart.mmu.translate(CODE, 0) >>> 12);
  m.write(CODE + 0xfe0, assemble('li s0, 300\n1: addi s0, s0, -1\nbnez s0, 1b\nli a0, 1\nj 2f\n.align 5\n2:', CODE + 0xfe0).bytes);
  m.write(CODE + 0x1000, assemble('ebreak', CODE + 0x1000).bytes);
  addTranslator(m.hart, m.ram, 'eager');
  for (const [start, trap] of [[CODE, TRAP_BREAKPOINT], [CODE, TRAP_BREAKPOINT], [AGAIN, TRAP_FETCH_FAULT]] as const) {
    m.setPc(start + 0xfe0);
    assert.equal(m.hart.run(1e9), trap);
  }
  assert.equal(m.hart.tval, AGAIN + 0x1000);
});
