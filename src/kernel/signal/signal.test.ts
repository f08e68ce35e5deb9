// Sending, queueing, choosing a thread, and stopping and continuing, without a machine (signal(7), kill(2), sigaction(2)).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCKED, EAGAIN, EINTR, EPERM, ESRCH } from '../../abi/errno.ts';
import { RLIMIT_SIGPENDING } from '../../abi/resource.ts';
import * as sig from '../../abi/signal.ts';
import { call, FakeKernel } from '../ipc/test-util.ts';
import { credentialsFor } from '../security/credentials.ts';
import { sys_kill, sys_rt_sigprocmask, sys_rt_sigqueueinfo, sys_rt_sigtimedwait, sys_sigaltstack, sys_tgkill } from '../syscall/signal.ts';
import type { Task } from '../task/task.ts';
import { dequeue, dequeueFault, forceSignal, kernelSignal, sendToProcess, sendToTask, setSigmask } from './send.ts';
import { bitHi, bitLo } from './sets.ts';

const { SIGCHLD, SIGCONT, SIGHUP, SIGKILL, SIGSEGV, SIGSTOP, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIG_IGN, SI_QUEUE, SI_USER } = sig;
const HANDLER = 4096, AT = 256;
const pendingOf = (t: Task): number[] => t.process.pending.infos.map(i => i.signo);
function block(t: Task, ...signals: number[]): void {
  setSigmask(t, signals.reduce((w, s) => w | bitLo(s), 0), signals.reduce((w, s) => w | bitHi(s), 0));
}
const all = (t: Task) => dequeue(t, -1, -1)?.signo;

test('standard signals merge, real-time ones queue; the lowest number comes first, the thread\'s own before the process\'', () => {
  const k = new FakeKernel(), t = k.spawn();
  block(t, SIGUSR1, SIGTERM, 40, 41);
  for (const s of [41, SIGTERM, 40, SIGTERM, 40]) sendToProcess(t.process, { signo: s, code: SI_QUEUE, valueLo: pendingOf(t).length });
  sendToTask(t, kernelSignal(41));
  assert.equal(t.signalPending, false);
  assert.equal(all(t), 41);
  assert.equal(all(t), SIGTERM);
  assert.equal(dequeue(t, -1, -1)!.valueLo, 2);
  assert.equal(all(t), 40);
  assert.equal(all(t), 41);
  assert.equal(all(t), undefined);
});

test('RLIMIT_SIGPENDING: sigqueue fails, kill still arrives', () => {
  const k = new FakeKernel(), t = k.spawn();
  block(t, 40);
  t.process.rlimits[RLIMIT_SIGPENDING] = { soft: 2, hard: 2 };
  for (let i = 0; i < 2; i++) assert.equal(sendToProcess(t.process, { signo: 40, code: SI_QUEUE }), 0);
  assert.equal(sendToProcess(t.process, { signo: 40, code: SI_QUEUE }), EAGAIN);
  assert.equal(sendToProcess(t.process, { signo: 40, code: SI_USER }), 0);
  assert.equal(t.process.pending.infos.length, 2);
});

test('ignored signals vanish unless they are blocked', () => {
  const k = new FakeKernel(), t = k.spawn();
  sendToProcess(t.process, kernelSignal(SIGCHLD));
  t.handlers.actions[SIGUSR1]!.handler = SIG_IGN;
  sendToProcess(t.process, kernelSignal(SIGUSR1));
  assert.deepEqual(pendingOf(t), []);
  block(t, SIGUSR1);
  sendToProcess(t.process, kernelSignal(SIGUSR1));
  assert.deepEqual(pendingOf(t), [SIGUSR1]);
});

test('SIGCONT and stop signals cancel each other at generation', () => {
  const k = new FakeKernel(), t = k.spawn();
  block(t, SIGCONT, SIGTSTP);
  sendToProcess(t.process, kernelSignal(SIGTSTP));
  sendToProcess(t.process, kernelSignal(SIGCONT));
  assert.deepEqual(pendingOf(t), [SIGCONT]);
  sendToProcess(t.process, kernelSignal(SIGSTOP));
  assert.deepEqual(pendingOf(t), [SIGSTOP]);
});

test('a process signal goes to a thread that can take it, and on to another when that one blocks it', () => {
  const k = new FakeKernel(), leader = k.spawn(), other = k.thread(leader.process);
  other.handlers = leader.handlers;
  leader.handlers.actions[SIGUSR1]!.handler = HANDLER;
  block(leader, SIGUSR1);
  other.state = 'S';
  sendToProcess(leader.process, kernelSignal(SIGUSR1));
  assert.equal(other.state, 'R');
  assert.equal(leader.signalPending, false);
  block(other, SIGUSR1);
  assert.equal(other.signalPending, false);
  block(leader);
  assert.equal(leader.signalPending, true);
  other.state = 'S';
  block(other);
  block(leader, SIGUSR1);
  assert.equal(other.signalPending, true);
});

test('faults are forced: blocked or ignored they get the default action, and they come before older signals', () => {
  const k = new FakeKernel(), t = k.spawn();
  t.handlers.actions[SIGSEGV]!.handler = HANDLER;
  block(t, SIGSEGV);
  sendToTask(t, kernelSignal(SIGHUP));
  forceSignal(t, { signo: SIGSEGV, code: 1, addr: 8 });
  assert.equal(t.handlers.actions[SIGSEGV]!.handler, 0);
  assert.equal(dequeueFault(t, -1)!.signo, SIGSEGV);
  assert.equal(all(t), SIGHUP);
  sendToTask(t, { signo: SIGSEGV, code: SI_USER }); // sent by hand it is a signal like others
  assert.equal(dequeueFault(t, -1), null);
});

test('kill: permissions, process groups, everybody', () => {
  const k = new FakeKernel();
  const root = k.spawn(0), user = k.spawn(1000), same = k.spawn(1000), stranger = k.spawn(1001);
  for (const t of [root, user, same, stranger]) t.handlers.actions[SIGUSR1]!.handler = HANDLER;
  assert.equal(call(user, sys_kill, same.tid, SIGUSR1), 0);
  assert.equal(call(user, sys_kill, stranger.tid, SIGUSR1), EPERM);
  assert.equal(call(user, sys_kill, stranger.tid, 0), EPERM);
  assert.equal(call(user, sys_kill, 999, 0), ESRCH);
  assert.equal(call(user, sys_kill, -2147483648, 0), ESRCH);
  assert.equal(call(user, sys_kill, -1, SIGUSR2), 0);
  assert.deepEqual([pendingOf(same), pendingOf(stranger), pendingOf(user)], [[SIGUSR1, SIGUSR2], [], []]);
  stranger.cred = credentialsFor(1001, 1001).with({ suid: 1000 });
  assert.equal(call(user, sys_kill, stranger.tid, SIGUSR1), 0);
  assert.equal(call(root, sys_kill, user.tid, SIGKILL), 0);
  assert.equal(call(user, sys_tgkill, same.tid, stranger.tid, SIGUSR1), ESRCH);
});

test('sigqueue: nobody may pretend to be the kernel, or another sender', () => {
  const k = new FakeKernel(), t = k.spawn(), other = k.spawn();
  block(other, 40);
  const put = (code: number): void => {
    k.user.storeU32(AT, 40);
    k.user.storeU32(AT + 8, code >>> 0);
  };
  put(0);
  assert.equal(call(t, sys_rt_sigqueueinfo, other.tid, 40, AT), EPERM);
  put(sig.SI_TKILL);
  assert.equal(call(t, sys_rt_sigqueueinfo, other.tid, 40, AT), EPERM);
  put(SI_QUEUE);
  assert.equal(call(t, sys_rt_sigqueueinfo, other.tid, 40, AT), 0);
  assert.deepEqual(pendingOf(other), [40]);
});

test('sigtimedwait: takes what is pending, waits for what is blocked, gives up in time, and any other signal ends it', () => {
  const k = new FakeKernel(), t = k.spawn();
  k.user.storeWords(AT, bitLo(SIGUSR1), 0);
  k.user.storeI64(AT + 16, 0);
  k.user.storeI64(AT + 24, 1_000_000);
  const wait = (): number | 'parked' => call(t, sys_rt_sigtimedwait, AT, 0, AT + 16, 8);
  block(t, SIGUSR1);
  sendToProcess(t.process, kernelSignal(SIGUSR1));
  assert.equal(wait(), SIGUSR1);
  assert.equal(wait(), 'parked');
  sendToProcess(t.process, kernelSignal(SIGUSR1));
  assert.equal(t.state, 'R');
  assert.equal(wait(), SIGUSR1);
  assert.equal(wait(), 'parked');
  k.advance(1_000_000);
  assert.equal(wait(), EAGAIN);
  assert.equal(wait(), 'parked');
  t.handlers.actions[SIGUSR2]!.handler = HANDLER;
  sendToProcess(t.process, kernelSignal(SIGUSR2));
  assert.equal(wait(), EINTR);
  assert.notEqual(BLOCKED, EINTR);
});

test('sigprocmask never blocks SIGKILL and SIGSTOP', () => {
  const k = new FakeKernel(), t = k.spawn();
  k.user.storeWords(AT, -1, -1);
  assert.equal(call(t, sys_rt_sigprocmask, sig.SIG_SETMASK, AT, 0, 8), 0);
  assert.equal(t.sigmaskLo, ~(bitLo(SIGKILL) | bitLo(SIGSTOP)));
  assert.equal(call(t, sys_rt_sigprocmask, 77, AT, 0, 8), -22);
});

test('sigaltstack: sizes and modes are checked, the old one is told with its state', () => {
  const k = new FakeKernel(), t = k.spawn();
  const x = new Int32Array(64);
  Object.assign(k, { hart: { x } });
  const set = (sp: number, flags: number, size: number): number | 'parked' => {
    k.user.storeI64(AT, sp);
    k.user.storeI64(AT + 8, 0);
    k.user.storeU32(AT + 8, flags >>> 0);
    k.user.storeI64(AT + 16, size);
    return call(t, sys_sigaltstack, AT, AT + 32);
  };
  assert.equal(set(0x1000, 0, 100), -12);
  assert.equal(set(0x1000, 8, 8192), -22);
  assert.equal(set(0x1000, 0, 8192), 0);
  assert.equal(k.user.u32(AT + 40), sig.SS_DISABLE);
  x[4] = 0x2000;
  assert.equal(set(0x9000, 0, 8192), EPERM);
  assert.equal(call(t, sys_sigaltstack, 0, AT + 32), 0);
  assert.equal(k.user.u32(AT + 40), sig.SS_ONSTACK);
  x[4] = 0;
  assert.equal(set(0x9000, sig.SS_AUTODISARM | 0, 8192), 0);
  assert.equal(call(t, sys_sigaltstack, 0, AT + 32), 0);
  assert.equal(k.user.i32(AT + 40), sig.SS_AUTODISARM | 0);
});
