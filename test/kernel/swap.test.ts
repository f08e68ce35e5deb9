// Machines with less memory than their programs want: with swap these run as on a big machine, without it the one that wants too much dies, alone.
// After each the audit of memory finds nothing, every frame and every slot is back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MEMORY_FILES } from '../../src/fs/proc/memory.ts';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import type { Computer } from '../../src/system/computer.ts';
import { bootGuests, expectationOf, guestFile, runIn } from '../guest/run-guest.ts';

const MIB = 2 ** 20;

async function machine(memoryMiB: number, swapMiB: number | null, programs: readonly string[]): Promise<Computer> {
  const files = Object.fromEntries(programs.map(name => [name, readFileSync(guestFile(`bin/${name}`))]));
  return await bootGuests(files, memoryMiB * MIB, swapMiB === null ? undefined : swapMiB * MIB) as Computer;
}

const run = (m: Computer, name: string, timeoutMs = 120_000) => runIn(m, ['/guest/world', `/guest/${name}`], timeoutMs);

/**
 * /proc/meminfo: every frame is free, the kernel's (Slab), a page table, or on one of the lists of use; what is on these is a program's own or a file's.
 * Cached has shared memory in it, as on Linux; AnonPages the swap cache; pages of zram are the kernel's.
 */
function assertAddsUp(m: Computer, what: string): void {
  const { show } = MEMORY_FILES['meminfo'] as { show(t: unknown, k: unknown): string };
  const kB = Object.fromEntries([...show(null, m.kernel).matchAll(/^(.+): +(\d+) kB$/gm)].map(([, name, n]) => [name!, Number(n)]));
  const sum = (...names: string[]): number => names.reduce((n, name) => n + kB[name]!, 0);
  assert.equal(sum('MemFree', 'Active', 'Inactive', 'Unevictable', 'Slab', 'PageTables'), kB['MemTotal'], `MemTotal after ${what}`);
  assert.equal(sum('AnonPages', 'Cached'), sum('Active', 'Inactive', 'Unevictable'), `lists after ${what}`);
  for (const list of ['Active', 'Inactive']) assert.equal(sum(`${list}(anon)`, `${list}(file)`), kB[list], `${list} after ${what}`);
  assert.equal(sum('SReclaimable', 'SUnreclaim'), kB['Slab']);
}

/** The machine is as it was. */
function assertClean(m: Computer, idle: number, what: string): void {
  const { kernel } = m;
  assert.deepEqual(auditKernel(kernel), [], `audit after ${what}`);
  assertAddsUp(m, what);
  assert.equal(kernel.frames.idleCount, idle, `frames after ${what}`);
  assert.equal(kernel.oopses, 0);
}

test('200 MiB of random accesses on a machine of 64 MiB with swap come to the right checksum', async () => {
  const m = await machine(64, 512, ['swap-random', 'brk']);
  const { frames } = m.kernel;
  await run(m, 'brk');
  const idle = frames.idleCount;
  assert.deepEqual(await run(m, 'swap-random'), expectationOf('swap-random'));
  assert.ok(frames.events.pswpout > 40_000 && frames.events.pswpin > 30_000, `${frames.events.pswpout} pages went out, ${frames.events.pswpin} came in`);
  assert.ok(frames.events.pgsteal_kswapd > 10 * frames.events.pgsteal_direct, 'background reclaim does most of the work');
  assertClean(m, idle, 'swap-random');
  assert.equal(m.kernel.oomKills, 0);
  await m.stop();
});

test('without swap it is killed alone: others live, and the log names it', async () => {
  const m = await machine(64, null, ['swap-random', 'brk', 'stress-pipes']);
  const { kernel } = m;
  await Promise.all([run(m, 'brk'), runIn(m, ['/guest/brk'], 120_000)]);      // ports for two at once are made on first use, and kept
  const idle = kernel.frames.idleCount;
  const other = run(m, 'stress-pipes');            // in a directory of its own; the other one without
  assert.equal((await runIn(m, ['/guest/swap-random'], 120_000)).status, 137);
  assert.deepEqual(await other, expectationOf('stress-pipes'));
  assert.deepEqual(await run(m, 'brk'), expectationOf('brk'));
  assert.equal(kernel.oomKills, 1);
  const lines = kernel.log.lines.map(l => l.text);
  assert.ok(lines.some(l => /^Out of memory: Killed process \d+ \(swap-random\) total-vm:\d+kB, anon-rss:\d+kB/.test(l)), lines.join('\n'));
  assert.ok(lines.includes('swap-random invoked oom-killer: order=0, oom_score_adj=0'));
  assertClean(m, idle, 'the kill');
  await m.stop();
});

test('programs that work with memory in every way print the same in 16 MiB with swap', async () => {
  const programs = ['swap-family', 'fork-cow', 'fork-memory', 'mmap-file-shared', 'mmap-truncate', 'mremap', 'memfd', 'process-vm', 'madvise', 'mincore-mlock',
    'shared-memory-processes', 'stress-memory', 'sysv-ipc', 'thread-exit-group', 'exec-threads', 'stress-pipes'];
  const m = await machine(16, 128, ['swap-random', 'brk', ...programs]);
  const { frames } = m.kernel;
  await run(m, 'brk');
  const idle = frames.idleCount;
  for (const name of programs) {
    assert.deepEqual(await run(m, name), expectationOf(name), name);
    assertClean(m, idle, name);
  }
  assert.ok(frames.events.pswpout > 1000, `${frames.events.pswpout} pages went out`);
  await m.stop();
});

test('a family of processes fits into 16 MiB because its pages are compressed', async () => {
  const m = await bootGuests({ 'swap-family': readFileSync(guestFile('bin/swap-family')) }, 16 * MIB, undefined, undefined, 128 * MIB) as Computer;
  assert.deepEqual(await run(m, 'swap-family'), expectationOf('swap-family'));
  assert.ok(m.kernel.frames.events.pswpout > 5000, `${m.kernel.frames.events.pswpout} pages went out`);
  assertAddsUp(m, 'zram');
  assert.deepEqual(auditKernel(m.kernel), []);
  assert.equal(m.kernel.oomKills, 0);
  await m.stop();
});
