// The balloon in a running machine: memory that the host takes and gives back, what the guest sees of it, and what happens when memory runs out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import type { Machine } from '../../src/system/api.ts';
import { machineFor, type Mode, PLACEMENTS } from './steps.ts';

const ROOT = process.env['KSPACE_ROOT'] ?? new URL('../..', import.meta.url).pathname;
const MB = 2 ** 20;
const machine = (drivers: Mode): Promise<Machine> => machineFor('swap-random', { drivers, memory: '256M' });

/** A line of /proc/meminfo, in MiB. */
const meminfo = (m: Machine, name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(m.readTextFile('/proc/meminfo'))![1]) / 1024;
const vmstat = (m: Machine, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(m.readTextFile('/proc/vmstat'))![1]);

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await setTimeout(5);
  assert.ok(condition());
}

for (const mode of PLACEMENTS) {
  test(`balloon: memory goes and comes back, MemTotal stays while the guest may take it back (${mode})`, async () => {
    const m = await machine(mode);
    assert.equal(m.balloonState, null);
    const [total, free, frames] = [meminfo(m, 'MemTotal'), meminfo(m, 'MemFree'), m.computer.kernel.frames.freeCount];
    m.balloon('100M');
    await until(() => m.balloonState!.inflated === 100 * MB);
    assert.equal(m.balloonState!.wanted, 100 * MB);
    assert.equal(meminfo(m, 'MemTotal'), total);
    assert.ok(Math.abs(meminfo(m, 'MemFree') - (free - 100)) < 4);
    assert.equal(vmstat(m, 'balloon_inflate'), 25_600);
    const { stats } = m.balloonState!;
    assert.equal(stats.totalMemory, total * MB);
    assert.ok(Math.abs(stats.freeMemory! - (free - 100) * MB) < 4 * MB);
    m.balloon(0);
    await until(() => m.balloonState!.inflated === 0);
    assert.equal(vmstat(m, 'balloon_deflate'), 25_600);
    assert.ok(Math.abs(m.computer.kernel.frames.freeCount - frames) < 600);
    assert.deepEqual(auditKernel(m.computer.kernel), []);
    await m.stop();
  });
}

test('balloon: a host that wants more than there is gets what there is; pulling the balloon out gives all of it back', async () => {
  const m = await machine('monolithic');
  const { kernel } = m.computer;
  const free = kernel.frames.freeCount;
  m.balloon('1G');
  await until(() => kernel.log.lines.some(l => l.text.includes("Out of puff! Can't get")));
  const first = m.balloonState!.inflated;
  assert.ok(first > 200 * MB && first < 256 * MB);
  assert.equal((await m.run(['/test'])).code, 0, 'a program takes back what it needs');
  assert.ok(m.balloonState!.inflated < first);
  assert.ok(m.unplug('balloon'));
  await until(() => kernel.frames.freeCount > free - 600);
  assert.deepEqual(auditKernel(kernel), []);
  await m.stop();
});

test('balloon: before anybody is killed memory comes back, where the host allows it', async () => {
  const expected = readFileSync(`${ROOT}/test/guest/expected/swap-random.out`, 'utf8');
  for (const rule of ['deflate on oom', 'strict'] as const) {
    const m = await machine('monolithic');
    const { kernel } = m.computer, total = meminfo(m, 'MemTotal');
    assert.ok(m.computer.inflate({ bytes: 120 * MB, rule }));
    await until(() => m.balloonState!.inflated === 120 * MB);
    assert.equal(meminfo(m, 'MemTotal'), rule === 'strict' ? total - 120 : total);
    const { stdout, signal } = await m.run(['/test']);
    assert.deepEqual([stdout, signal, kernel.oomKills], rule === 'strict' ? ['', 'SIGKILL', 1] : [expected, null, 0]);
    if (rule === 'strict') assert.equal(m.balloonState!.inflated, 120 * MB);
    else assert.ok(m.balloonState!.inflated < 90 * MB);
    m.balloon(0);
    await until(() => m.balloonState!.inflated === 0);
    assert.equal(meminfo(m, 'MemTotal'), total);
    await m.stop();
  }
});
