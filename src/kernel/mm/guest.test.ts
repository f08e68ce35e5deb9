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
  'exec-threads', 'big-allocation', 'riscv-icache',
];

const file = (name: string) => ({ content: readFileSync(guestFile(`bin/${name}`)), mode: 0o755 });

test('memory programs run as on Linux in 32 MiB and leave nothing behind', async () => {
  const root = memoryFs({
    '/tmp': { directory: true, mode: 0o1777 }, '/proc': { directory: true }, '/sys': { directory: true }, '/dev': { directory: true },
    ...Object.fromEntries(['world', ...PROGRAMS].map(name => [`/guest/${name}`, file(name)])),
  });
  const machine = await boot({
    memoryBytes: 32 << 20, hostname: 'kspace', seed: 1, root, rootAccess: 'overlay', mounts: [], console: undefined, trace: undefined,
  });
  const { kernel } = machine as Computer;
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
