// What guest programs leave behind: after every one of them has run, no task beside init, no frame and no file table is left, the audit of
// memory finds nothing, and no oops was reported. One machine for all: what one leaves, the next ones may trip over.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { it } from 'node:test';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import type { Computer } from '../../src/system/computer.ts';
import { bootGuests, guestFile, runIn } from './run-guest.ts';

/** They change what belongs to the whole machine, or need a fresh one. */
const ALONE = new Set<string>([]);

it('guest programs leave nothing behind', async () => {
  const names = readdirSync(guestFile('src')).filter(f => f.endsWith('.c')).map(f => f.slice(0, -2)).filter(n => !ALONE.has(n)).sort();
  const machine = await bootGuests(Object.fromEntries(names.map(n => [n, readFileSync(guestFile(`bin/${n}`))])), 256 << 20) as Computer;
  const { kernel } = machine;
  /** Signals, timers, watches, pipes, queues. System V segments outlive their makers, locked or not. */
  const counts = (): number => {
    for (const s of kernel.ipc.segments.all()) s.unlock();
    return kernel.users.total;
  };
  try {
    const complaints: string[] = [];
    for (const name of names) {
      const run = () => runIn(machine, ['/guest/world', `/guest/${name}`], 20_000);
      await run();
      const before = kernel.frames.idleCount, counted = counts();
      await run();
      const lost = before - kernel.frames.idleCount;
      if (lost !== 0) complaints.push(`${name}: ${lost} frames`);
      if (counts() !== counted) complaints.push(`${name}: ${counts() - counted} in the counts of users`);
      if (kernel.pids.tasks.size !== 1) complaints.push(`${name}: ${kernel.pids.tasks.size - 1} tasks`);
      if (kernel.oopses > 0) complaints.push(`${name}: ${kernel.oopses} oopses`);
      for (const c of auditKernel(kernel)) complaints.push(`${name}: ${c}`);
    }
    assert.deepEqual(complaints, []);
  } finally {
    await machine.stop();
  }
});
