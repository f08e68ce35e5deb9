// The report about a bug of ours shows the guest's registers bit for bit, also those that no JavaScript number can hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMachine } from '../../../test/kernel/machine.ts';
import { oops } from './oops.ts';

test('registers above 2^53 keep their low bits', () => {
  const m = new TestMachine({});
  const t = m.startSource(`_start: li t3, 0xffffffff
    slli t3, t3, 32
    addi t3, t3, 1
    li s2, -1
    li s3, 1
    slli s3, s3, 53
    addi s3, s3, 3
    j _start`);
  m.run(1_000_000);
  oops(m.kernel, t, new Error('made up'));
  const report = m.kernel.log.lines.map(l => l.text).join('\n');
  assert.match(report, /\bt3: ffffffff00000001\b/);
  assert.match(report, /\bs2: ffffffffffffffff +s3: 0020000000000003\b/);
  assert.match(report, /^pc : 000000000001[0-9a-f]{4}$/m);
});
