// wait4(2) and waitid(2): which children count, which events there are, and what looking leaves behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCKED, ECHILD } from '../../abi/errno.ts';
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIGCHLD, SIGCONT, SIGSEGV, SIGTERM, SIGTSTP } from '../../abi/signal.ts';
import { WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED, __WALL, __WCLONE, __WNOTHREAD } from '../../abi/wait.ts';
import { FakeKernel } from '../ipc/test-util.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';
import { type WaitEvent, type WaitTarget, waitForChild } from './wait.ts';

const ALL: WaitTarget = { kind: 'all' };

function child(k: FakeKernel, parent: Task, exitSignal = SIGCHLD): Process {
  const p = k.spawn().process;
  p.parent = parent.process;
  p.exitSignal = exitSignal;
  p.forkedBy = parent;
  parent.process.children.add(p);
  k.pids.groups.set(p.group.id, p.group);
  p.group.session.groups.set(p.group.id, p.group);
  p.group.members.add(p);
  return p;
}
const look = (t: Task, target: WaitTarget, options: number): WaitEvent => waitForChild(t, target, options) as WaitEvent;

test('zombies are described once, or as often as asked for with WNOWAIT, and then buried', () => {
  const k = new FakeKernel(), t = k.spawn();
  const ends: [number, number, number][] = [[7 << 8, CLD_EXITED, 7], [SIGTERM, CLD_KILLED, SIGTERM], [SIGSEGV | 0x80, CLD_DUMPED, SIGSEGV]];
  for (const [status, code, detail] of ends) {
    const p = child(k, t);
    assert.equal(waitForChild(t, ALL, WEXITED | WNOHANG), null);
    p.exitStatus = status;
    for (const options of [WEXITED | WNOWAIT, WEXITED]) {
      const e = look(t, ALL, options);
      assert.deepEqual([e.pid, e.status, e.code, e.siStatus], [p.pid, status, code, detail]);
    }
    assert.equal(waitForChild(t, ALL, WEXITED), ECHILD);
    assert.equal(k.pids.processes.has(p.pid), false);
  }
});

test('a waiter parks as long as a child may still come', () => {
  const k = new FakeKernel(), t = k.spawn();
  child(k, t);
  assert.equal(waitForChild(t, ALL, WEXITED), BLOCKED);
  assert.equal(t.process.childEvents.isEmpty, false);
});

test('stops and continuations are reported once each, a stop only when all threads have stopped', () => {
  const k = new FakeKernel(), t = k.spawn(), p = child(k, t);
  const second = k.thread(p);
  p.leader.state = 'T';
  Object.assign(p, { stopSignal: SIGTSTP, stopReported: false });
  assert.equal(waitForChild(t, ALL, WSTOPPED | WNOHANG), null);
  second.state = 'T';
  assert.equal(waitForChild(t, ALL, WEXITED | WNOHANG), null);
  const e = look(t, ALL, WSTOPPED | WNOHANG);
  assert.deepEqual([e.status, e.code, e.siStatus], [(SIGTSTP << 8) | 0x7f, CLD_STOPPED, SIGTSTP]);
  assert.equal(waitForChild(t, ALL, WSTOPPED | WNOHANG), null);
  Object.assign(p, { stopSignal: 0, continueReported: false });
  const c = look(t, ALL, WCONTINUED | WNOHANG);
  assert.deepEqual([c.status, c.code, c.siStatus], [0xffff, CLD_CONTINUED, SIGCONT]);
  assert.equal(waitForChild(t, ALL, WCONTINUED | WNOHANG), null);
});

test('which children: by number, by group, clone children, those of this thread', () => {
  const k = new FakeKernel(), t = k.spawn(), a = child(k, t), b = child(k, t), clone = child(k, t, 0);
  for (const p of [a, b, clone]) p.exitStatus = 0;
  const found = (target: WaitTarget, options = 0): number | undefined => (waitForChild(t, target, WEXITED | WNOWAIT | WNOHANG | options) as WaitEvent).pid;
  assert.equal(found({ kind: 'pid', pid: b.pid }), b.pid);
  assert.equal(found({ kind: 'group', pgid: b.group.id }), b.pid);
  assert.equal(waitForChild(t, { kind: 'pid', pid: 999 }, WEXITED), ECHILD);
  assert.equal(waitForChild(t, { kind: 'pid', pid: clone.pid }, WEXITED), ECHILD);
  assert.equal(found(ALL, __WCLONE), clone.pid);
  assert.equal(found({ kind: 'pid', pid: clone.pid }, __WALL), clone.pid);
  const other = k.thread(t.process);
  assert.equal(waitForChild(other, ALL, WEXITED | __WNOTHREAD), ECHILD);
  b.forkedBy = other;
  assert.equal((waitForChild(other, ALL, WEXITED | __WNOTHREAD) as WaitEvent).pid, b.pid);
});
