// Calls that sleep, stopped and continued without a handler (signal(7), "Interruption of system calls and library functions by stop signals"):
// most go on with their old deadline, some answer EINTR.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMachine } from '../../../test/kernel/machine.ts';
import { EINTR, ETIMEDOUT } from '../../abi/errno.ts';
import { SIGCONT, SIGKILL, SIGSTOP, SIGUSR1, SI_USER } from '../../abi/signal.ts';
import { zapPages } from '../mm/unmap.ts';
import { sendToProcess } from './send.ts';

const MS = 1e6;
/** Waits of 100 ms each; `prepare` runs first. */
const CALLS: readonly { name: string; call: string; prepare?: string; gives: number }[] = [
  { name: 'nanosleep', call: 'la a0, time\nli a1, 0\nli a7, 101', gives: 0 },
  { name: 'clock_nanosleep', call: 'li a0, 1\nli a1, 0\nla a2, time\nli a3, 0\nli a7, 115', gives: 0 },
  { name: 'ppoll', call: 'li a0, 0\nli a1, 0\nla a2, time\nli a3, 0\nli a4, 8\nli a7, 73', gives: 0 },
  { name: 'pselect6', call: 'li a0, 0\nli a1, 0\nli a2, 0\nli a3, 0\nla a4, time\nli a5, 0\nli a7, 72', gives: 0 },
  { name: 'futex', call: 'la a0, word\nli a1, 0\nli a2, 0\nla a3, time\nli a4, 0\nli a5, 0\nli a7, 98', gives: ETIMEDOUT },
  { name: 'rt_sigtimedwait', call: 'la a0, set\nli a1, 0\nla a2, time\nli a3, 8\nli a7, 137', gives: EINTR },
  { name: 'epoll_pwait', prepare: 'li a0, 0\nli a7, 20\necall', call: 'la a1, event\nli a2, 1\nli a3, 100\nli a4, 0\nli a5, 8\nli a7, 22', gives: EINTR },
];
const DATA = '.align 3\ntime: .quad 0\n.quad 100000000\nset: .quad 512\nword: .quad 0\nevent: .quad 0\n.quad 0\n';
const program = (c: typeof CALLS[number]): string => `${c.prepare ?? ''}\n${c.call}\necall\nneg a0, a0\nli a7, 93\necall\n${DATA}`;
const send = (t: ReturnType<TestMachine['start']>, signo: number): number => sendToProcess(t.process, { signo, code: SI_USER });

for (const c of CALLS) {
  test(`${c.name}: stopped in its sleep and continued`, () => {
    const m = new TestMachine();
    const t = m.startSource(program(c));
    m.run(20 * MS);
    assert.equal(t.state, 'S');
    send(t, SIGSTOP);
    m.run(20 * MS);
    assert.equal(t.state, 'T');
    send(t, SIGCONT);
    m.run(20 * MS);
    assert.equal(t.process.isZombie, c.gives === EINTR);
    if (c.gives !== EINTR) {
      assert.equal(t.state, 'S');
      m.run(60 * MS, t);
    }
    assert.equal(t.process.exitStatus, (-c.gives & 0xff) << 8);
  });

  test(`${c.name}: the deadline passes while it is stopped`, () => {
    const m = new TestMachine();
    const t = m.startSource(program(c));
    m.run(20 * MS);
    send(t, SIGSTOP);
    m.run(200 * MS);
    assert.equal(t.state, 'T');
    send(t, SIGCONT);
    m.run(5 * MS, t);
    assert.equal(t.process.exitStatus, (-c.gives & 0xff) << 8);
  });

  test(`${c.name}: killed, asleep and stopped`, () => {
    const m = new TestMachine();
    const asleep = m.startSource(program(c), 'asleep'), stopped = m.startSource(program(c), 'stopped');
    m.run(20 * MS);
    send(stopped, SIGSTOP);
    m.run(1 * MS);
    for (const t of [asleep, stopped]) send(t, SIGKILL);
    m.run(1 * MS);
    assert.deepEqual([asleep, stopped].map(t => t.process.exitStatus), [SIGKILL, SIGKILL]);
    assert.equal(m.kernel.timers.nextDeadline, Infinity);
    assert.equal(m.kernel.ipc.futexes.size, 0);
  });
}

test('sigsuspend is interrupted once even if its code has been reclaimed meanwhile', () => {
  const m = new TestMachine();
  const t = m.startSource('la t0, handler\nla a1, action\nsd t0, 0(a1)\nli a0, 10\nli a2, 0\nli a3, 8\nli a7, 134\necall\nla a0, none\nli a1, 8\nli a7, 133\necall\n'
    + 'neg a0, a0\nli a7, 93\necall\nhandler: ret\n.align 3\naction: .quad 0\nnone: .quad 0\n.quad 0\n.quad 0\n');
  m.run(20 * MS);
  assert.equal(t.state, 'S');
  zapPages(t.mm!, 0x10000, 0x11000);
  send(t, SIGUSR1);
  m.run(20 * MS);
  assert.equal(t.process.exitStatus, EINTR * -256);
});
