// The pump and virtual time: an idle machine skips to its next timer, but not while the host owes it an answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrapLoop } from '../kernel/entry/trap-loop.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Pump } from './pump.ts';

const turn = (): Promise<void> => new Promise(resolve => { setImmediate(resolve); });

test('time stands still for an idle machine under a seed while its host owes an answer', async () => {
  const machine = { interruptPending: false, hostOwes: true };
  const timers = { nextDeadline: 30e9 };
  let now = 0, slices = 0;
  const skipTo = (ns: number): void => {
    now = ns;
    timers.nextDeadline = Infinity;
  };
  const loop = { run: () => { slices++; return 'idle'; } } as unknown as TrapLoop;
  const pump = new Pump({ machine, timers, now: () => now } as unknown as Kernel, loop, { skipTo }, () => {});
  pump.kick();
  for (let i = 0; i < 10; i++) await turn();
  assert.deepEqual([slices, now], [1, 0], 'it sleeps until it is kicked');
  machine.hostOwes = false;
  pump.kick();
  for (let i = 0; i < 10; i++) await turn();
  assert.deepEqual([slices, now], [3, 30e9]);
  pump.stop();
});
