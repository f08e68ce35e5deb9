// Input devices from the host's hands to a program's read(2), in both placements of the driver. What is expected was written by hand from Linux' documentation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Machine } from '../../src/system/api.ts';
import { compare, machineFor, type Mode, PLACEMENTS, runSteps } from './steps.ts';

const machine = (drivers: Mode): Promise<Machine> => machineFor('evdev', { drivers, input: ['keyboard', 'tablet'] });

/** A program sleeps in read(2) of the first device. */
async function whenWaiting(m: Machine): Promise<void> {
  const { readers } = m.computer.kernel.input.devices[0]!;
  while (![...readers].some(r => !r.isRevoked && r.ring.isEmpty && !r.waiters.isEmpty)) await setTimeout(5);
}

for (const mode of PLACEMENTS) {
  test(`evdev: a keyboard (${mode})`, async () => {
    const m = await machine(mode);
    const { input } = m;
    const out = await runSteps(m, ['keyboard'], [
      ['a', () => input.key('A')],
      ['shift down', () => input.key('LEFTSHIFT', 'down')],
      ['shift up', () => input.key('LEFTSHIFT', 'up')],
      ['b down', () => input.key('B', 'down')],
      ['b up', () => input.key('B', 'up')],
      ['look at the lights', () => assert.deepEqual(input.leds, [1])],
      ['a', () => input.key('A')],
      ['a and b', () => { input.key('A'); input.key('B'); }],
      ['a', () => input.key('A')],
      ['a', () => input.key('A')],
      ['forty presses', () => { for (let i = 0; i < 40; i++) input.key('C'); }],
      ['unplug soon', () => {
        input.key('D');
        void whenWaiting(m).then(() => m.unplug('keyboard'));
      }],
    ]);
    compare('evdev-keyboard', out);
    await m.stop();
  });

  test(`evdev: a tablet (${mode})`, async () => {
    const m = await machine(mode);
    const { input } = m;
    const out = await runSteps(m, ['tablet'], [
      ['point', () => input.pointer(16_384, 100)],
      ['same place, then click and wheel', () => {
        input.pointer(16_384, 100);
        input.pointer(16_384, 200);
        input.button('LEFT');
        input.wheel(-1);
      }],
      ['tremble', () => { for (const x of [16_500, 17_000, 17_010, 18_600, 20_600]) input.pointer(x, 200); }],
    ]);
    compare('evdev-tablet', out);
    await m.stop();
  });
}

test('input: text becomes key strokes, what does not exist is told', async () => {
  const m = await machine('monolithic');
  const device = m.computer.board.peripherals.inputs.get('keyboard')!;
  const sent: number[][] = [];
  device.send = (...event) => sent.push(event) > 0;
  m.input.type('aB!');
  assert.deepEqual(sent.filter(e => e[0] === 1).map(e => [e[1], e[2]]), [[30, 1], [30, 0], [42, 1], [48, 1], [48, 0], [42, 0], [42, 1], [2, 1], [2, 0], [42, 0]]);
  assert.throws(() => m.input.type('é'), /no key makes 'é'/);
  assert.throws(() => m.input.key('KEY_NONE'), /there is no key/);
  assert.throws(() => m.input.move(1, 1), /the machine has no mouse/);
  assert.ok(m.plugInput('mouse'));
  m.input.move(1, 1);
  assert.equal(m.plugInput('mouse'), false);
  await m.stop();
});
