// The input model against its specification (virtio 1.2, 5.8).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABS_X, EV_ABS, EV_KEY, EV_LED, EV_REP, EV_SYN, LED_CAPSL, SYN_REPORT } from '../../src/abi/input.ts';
import { KEY_CODES } from '../../src/abi/input-keys.ts';
import { VirtioInput } from '../../src/machine/devices/input.ts';
import { INPUT_DEVICES, type InputKind, TABLET_MAXIMUM } from '../../src/machine/devices/input-kinds.ts';
import {
  INPUT_CFG_ABS_INFO, INPUT_CFG_DATA, INPUT_CFG_EV_BITS, INPUT_CFG_ID_DEVIDS, INPUT_CFG_ID_NAME, INPUT_CFG_ID_SERIAL, INPUT_CFG_PROP_BITS, INPUT_EVENTS, INPUT_STATUS, MMIO_CONFIG,
  MMIO_STATUS, STATUS_NEEDS_RESET,
} from '../../src/machine/registers.ts';
import { newRam, Rig, RIG_DATA } from './rig.ts';

function world(kind: InputKind): { device: VirtioInput; rig: Rig; config: (select: number, subsel: number) => Uint8Array; events: () => number[][]; feed: (n: number) => void } {
  const ram = newRam(1 << 16);
  const device = new VirtioInput(ram, { set: () => {} }, INPUT_DEVICES[kind]);
  const rig = new Rig(ram, device, 2);
  rig.start(0);
  let fed = 0;
  return {
    device, rig,
    config: (select, subsel) => {
      device.write32(MMIO_CONFIG, select | subsel << 8);
      const head = device.read32(MMIO_CONFIG), size = head >>> 16 & 0xff;
      assert.equal(head & 0xffff, select | subsel << 8);
      return Uint8Array.from({ length: size }, (_, i) => device.read32(MMIO_CONFIG + INPUT_CFG_DATA + (i & ~3)) >>> 8 * (i & 3));
    },
    feed: n => {
      for (let i = 0; i < n; i++) rig.post(INPUT_EVENTS, [{ addr: RIG_DATA + 8 * (fed++ % 16), length: 8, writes: true }]);
      rig.notify(INPUT_EVENTS);
    },
    events: () => {
      const out: number[][] = [];
      for (let u = rig.used(INPUT_EVENTS); u !== null; u = rig.used(INPUT_EVENTS)) {
        assert.equal(u.length, 8);
        const at = RIG_DATA + 8 * u.head;
        out.push([ram.u16[at >>> 1]!, ram.u16[(at >>> 1) + 1]!, ram.i32[(at >>> 2) + 1]!]);
      }
      return out;
    },
  };
}

const bits = (b: Uint8Array): number[] => [...b].flatMap((byte, i) => [0, 1, 2, 3, 4, 5, 6, 7].filter(n => (byte >>> n & 1) !== 0).map(n => 8 * i + n));

test('input: the configuration says what the device is', () => {
  const { config } = world('tablet');
  assert.equal(Buffer.from(config(INPUT_CFG_ID_NAME, 0)).toString(), INPUT_DEVICES.tablet.name);
  assert.equal(config(INPUT_CFG_ID_SERIAL, 0).length, 0);
  assert.deepEqual([...new Uint16Array(config(INPUT_CFG_ID_DEVIDS, 0).slice().buffer)], [6, 0x6b73, 3, 1]);
  assert.deepEqual(bits(config(INPUT_CFG_PROP_BITS, 0)), [1]);
  assert.deepEqual(bits(config(INPUT_CFG_EV_BITS, EV_ABS)), [0, 1]);
  assert.deepEqual([...new Int32Array(config(INPUT_CFG_ABS_INFO, ABS_X).slice().buffer)], [0, TABLET_MAXIMUM, 0, 0, 0]);
  assert.equal(config(INPUT_CFG_ABS_INFO, 2).length, 0);
  assert.equal(config(INPUT_CFG_EV_BITS, EV_LED).length, 0);
  assert.equal(config(0x77, 0x77).length, 0);
  const keyboard = world('keyboard');
  assert.ok(bits(keyboard.config(INPUT_CFG_EV_BITS, EV_KEY)).includes(KEY_CODES['KEY_A']!));
  assert.deepEqual(bits(keyboard.config(INPUT_CFG_EV_BITS, EV_REP)), [0, 1]);
});

test('input: events wait for buffers, updates that find no room are dropped whole', () => {
  const { device, events, feed } = world('keyboard');
  const a = KEY_CODES['KEY_A']!;
  assert.equal(device.send(EV_KEY, 0x2ff, 1), false, 'no such key');
  assert.ok(device.send(EV_KEY, a, 1));
  feed(3);
  assert.deepEqual(events(), [], 'an update is told when it is complete');
  device.send(EV_SYN, SYN_REPORT, 0);
  assert.deepEqual(events(), [[EV_KEY, a, 1], [EV_SYN, 0, 0]]);
  device.send(EV_KEY, a, -5);
  device.send(EV_SYN, SYN_REPORT, 0);
  assert.deepEqual(events(), [[EV_KEY, a, -5]]);
  feed(1);
  assert.deepEqual(events(), [[EV_SYN, 0, 0]]);
  for (let i = 0; i < 2000; i++) {
    device.send(EV_KEY, a, i);
    device.send(EV_SYN, SYN_REPORT, 0);
  }
  assert.equal(device.dropped, 2000 - 512);
  const all: number[][] = [];
  for (let i = 0; i < 128; i++) {
    feed(8);
    all.push(...events());
  }
  assert.equal(all.length, 1024);
  assert.deepEqual(all.filter(e => e[0] === EV_KEY).map(e => e[2]), Array.from({ length: 512 }, (_, i) => i));
});

test('input: LEDs go to the host, other messages are nothing, short ones break the rules', () => {
  const { device, rig } = world('keyboard');
  const tell = (type: number, code: number, value: number, length = 8): void => {
    rig.ram.u16.set([type, code], RIG_DATA >>> 1);
    rig.ram.i32[(RIG_DATA >>> 2) + 1] = value;
    rig.post(INPUT_STATUS, [{ addr: RIG_DATA, length, writes: false }]);
    rig.notify(INPUT_STATUS);
  };
  tell(EV_LED, LED_CAPSL, 1);
  tell(EV_LED, 9, 1);
  tell(EV_KEY, 30, 1);
  assert.deepEqual([...device.leds], [LED_CAPSL]);
  tell(EV_LED, LED_CAPSL, 0);
  assert.deepEqual([...device.leds], []);
  tell(EV_LED, LED_CAPSL, 1, 7);
  assert.ok((device.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) !== 0);
});
