// The frame buffer from a program's pixels to the picture that the host sees, in both placements of the driver, and as PNG files. What is expected was written by hand from
// Linux' documentation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import { KIND_SHMEM } from '../../src/kernel/mm/frame-kinds.ts';
import { crc32 } from '../../src/lib/crc32.ts';
import type { Machine } from '../../src/system/api.ts';
import { compare, machineFor, type Mode, PLACEMENTS, runSteps } from './steps.ts';

const WIDTH = 160, HEIGHT = 100;
/** Shared pages that stay once a program has run. */
const VDSO_PAGES = 2;
const RED = 'ff0000', GREEN = '00ff00', BLUE = '0000ff', WHITE = 'ffffff', YELLOW = 'ffff00', BLACK = '000000';
const machine = (drivers: Mode): Promise<Machine> => machineFor('fb', { drivers, display: { width: WIDTH, height: HEIGHT } });

/** Colours of pixels of what is on the display. */
function pixels(m: Machine, ...places: readonly (readonly [x: number, y: number])[]): string[] {
  const { rgba, width } = m.screen()!;
  return places.map(([x, y]) => Buffer.from(rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)).toString('hex'));
}

for (const mode of PLACEMENTS) {
  test(`frame buffer: what programs draw is seen (${mode})`, async () => {
    const m = await machine(mode);
    const out = await runSteps(m, [], [
      ['a red line', () => assert.deepEqual(pixels(m, [0, 0], [7, 0], [8, 0], [0, 1]), [RED, RED, BLACK, BLACK])],
      ['a green box', () => assert.deepEqual(pixels(m, [0, 0], [19, 10], [20, 10], [119, 59], [120, 59], [20, 60]), [RED, BLACK, GREEN, GREEN, BLACK, BLACK])],
      ['a blue dot', () => assert.deepEqual(pixels(m, [21, 11], [22, 11]), [BLUE, GREEN])],
      ['a dot of another process', () => assert.deepEqual(pixels(m, [22, 12], [23, 12]), [WHITE, GREEN])],
      ['the second picture', () => assert.deepEqual(pixels(m, [0, 0], [WIDTH - 1, 0], [0, 1]), [YELLOW, YELLOW, BLACK])],
      ['a small part', () => {
        assert.deepEqual([m.screen()!.width, m.screen()!.height], [80, 50]);
        assert.deepEqual(pixels(m, [0, 0], [1, 1], [2, 2], [79, 49]), [GREEN, BLUE, WHITE, GREEN]);
      }],
      ['darkness', () => assert.deepEqual(pixels(m, [0, 0], [1, 1]), [BLACK, BLACK])],
      ['light', () => assert.deepEqual(pixels(m, [0, 0], [1, 1]), [GREEN, BLUE])],
      ['unplug', () => {
        assert.ok(m.unplug('display'));
        assert.equal(m.screen(), null);
      }],
    ]);
    compare('fb', out);
    const { kernel } = m.computer;
    assert.deepEqual(auditKernel(kernel), []);
    assert.equal(kernel.frames.counts[KIND_SHMEM], VDSO_PAGES, 'the memory of the display is given back');
    assert.ok(m.plugDisplay({ width: 80, height: 64 }));
    for (let i = 0; i < 1000 && kernel.fb.screens.length === 0; i++) await setTimeout(5);
    m.writeFile('/dev/fb0', Uint8Array.of(9, 8, 7, 0));
    assert.deepEqual(pixels(m, [0, 0]), ['070809']);
    await m.stop();
  });
}

test('frame buffer: a moment after it was drawn a picture is on the display without anybody asking', async () => {
  const m = await machine('monolithic');
  const { display } = m.computer.board.peripherals;
  const { frames } = display!;
  m.writeFile('/dev/fb0', Uint8Array.of(1, 2, 3, 0));
  for (let i = 0; i < 500 && display!.frames === frames; i++) await setTimeout(10);
  assert.ok(display!.frames > frames);
  assert.equal(display!.screen.compose(WIDTH, HEIGHT).rgba[0], 3);
  await m.stop();
});

test('frame buffer: random writes at random times, two machines with drivers in both places show the same at the end', async () => {
  const shown: Buffer[] = [];
  for (const mode of PLACEMENTS) {
    const m = await machine(mode);
    let seed = 12_345;
    const next = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    for (let i = 0; i < 60; i++) {
      const at = next(WIDTH * HEIGHT * 4 - 4000), length = 1 + next(4000), value = next(256);
      m.computer.asInit(t => t.kernel.fb.screens[0]!.pages.write(t, new KernelBuffer(new Uint8Array(length).fill(value)), at));
      if (next(3) === 0) m.screen();
    }
    shown.push(Buffer.from(m.screen()!.rgba));
    await m.stop();
  }
  assert.ok(shown[0]!.equals(shown[1]!));
});

test('screenshot: a PNG file that says what is on the display', async () => {
  const m = await machine('monolithic');
  m.writeFile('/dev/fb0', Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => i % 251));
  const file = Buffer.from(await m.screenshot());
  assert.deepEqual([...file.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at), type = file.toString('latin1', at + 4, at + 8);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(file.subarray(at + 4, at + 8 + length)));
    chunks.set(type, file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  assert.deepEqual([header.readUInt32BE(0), header.readUInt32BE(4), ...header.subarray(8)], [WIDTH, HEIGHT, 8, 2, 0, 0, 0]);
  const lines = inflateSync(chunks.get('IDAT')!), { rgba } = m.screen()!;
  const above = new Uint8Array(3 * WIDTH);
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    assert.equal(lines[at++], 2);
    for (let i = 0; i < above.length; i++) {
      above[i] = lines[at++]! + above[i]!;
      assert.equal(above[i], rgba[4 * (y * WIDTH + Math.floor(i / 3)) + i % 3]);
    }
  }
  assert.equal(rgba[0], 2);
  await m.stop();
});
