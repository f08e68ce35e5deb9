// The tracer's view of registers, and the relation between tracer and tracee, without a machine. What stops look like is shown by test/guest/src/ptrace-*.c.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NT_PRFPREG, NT_PRSTATUS } from '../../abi/elf.ts';
import { EINVAL, EIO, EPERM, ESRCH } from '../../abi/errno.ts';
import * as abi from '../../abi/ptrace.ts';
import { SIGSTOP, SIGTRAP } from '../../abi/signal.ts';
import { CTX_PC, CTX_X } from '../../machine/machine.ts';
import { readU64, writeU64 } from '../../lib/u64.ts';
import { call, FakeKernel } from '../ipc/test-util.ts';
import { refreshPending } from '../signal/send.ts';
import { sys_ptrace } from '../syscall/ptrace.ts';
import { RestartRecord, type Task } from '../task/task.ts';
import { callInfo } from './call-info.ts';
import { readRegset, regsetSize, writeRegset } from './registers.ts';
import { link, releaseTracees } from './relation.ts';
import { type StopKind, TraceStop } from './state.ts';
import { traceeEvent } from './wait.ts';

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
function stopped(k: FakeKernel, tracer: Task, kind: StopKind, pc: number): Task {
  const t = k.spawn();
  link(t, tracer, 'seized', abi.PTRACE_O_TRACESYSGOOD, true);
  t.state = 't';
  t.traceStop = new TraceStop(kind, SIGTRAP, null);
  writeU64(view(t.context), CTX_PC, pc);
  writeU64(view(t.context), CTX_X + 8 * 10, 77);
  return t;
}

test('inside a call the tracer sees pc behind the ecall, also across a 32-bit boundary', () => {
  const k = new FakeKernel(), tracer = k.spawn();
  for (const pc of [0x10000, 0xffff_fffc]) {
    const t = stopped(k, tracer, 'syscall-enter', pc);
    const regs = readRegset(t, NT_PRSTATUS);
    assert.equal(readU64(view(regs), 0), pc + 4);
    writeRegset(t, NT_PRSTATUS, regs);
    assert.equal(readU64(view(t.context), CTX_PC), pc);
    t.traceStop = new TraceStop('signal', SIGTRAP, null);
    assert.equal(readU64(view(readRegset(t, NT_PRSTATUS)), 0), pc);
  }
});

test('a tracee that is sent elsewhere does not go on with its call; one that stays does', () => {
  const k = new FakeKernel(), t = stopped(k, k.spawn(), 'signal', 0x1000);
  t.restart = new RestartRecord();
  const regs = readRegset(t, NT_PRSTATUS);
  writeRegset(t, NT_PRSTATUS, regs);
  assert.notEqual(t.restart, null);
  writeU64(view(regs), 0, 0x2000);
  writeRegset(t, NT_PRSTATUS, regs.subarray(0, 8));
  assert.equal(t.restart, null);
  assert.equal(readU64(view(t.context), CTX_PC), 0x2000);
  assert.equal(readU64(view(t.context), CTX_X + 80), 77);
});

test('register sets of this hart', () => {
  assert.equal(regsetSize(NT_PRSTATUS), 256);
  assert.equal(regsetSize(NT_PRFPREG), 264);
  assert.equal(regsetSize(0x901), EINVAL);
});

test('PTRACE_GET_SYSCALL_INFO by kind of stop, and without TRACESYSGOOD', () => {
  const k = new FakeKernel(), tracer = k.spawn();
  const length = (kind: StopKind): number => callInfo(stopped(k, tracer, kind, 0x1000)).length;
  assert.deepEqual([length('syscall-enter'), length('syscall-exit'), length('signal'), length('in-call')], [80, 33, 24, 24]);
  const plain = stopped(k, tracer, 'syscall-enter', 0x1000);
  plain.traced!.options = 0;
  assert.equal(callInfo(plain).length, 24);
});

test('who may attach, and to what a tracer may speak', () => {
  const k = new FakeKernel(), t = k.spawn(1000), same = k.spawn(1000), other = k.spawn(1001), twin = k.thread(t.process, 1000);
  const ptrace = (request: number, tid: number, addr = 0, data = 0): number | 'parked' => call(t, sys_ptrace, request, tid, addr, data);
  assert.equal(ptrace(abi.PTRACE_SEIZE, other.tid), EPERM);
  assert.equal(ptrace(abi.PTRACE_SEIZE, twin.tid), EPERM);
  assert.equal(ptrace(abi.PTRACE_SEIZE, 4000), ESRCH);
  assert.equal(ptrace(abi.PTRACE_SEIZE, same.tid, 8), EIO);
  assert.equal(ptrace(abi.PTRACE_SEIZE, same.tid, 0, 1 << 22), EIO);
  assert.equal(ptrace(abi.PTRACE_SEIZE, same.tid, 0, abi.PTRACE_O_SUSPEND_SECCOMP), EPERM);
  assert.equal(ptrace(abi.PTRACE_CONT, same.tid), ESRCH);
  assert.equal(ptrace(abi.PTRACE_ATTACH, same.tid), 0);
  assert.ok(same.pending.infos.some(i => i.signo === SIGSTOP));
  assert.equal(ptrace(abi.PTRACE_ATTACH, same.tid), EPERM);
  assert.equal(ptrace(abi.PTRACE_INTERRUPT, same.tid), EIO);
  assert.equal(ptrace(abi.PTRACE_CONT, same.tid), ESRCH);
  same.process.dumpable = 0;
  releaseTracees(t);
  assert.equal(same.traced, null);
  assert.equal(ptrace(abi.PTRACE_ATTACH, same.tid), EPERM);
});

test('a stop is an event once, and none while the tracer listens', () => {
  const k = new FakeKernel(), t = stopped(k, k.spawn(), 'trap', 0x1000);
  assert.equal(traceeEvent(t, 0)!.status, (SIGTRAP << 8) | 0x7f);
  t.traceStop!.listening = true;
  assert.equal(traceeEvent(t, 0), null);
  t.traceStop!.listening = false;
  t.traceStop!.reported = true;
  assert.equal(traceeEvent(t, 0), null);
});

test('a group-stop that the tracer has let pass does not stop the tracee again', () => {
  const k = new FakeKernel(), t = stopped(k, k.spawn(), 'group', 0x1000);
  t.process.stopPending = true;
  refreshPending(t);
  assert.equal(t.signalPending, true);
  t.traced!.stopSeen = true;
  refreshPending(t);
  assert.equal(t.signalPending, false);
});
