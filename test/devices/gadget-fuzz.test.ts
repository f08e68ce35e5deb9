// Programs that call without sense on frame buffer and input devices while the host types, in both placements: the machine goes on, nothing is left over.
// KSPACE_GADGET_FUZZ=100 makes it a long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import { machineFor, PLACEMENTS } from './steps.ts';

const SEEDS = Number(process.env['KSPACE_GADGET_FUZZ'] ?? 2);

for (const drivers of PLACEMENTS) {
  test(`hostile programs at display and input devices (${drivers})`, async () => {
    const m = await machineFor('gadget-fuzz', { drivers, display: { width: 128, height: 80 }, input: ['keyboard', 'tablet'] });
    const { kernel } = m.computer;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const done = m.run(['/test', String(seed), '4000']);
      for (let i = 0; i < 10; i++) {
        m.input.type('x');
        m.input.pointer(i, seed);
        await setTimeout(1);
      }
      assert.equal((await done).signal, null);
      assert.equal(kernel.oopses, 0, m.log().join('\n'));
      assert.deepEqual(auditKernel(kernel), [], `seed ${seed}`);
    }
    assert.ok(kernel.fb.screens[0]!.pages.pageCount > 5, 'they have drawn');
    for (let i = 0; i < 500 && kernel.pids.processes.size > 1; i++) await setTimeout(5);
    for (const d of kernel.input.devices) assert.deepEqual([d.readers.size, d.grabbedBy], [0, null]);
    m.writeFile('/dev/fb0', Uint8Array.of(1, 2, 3, 0));
    assert.ok(m.screen() !== null);
    await m.stop();
  });
}
