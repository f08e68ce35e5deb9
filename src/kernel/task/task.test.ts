// Processes on a small machine: who inherits, who is told, who dies. Programs are assembled here; what test/guest covers is not repeated.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMachine } from '../../../test/kernel/machine.ts';
import { SIGKILL, SIGXCPU } from '../../abi/signal.ts';
import { RLIMIT_CPU, RLIMIT_NPROC } from '../../abi/resource.ts';
import { credentialsFor } from '../security/credentials.ts';
import { outOfMemory } from './oom.ts';

const sys = (nr: number, ...args: (number | string)[]): string =>
  [...args.map((a, i) => (typeof a === 'number' ? `li a${i}, ${a}` : /^[as]\d+$|^sp$/.test(a) ? `mv a${i}, ${a}` : `la a${i}, ${a}`)), `li a7, ${nr}`, 'ecall'].join('\n');
const CLONE = 220, EXIT = 93, EXIT_GROUP = 94, WAIT4 = 260, WRITE = 64, PAUSE = 133, PRCTL = 167, GETPPID = 173, NANOSLEEP = 101, SETUID = 146, EXECVE = 221;
const SIGCHLD = 17, THREAD = 0x50f00, VFORK = 0x4111;
const SPIN = '1: j 1b\n';

/** Touches so many pages, then spins. */
const eater = (pages: number): string => `li a0, 0\nli a1, ${pages * 4096}\nli a2, 3\nli a3, 0x22\nli a4, -1\nli a5, 0\nli a7, 222\necall\nli s1, ${pages}\nli s2, 4096\n`
  + `1: sd a0, 0(a0)\nadd a0, a0, s2\naddi s1, s1, -1\nbnez s1, 1b\n2: j 2b\n`;

test('two spinning programs share the hart by their nice values within 5 %', () => {
  const m = new TestMachine();
  const a = m.startSource(SPIN, 'a'), b = m.startSource(SPIN, 'b');
  const was = m.kernel.sched.beginChange(b);
  b.sched.nice = 5;
  m.kernel.sched.endChange(b, was);
  m.run(3e8);
  assert.ok(Math.abs(a.sched.sumExecNs / b.sched.sumExecNs / (1024 / 335) - 1) < 0.05, `${a.sched.sumExecNs} ${b.sched.sumExecNs}`);
});

test('a seed decides the interleaving: the same twice, another with another seed', () => {
  // Parent and child write their letters while they spin and yield to each other.
  const loop = (text: string): string => `li s2, 12\n2: li s1, 60000\n1: addi s1, s1, -1\nbnez s1, 1b\n${sys(WRITE, 1, text, 1)}\naddi s2, s2, -1\nbnez s2, 2b\n`;
  const source = `${sys(CLONE, SIGCHLD, 0)}\nbnez a0, parent\n${loop('child')}\n${sys(EXIT, 0)}\nparent:\n${loop('mother')}\n${sys(WAIT4, -1, 0, 0, 0)}\n${sys(EXIT, 0)}\n`
    + 'child: .byte 99\nmother: .byte 109\n';
  const run = (seed: number): string => {
    const m = new TestMachine({ seed });
    m.loop.jitter = true;
    return m.finish(m.startSource(source)).text;
  };
  const runs = [1, 2, 3, 4, 5].map(run);
  assert.deepEqual([1, 2, 3, 4, 5].map(run), runs);
  assert.ok(new Set(runs).size > 1, runs[0]);
  assert.ok(runs.every(r => r.length === 24));
});

test('exit_group takes parked threads along, and nothing of them stays behind', () => {
  const m = new TestMachine();
  const idle = m.kernel.pids.tasks.size, frames = (): number => m.kernel.frames.freeCount;
  m.finish(m.startSource(sys(EXIT, 0), 'warm-up'));
  const before = frames();
  const thread = `addi sp, sp, -512\n${sys(CLONE, THREAD, 'sp')}\nbnez a0, 1f\n2: ${sys(PAUSE, 'mask', 8)}\nj 2b\n1:\n`;
  const t = m.startSource(`${thread.repeat(3)}${sys(NANOSLEEP, 'time', 0)}\n${sys(EXIT_GROUP, 9)}\n.align 3\nmask: .quad 0\ntime: .quad 0\n.quad 1000000\n`);
  assert.equal(m.finish(t).status, 9 << 8);
  assert.equal(m.kernel.pids.tasks.size, idle);
  assert.equal(m.kernel.ipc.futexes.size, 0);
  m.run(1e6);
  assert.ok(frames() >= before - 12, `${frames()} of ${before}`); // the file itself stays in tmpfs
});

test('the parent-death signal comes when the thread that forked ends, not the process', () => {
  // The thread forks a child that asks for SIGUSR1 at its parent's death and sleeps; then the thread ends, the process lives on.
  const child = `${sys(PRCTL, 1, 10)}\n${sys(NANOSLEEP, 'long', 0)}\n${sys(EXIT, 1)}\n`;
  const thread = `${sys(CLONE, SIGCHLD, 0)}\nbnez a0, 3f\n${child}3: ${sys(NANOSLEEP, 'short', 0)}\n${sys(EXIT, 0)}\n`;
  const source = `addi s3, sp, -1024\n${sys(CLONE, THREAD, 's3')}\nbnez a0, 1f\n${thread}1: ${sys(NANOSLEEP, 'half', 0)}\n${sys(WAIT4, -1, 'status', 0x40000000, 0)}\nla a1, status\nlw a0, 0(a1)\n`
    + `andi a0, a0, 127\nli a7, ${EXIT_GROUP}\necall\n.align 3\nhalf: .quad 0\n.quad 500000\nshort: .quad 0\n.quad 1000000\nlong: .quad 100\n.quad 0\nstatus: .quad 0\n`;
  const m = new TestMachine();
  assert.equal(m.finish(m.startSource(source)).status, 10 << 8);
  assert.ok(m.kernel.now() < 1e9);
});

test('a vfork parent sleeps until its child has gone, also when the child is killed', () => {
  const m = new TestMachine();
  const t = m.startSource(`${sys(CLONE, VFORK, 0)}\nbnez a0, 1f\n2: j 2b\n1: ${sys(EXIT, 4)}\n`);
  m.run(1e7);
  assert.equal(t.state, 'D');
  const child = [...t.process.children][0]!;
  child.pending.lo |= 1 << (SIGKILL - 1);
  child.pending.infos.push({ signo: SIGKILL, code: 0 });
  child.leader.signalPending = true;
  assert.equal(m.finish(t).status, 4 << 8);
});

test('RLIMIT_CPU: SIGXCPU at the soft limit, SIGKILL at the hard one', () => {
  const m = new TestMachine();
  const soft = m.startSource(SPIN, 'soft');
  soft.process.rlimits[RLIMIT_CPU] = { soft: 0.05, hard: 0.1 };
  assert.equal(m.finish(soft).status & 0x7f, SIGXCPU);
  const stubborn = m.startSource(SPIN, 'stubborn');
  stubborn.process.rlimits[RLIMIT_CPU] = { soft: 0.05, hard: 0.1 };
  stubborn.handlers.actions[SIGXCPU]!.handler = 1;
  assert.equal(m.finish(stubborn).status & 0x7f, SIGKILL);
});

test('set*uid may go over RLIMIT_NPROC, the next execve may not', () => {
  const m = new TestMachine();
  for (let i = 0; i < 3; i++) m.startSource(SPIN, `s${i}`).cred = credentialsFor(7, 7);
  const source = `${sys(SETUID, 7)}\n${sys(EXECVE, 'path', 0, 0)}\nneg a0, a0\nli a7, ${EXIT}\necall\npath: .asciz "/tmp/s0"\n`;
  const over = m.startSource(source, 'over');
  over.process.rlimits[RLIMIT_NPROC] = { soft: 2, hard: 2 };
  assert.equal(m.finish(over).status, 11 << 8);
});

test('the OOM killer takes the biggest, moved by oom_score_adj, and never the spared', () => {
  const m = new TestMachine();
  const small = m.startSource(eater(50), 'small'), big = m.startSource(eater(400), 'big'), huge = m.startSource(eater(900), 'huge');
  huge.process.oomScoreAdj = -1000;
  m.run(1e7);
  outOfMemory(m.kernel, small);
  outOfMemory(m.kernel, small); // one at a time: the first has to go before another is chosen
  m.run(1e7);
  assert.deepEqual([small, big, huge].map(t => t.process.isZombie), [false, true, false]);
  assert.match(m.kernel.log.lines.at(-1)!.text, /^Out of memory: Killed process \d+ \(big\) total-vm:\d+kB, anon-rss:\d+kB/);
  small.process.oomScoreAdj = 500;
  outOfMemory(m.kernel, huge);
  m.run(1e7);
  assert.deepEqual([small, huge].map(t => t.process.isZombie), [true, false]);
});

test('orphans go to the nearest subreaper that lives, else to init', () => {
  // Grandparent (subreaper) -> parent -> child; the parent ends, the child reports its new parent.
  const child = `${sys(NANOSLEEP, 'time', 0)}\n${sys(GETPPID)}\nli a7, ${EXIT}\necall\n`;
  const parent = `${sys(CLONE, SIGCHLD, 0)}\nbnez a0, 3f\n${child}3: ${sys(EXIT, 0)}\n`;
  const program = (subreaper: number): string => `${sys(PRCTL, 36, subreaper, 0, 0, 0)}\n${sys(CLONE, SIGCHLD, 0)}\nbnez a0, 1f\n${parent}`
    + `1: ${sys(WAIT4, -1, 0, 0, 0)}\n${sys(WAIT4, -1, 'status', 0, 0)}\nbltz a0, 4f\nla a1, status\nlw a0, 0(a1)\nsrli a0, a0, 8\nli a7, ${EXIT}\necall\n`
    + `4: ${sys(EXIT, 99)}\n.align 3\ntime: .quad 0\n.quad 2000000\nstatus: .quad 0\n`;
  const m = new TestMachine();
  const reaper = m.startSource(program(1), 'reaper');
  assert.equal(m.finish(reaper).status, reaper.tid << 8);
  const plain = m.startSource(program(0), 'plain');
  assert.equal(m.finish(plain).status, 99 << 8);
  m.run(1e7);
  assert.equal(m.kernel.pids.tasks.size, 1); // init has buried the orphan
});
