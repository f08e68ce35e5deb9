// Programs that attack through code and memory, with the translator on and translating everything at once: what they print is what they print interpreted,
// and afterwards the audit finds no page table, count or frame that is not as it must be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import type { Computer } from '../../src/system/computer.ts';
import { bootGuests, expectationOf, guestFile, runIn } from '../guest/run-guest.ts';

const PROGRAMS = ['escape-code', 'escape-memory', 'fault-places', 'riscv-icache', 'riscv-code-churn'];

for (const translator of ['on', 'eager'] as const) describe(`hostile code, translator ${translator}`, () => {
  for (const name of PROGRAMS) it(name, async () => {
    const machine = await bootGuests({ test: readFileSync(guestFile(`bin/${name}`)) }, 128 << 20, undefined, translator) as Computer;
    try {
      assert.deepEqual(await runIn(machine, ['/guest/world', '/guest/test'], 60_000), expectationOf(name));
      assert.deepEqual(auditKernel(machine.kernel), []);
      assert.equal(machine.kernel.oopses, 0);
    } finally {
      await machine.stop();
    }
  });
});
