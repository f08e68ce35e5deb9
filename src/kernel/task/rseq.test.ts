// A restartable sequence on a small machine: interrupted by another task it goes on at its abort handler, with the section forgotten.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMachine } from '../../../test/kernel/machine.ts';
import { SIGSEGV } from '../../abi/signal.ts';

/** Registers, enters a section that spins for ever, and exits with 5 from the abort handler (or 6 if the section is still announced). */
const program = (signature: number, before = ''): string => `${before}
  addi s0, sp, -1024
  andi s0, s0, -32
  mv a0, s0
  li a1, 32
  li a2, 0
  li a3, 0x53053053
  li a7, 293
  ecall
  bnez a0, fail
  la t0, cs
  sd t0, 8(s0)
start: j start
end: nop
  .align 2
  .word ${signature}
abort:
  li a0, 5
  ld t1, 8(s0)
  beqz t1, out
fail: li a0, 6
out: li a7, 93
  ecall
  .align 5
cs: .word 0
  .word 0
  .quad start
  .quad 4
  .quad abort
`;

test('preemption aborts a critical section', () => {
  const m = new TestMachine();
  const t = m.startSource(program(0x53053053));
  m.startSource('1: j 1b\n', 'rival');
  assert.equal(m.finish(t).status, 5 << 8);
});

test('alone on the hart nobody interrupts it', () => {
  const m = new TestMachine();
  const t = m.startSource(program(0x53053053));
  m.run(2e7);
  assert.equal(t.process.isZombie, false);
});

test('an abort handler without its signature is a fault', () => {
  const m = new TestMachine();
  const t = m.startSource(program(1));
  m.startSource('1: j 1b\n', 'rival');
  assert.equal(m.finish(t).status & 0x7f, SIGSEGV);
});

/** Handler for SIGSEGV: the program itself, on any stack, as often as it likes (SA_NODEFER). */
const ENDLESS_HANDLER = `
  la t0, handler
  sd t0, -512(sp)
  li t1, 0x40000000
  sd t1, -504(sp)
  sd zero, -496(sp)
  li a0, 11
  addi a1, sp, -512
  li a2, 0
  li a3, 8
  li a7, 134
  ecall
  j begin
handler: j handler
begin:`;

test('a section that makes no sense ends the program at the second fault, whatever handles the first', () => {
  const m = new TestMachine();
  const t = m.startSource(program(1, ENDLESS_HANDLER));
  m.startSource('1: j 1b\n', 'rival');
  assert.equal(m.finish(t).status & 0x7f, SIGSEGV);
  assert.equal(m.kernel.oopses, 0);
});
