// Guest calls are calls of the engine: however deep a program goes, and however little stack is left, the engine's own must not overflow. What comes back from the
// depth in another way (a jump over many frames, a system call that moves pc) finds its state complete.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';
import { addTranslator } from '../../src/machine/jit/translator.ts';
import { TRAP_BREAKPOINT, type Trap } from '../../src/machine/machine.ts';

const CODE = 0x10000, STACK = 0x4000000, A0 = 10, SP = 2;

/** A machine with the program; `run` goes to its ebreak. */
function machine(source: string, mode: 'off' | 'on' | 'eager'): FlatMachine {
  const m = new FlatMachine(64 << 20);
  m.mapRange(CODE, CODE + 0x4000);
  m.mapRange(STACK - (24 << 20), STACK);
  m.write(CODE, assemble(source, CODE).bytes);
  if (mode !== 'off') addTranslator(m.hart, m.ram, mode);
  m.setX(SP, STACK);
  m.setPc(CODE);
  return m;
}

function run(m: FlatMachine): Trap {
  m.setX(SP, STACK);
  m.setPc(CODE);
  return m.hart.run(1e9);
}

const X = [5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31];
/** A function whose translation has all registers in locals, and calls itself a1 times. */
const FAT = `
    li a1, 20000
    li a0, 1
    call f
    ebreak
  f: beqz a1, 1f
    addi sp, sp, -32
    sd ra, 24(sp)
    sd a1, 16(sp)
    addi a1, a1, -1
    ${X.map(r => `addi x${r === 11 ? 5 : r}, x${r === 11 ? 5 : r}, 1`).join('\n')}
    ${X.map((_, i) => `fadd.d f${i}, f${i}, f${(i + 1) % 32}`).join('\n')}
    call f
    ${X.map(r => `add a0, a0, x${r === 11 ? 5 : r}`).join('\n')}
    ${X.map((_, i) => `fadd.d f${i}, f${i}, f${(i + 1) % 32}`).join('\n')}
    ld ra, 24(sp)
    ld a1, 16(sp)
    addi sp, sp, 32
  1: ret`;

/** Two functions in pages of their own that call each other through registers. */
const INDIRECT = `
    li a1, 20000
    li a0, 1
    la s2, f
    la s3, g
    jalr s2
    ebreak
  f: beqz a1, 1f
    addi sp, sp, -16
    sd ra, 8(sp)
    addi a1, a1, -1
    jalr s3
    addi a0, a0, 3
    ld ra, 8(sp)
    addi sp, sp, 16
  1: ret
  .align 12
  g: beqz a1, 1f
    addi sp, sp, -16
    sd ra, 8(sp)
    addi a1, a1, -1
    jalr s2
    slli a0, a0, 1
    xor a0, a0, a1
    ld ra, 8(sp)
    addi sp, sp, 16
  1: ret`;

for (const [name, source] of [['a function with all registers', FAT], ['calls through registers', INDIRECT]] as const) {
  test(`${name} that calls itself twenty thousand times`, () => {
    const [plain, translated] = [machine(source, 'off'), machine(source, 'eager')];
    for (let i = 0; i < 3; i++) for (const m of [plain, translated]) assert.equal(run(m), TRAP_BREAKPOINT);
    for (let r = 1; r < 32; r++) assert.equal(translated.getX(r), plain.getX(r), `x${r}`);
    assert.equal(translated.hart.instret, plain.hart.instret);
  });
}

test('a system call in the depth moves pc and sp, as longjmp from a handler does', () => {
  const source = `
    li s0, 400
    li a0, 0
  1: mv s1, sp
    li a1, 150
    call f
    addi a0, a0, 1000        # never
  2: mv sp, s1
    addi s0, s0, -1
    bnez s0, 1b
    ebreak
  f: addi sp, sp, -16
    sd ra, 8(sp)
    addi a0, a0, 1
    addi a1, a1, -1
    bnez a1, 3f
    ecall
  3: call f
    ld ra, 8(sp)
    addi sp, sp, 16
    ret
  `;
  const out = assemble(source.replace('2: mv', 'out: mv'), CODE).symbols.get('out')!;
  const [plain, translated] = (['off', 'on'] as const).map(mode => {
    const m = machine(source, mode);
    m.hart.setEcallHandler({ ecall: () => { m.setPc(out); return 0; } });
    assert.equal(run(m), TRAP_BREAKPOINT);
    return m;
  }) as [FlatMachine, FlatMachine];
  assert.equal(plain.getX(A0), 400 * 150);
  assert.equal(translated.getX(A0), plain.getX(A0));
  assert.equal(translated.getX(SP), STACK);
  assert.equal(translated.hart.instret, plain.hart.instret);
});

// The same in processes whose engine has less stack, in KiB; 984 is what Node gives.
const IS_CHILD = process.env['KSPACE_SMALL_STACK'] === '1';
for (const size of [150, 300, 600]) {
  test(`a stack of ${size} KiB`, { skip: IS_CHILD }, () => {
    const child = spawnSync(process.execPath, [`--stack-size=${size}`, import.meta.filename ?? new URL(import.meta.url).pathname], { env: { ...process.env, KSPACE_SMALL_STACK: '1', NODE_TEST_CONTEXT: '' }, encoding: 'utf8' });
    assert.equal(child.status, 0, child.stdout + child.stderr);
    assert.match(child.stdout, /pass 3\b/);
  });
}
