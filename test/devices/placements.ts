// Both places of a driver's core, for tests that every driver has to pass in each.
import { after } from 'node:test';
import { CORES } from '../../src/drivers/core/table.ts';
import { NodeIsolates } from '../../src/host/node/isolates.ts';
import type { Placement } from '../../src/kernel/device/manager.ts';
import { workerModule } from '../../src/system/node/isolates.ts';

export const PLACEMENTS: readonly Placement[] = ['kernel', 'isolated'];

/** Workers for tests: all cores, the guide's, and those of test-driver-worker.ts that misbehave. They end with the tests of the file. */
export function testIsolates(timeoutMs = 5000): NodeIsolates {
  const isolates = new NodeIsolates(workerModule('test-driver-worker'), [...Object.keys(CORES), 'thermometer', 'sick'], timeoutMs);
  after(() => isolates.closeAll());
  return isolates;
}
