// Guest programs on one small machine, one after another: each prints what Linux prints, the audit finds nothing, and no frame stays behind.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { boot } from '../../cli/boot.ts';
import { memoryFs } from '../../host/memory-fs.ts';
import type { Computer } from '../../system/computer.ts';
import { expectationOf, guestFile, runIn } from '../../../test/guest/run-guest.ts';
import { auditKernel } from './audit.ts';

const PROGRAMS = [
  'brk', 'madvise', 'memfd', 'mincore-mlock', 'mmap-anonymous', 'mmap-file-private', 'mmap-file-shared', 'mmap-fixed', 'mmap-truncate', 'mprotect',
  'mremap', 'munmap-holes', 'process-vm', 'shared-memory-processes', 'stack-growth', 'fork-cow', 'fork-memory', 'fork-many', 'signal-faults',
  'exec-threads', 'big-allocation', 'riscv-icache', 'mmap-flags', 'mremap-flags', 'mprotect-flags', 'madvise-flags', 'mlock-flags', 'msync-mincore',
  'memfd-seals', 'shm-flags', 'process-madvise', 'mseal', 'mempolicy', 'remap-file-pages', 'rlimit-memory', 'fault-codes', 'smaps-figures',
  'uffd-missing', 'uffd-wp', 'uffd-rights',
];

const file = (name: string) => ({ content: readFileSync(guestFile(`bin/${name}`)), mode: 0o755 });

async function bootWith(programs: readonly string[]): Promise<Computer> {
  const root = memoryFs({
    '/tmp': { directory: true, mode: 0o1777 }, '/proc': { directory: true }, '/sys': { directory: true }, '/dev': { directory: true },
    ...Object.fromEntries(['world', ...programs].map(name => [`/guest/${name}`, file(name)])),
  });
  return await boot({
    memoryBytes: 32 << 20, hostname: 'kspace', seed: 1, root, rootAccess: 'overlay', mounts: [], console: undefined, trace: undefined,
  }) as Computer;
}

test('memory programs run as on Linux in 32 MiB and leave nothing behind', async () => {
  const machine = await bootWith(PROGRAMS);
  const { kernel } = machine;
  const run = (name: string) => runIn(machine, ['/guest/world', `/guest/${name}`], 60_000);
  await run(PROGRAMS[0]!);      // drivers take their buffers on first use
  const idle = kernel.frames.idleCount;
  for (const name of PROGRAMS) {
    assert.deepEqual(await run(name), expectationOf(name), name);
    assert.deepEqual(auditKernel(kernel), [], `audit after ${name}`);
    assert.equal(kernel.frames.idleCount, idle, `frames after ${name}`);
  }
  assert.equal(kernel.oopses, 0);
  await machine.stop();
});

/** Whatever a process makes in mm: frames by kind, address spaces, page caches, swap, promises, and tasks. */
function census({ frames, pids }: Computer['kernel']): unknown {
  return {
    counts: [...frames.counts], spaces: frames.spaces.size, caches: frames.caches.byId.size, swap: frames.swap.used, committed: frames.committedPages,
    tasks: pids.tasks.size, processes: pids.processes.size,
  };
}

test('a thousand times fork, exec and exit: every frame, mapping and cache is back', async () => {
  const machine = await bootWith(['fork-exec-cycles']);
  const { kernel } = machine;
  const run = (cycles: number) => runIn(machine, ['/guest/fork-exec-cycles', String(cycles)], 120_000);
  await run(3);                 // its own pages are in the cache now
  const before = census(kernel);
  for (const cycles of [1, 10, 989]) {
    assert.deepEqual(await run(cycles), { stdout: 'wrong 0\n', status: 0 });
    assert.deepEqual(census(kernel), before, `after ${cycles}`);
    assert.deepEqual(auditKernel(kernel), []);
  }
  await machine.stop();
});
