// The GPU model against its specification (virtio 1.2, 5.7) and against drivers that know it badly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rng } from '../../src/lib/rng.ts';
import { VirtioGpu } from '../../src/machine/devices/gpu.ts';
import {
  F_VERSION_1, GPU_CMD_GET_DISPLAY_INFO, GPU_CMD_MOVE_CURSOR, GPU_CMD_RESOURCE_ATTACH_BACKING, GPU_CMD_RESOURCE_CREATE_2D, GPU_CMD_RESOURCE_DETACH_BACKING,
  GPU_CMD_RESOURCE_FLUSH, GPU_CMD_RESOURCE_UNREF, GPU_CMD_SET_SCANOUT, GPU_CMD_TRANSFER_TO_HOST_2D, GPU_CMD_UPDATE_CURSOR, GPU_FORMAT_B8G8R8A8, GPU_FORMAT_B8G8R8X8,
  GPU_RESP_ERR_INVALID_PARAMETER, GPU_RESP_ERR_INVALID_RESOURCE_ID, GPU_RESP_ERR_INVALID_SCANOUT_ID, GPU_RESP_ERR_OUT_OF_MEMORY, GPU_RESP_ERR_UNSPEC, GPU_RESP_OK_DISPLAY_INFO,
  GPU_RESP_OK_NODATA, MMIO_STATUS, STATUS_NEEDS_RESET,
} from '../../src/machine/registers.ts';
import { newRam, Rig, RIG_DATA } from './rig.ts';

assert.equal(F_VERSION_1, 1);
const COMMAND = RIG_DATA, ANSWER = RIG_DATA + 0x800, PIXELS = 0x1_0000;

class GpuRig {
  readonly ram = newRam(1 << 20);
  readonly gpu = new VirtioGpu(this.ram, { set: () => {} }, { width: 64, height: 48 });
  readonly rig = new Rig(this.ram, this.gpu, 2);
  constructor() { this.rig.start(0); }

  /** A command of words after the header, on the control queue: its answer's type. */
  run(type: number, ...words: number[]): number {
    this.ram.u32.set([type, 1, 77, 0, 3, 0, ...words], COMMAND >>> 2);
    this.rig.post(0, [{ addr: COMMAND, length: 24 + 4 * words.length, writes: false }, { addr: ANSWER, length: 408, writes: true }]);
    this.rig.notify(0);
    const used = this.rig.used(0);
    assert.ok(used !== null && used.length >= 24);
    assert.deepEqual([...this.ram.u32.subarray((ANSWER >>> 2) + 1, (ANSWER >>> 2) + 5)], [1, 77, 0, 3], 'the fence comes back');
    return this.ram.u32[ANSWER >>> 2]!;
  }

  /** The same on the cursor queue. */
  cursor(type: number, ...words: number[]): void {
    this.ram.u32.set([type, 0, 0, 0, 0, 0, ...words], COMMAND >>> 2);
    this.rig.post(1, [{ addr: COMMAND, length: 24 + 4 * words.length, writes: false }]);
    this.rig.notify(1);
    assert.ok(this.rig.used(1) !== null);
  }

  get isBroken(): boolean { return (this.gpu.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) !== 0; }
  pixel(x: number, y: number): number[] {
    const { rgba, width } = this.gpu.screen.compose(this.gpu.width, this.gpu.height);
    return [...rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
  }
}

test('gpu: a picture in scattered memory gets to the screen', () => {
  const g = new GpuRig();
  assert.equal(g.run(GPU_CMD_GET_DISPLAY_INFO), GPU_RESP_OK_DISPLAY_INFO);
  assert.deepEqual([...g.ram.u32.subarray((ANSWER >>> 2) + 6, (ANSWER >>> 2) + 13)], [0, 0, 64, 48, 1, 0, 0]);
  assert.deepEqual(g.pixel(5, 5), [0, 0, 0, 255]);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, GPU_FORMAT_B8G8R8X8, 64, 48), GPU_RESP_OK_NODATA);
  // Three pieces, in no order, none of whole lines; 12288 bytes together.
  assert.equal(g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 1, 3, PIXELS + 8192, 0, 1000, 0, PIXELS, 0, 5000, 0, PIXELS + 16_384, 0, 6288, 0), GPU_RESP_OK_NODATA);
  const at = (offset: number): number => (offset < 1000 ? PIXELS + 8192 + offset : offset < 6000 ? PIXELS + offset - 1000 : PIXELS + 16_384 + offset - 6000);
  for (let i = 0; i < 64 * 48 * 4; i++) g.ram.u8[at(i)] = (i * 7 + (i >>> 8)) & 255;
  const expected = (x: number, y: number): number[] => [2, 1, 0].map(c => { const i = 4 * (y * 64 + x) + c; return (i * 7 + (i >>> 8)) & 255; }).concat(255);
  assert.equal(g.run(GPU_CMD_SET_SCANOUT, 0, 0, 64, 48, 0, 1), GPU_RESP_OK_NODATA);
  assert.equal(g.run(GPU_CMD_TRANSFER_TO_HOST_2D, 0, 0, 64, 10, 0, 0, 1, 0), GPU_RESP_OK_NODATA);
  assert.equal(g.run(GPU_CMD_TRANSFER_TO_HOST_2D, 3, 20, 7, 5, 4 * (20 * 64 + 3), 0, 1, 0), GPU_RESP_OK_NODATA);
  assert.equal(g.gpu.frames, 0);
  assert.equal(g.run(GPU_CMD_RESOURCE_FLUSH, 0, 0, 64, 48, 1, 0), GPU_RESP_OK_NODATA);
  assert.equal(g.gpu.frames, 1);
  for (const [x, y] of [[0, 0], [63, 9], [31, 3], [3, 20], [9, 24]] as const) assert.deepEqual(g.pixel(x, y), expected(x, y), `${x},${y}`);
  for (const [x, y] of [[0, 10], [2, 20], [10, 24], [3, 25]] as const) assert.deepEqual(g.pixel(x, y), [0, 0, 0, 255], `${x},${y} was not transferred`);
  // A part of it is shown.
  assert.equal(g.run(GPU_CMD_SET_SCANOUT, 3, 20, 7, 5, 0, 1), GPU_RESP_OK_NODATA);
  assert.deepEqual(g.pixel(0, 0), expected(3, 20));
  assert.equal(g.run(GPU_CMD_RESOURCE_UNREF, 1, 0), GPU_RESP_OK_NODATA);
  assert.deepEqual(g.pixel(0, 0), [0, 0, 0, 255]);
  assert.equal(g.isBroken, false);
});

test('gpu: a cursor lies over the picture by its alpha, and comes from a copy', () => {
  const g = new GpuRig();
  g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, GPU_FORMAT_B8G8R8X8, 64, 48);
  g.run(GPU_CMD_SET_SCANOUT, 0, 0, 64, 48, 0, 1);
  g.run(GPU_CMD_RESOURCE_CREATE_2D, 2, GPU_FORMAT_B8G8R8A8, 64, 64);
  g.ram.u32.fill(0x80_ff_00_40, PIXELS >>> 2, (PIXELS >>> 2) + 4096);
  g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 2, 1, PIXELS, 0, 16_384, 0);
  g.run(GPU_CMD_TRANSFER_TO_HOST_2D, 0, 0, 64, 64, 0, 0, 2, 0);
  g.cursor(GPU_CMD_UPDATE_CURSOR, 0, 10, 10, 0, 2, 4, 4, 0);
  g.run(GPU_CMD_RESOURCE_UNREF, 2, 0);
  assert.deepEqual(g.pixel(5, 10), [0, 0, 0, 255]);
  assert.deepEqual(g.pixel(6, 6), [128, 0, 32, 255]);
  g.cursor(GPU_CMD_MOVE_CURSOR, 0, -20, -20, 0, 0, 0, 0, 0);
  assert.deepEqual(g.pixel(40, 40), [0, 0, 0, 255]);
  g.cursor(GPU_CMD_MOVE_CURSOR, 0, 30, 30, 0, 0, 0, 0, 0);
  assert.deepEqual(g.pixel(40, 40), [128, 0, 32, 255]);
  g.cursor(GPU_CMD_UPDATE_CURSOR, 0, 30, 30, 0, 0, 0, 0, 0);
  assert.deepEqual(g.pixel(40, 40), [0, 0, 0, 255]);
});

test('gpu: wrong commands get their errors and change nothing', () => {
  const g = new GpuRig();
  assert.equal(g.run(0x0123), GPU_RESP_ERR_UNSPEC);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 0, GPU_FORMAT_B8G8R8X8, 4, 4), GPU_RESP_ERR_INVALID_RESOURCE_ID);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, 99, 4, 4), GPU_RESP_ERR_INVALID_PARAMETER);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, GPU_FORMAT_B8G8R8X8, 0, 4), GPU_RESP_ERR_INVALID_PARAMETER);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, GPU_FORMAT_B8G8R8X8, 0xffff_ffff, 0xffff_ffff), GPU_RESP_ERR_INVALID_PARAMETER);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, GPU_FORMAT_B8G8R8X8, 16_384, 16_384), GPU_RESP_ERR_OUT_OF_MEMORY);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1), GPU_RESP_ERR_INVALID_PARAMETER, 'too short');
  assert.equal(g.run(GPU_CMD_RESOURCE_FLUSH, 0, 0, 1, 1, 1, 0), GPU_RESP_ERR_INVALID_RESOURCE_ID);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, GPU_FORMAT_B8G8R8X8, 8, 8), GPU_RESP_OK_NODATA);
  assert.equal(g.run(GPU_CMD_RESOURCE_CREATE_2D, 1, GPU_FORMAT_B8G8R8X8, 8, 8), GPU_RESP_ERR_INVALID_RESOURCE_ID);
  assert.equal(g.run(GPU_CMD_SET_SCANOUT, 0, 0, 8, 8, 1, 1), GPU_RESP_ERR_INVALID_SCANOUT_ID);
  assert.equal(g.run(GPU_CMD_SET_SCANOUT, 1, 0, 8, 8, 0, 1), GPU_RESP_ERR_INVALID_PARAMETER);
  assert.equal(g.run(GPU_CMD_SET_SCANOUT, 0xffff_ffff, 0, 8, 8, 0, 1), GPU_RESP_ERR_INVALID_PARAMETER);
  assert.equal(g.run(GPU_CMD_SET_SCANOUT, 0, 0, 8, 8, 0, 9), GPU_RESP_ERR_INVALID_RESOURCE_ID);
  assert.equal(g.run(GPU_CMD_TRANSFER_TO_HOST_2D, 0, 0, 8, 8, 0, 0, 1, 0), GPU_RESP_ERR_INVALID_PARAMETER, 'nothing is attached');
  assert.equal(g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 1, 1, 1 << 20, 0, 1, 0), GPU_RESP_ERR_INVALID_PARAMETER, 'beyond RAM');
  assert.equal(g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 1, 1, 0, 1, 1, 0), GPU_RESP_ERR_INVALID_PARAMETER, 'beyond RAM');
  assert.equal(g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 1, 0xffff_ffff, 0, 0, 1, 0), GPU_RESP_ERR_INVALID_PARAMETER);
  assert.equal(g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 1, 2, 0, 0, 1, 0), GPU_RESP_ERR_INVALID_PARAMETER, 'fewer entries than told');
  assert.equal(g.run(GPU_CMD_RESOURCE_DETACH_BACKING, 1, 0), GPU_RESP_ERR_UNSPEC);
  assert.equal(g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 1, 1, PIXELS, 0, 255, 0), GPU_RESP_OK_NODATA);
  assert.equal(g.run(GPU_CMD_RESOURCE_ATTACH_BACKING, 1, 1, PIXELS, 0, 256, 0), GPU_RESP_ERR_UNSPEC, 'twice');
  assert.equal(g.run(GPU_CMD_TRANSFER_TO_HOST_2D, 0, 0, 8, 8, 0, 0, 1, 0), GPU_RESP_ERR_INVALID_PARAMETER, 'one byte is missing');
  assert.equal(g.run(GPU_CMD_TRANSFER_TO_HOST_2D, 0, 0, 8, 7, 0, 0, 1, 0), GPU_RESP_OK_NODATA);
  assert.equal(g.run(GPU_CMD_TRANSFER_TO_HOST_2D, 0, 0, 8, 7, 0, 1, 1, 0), GPU_RESP_ERR_INVALID_PARAMETER);
  assert.equal(g.isBroken, false);
  g.rig.post(0, [{ addr: COMMAND, length: 8, writes: false }, { addr: ANSWER, length: 24, writes: true }]);
  g.rig.notify(0);
  assert.ok(g.isBroken, 'a command without a header');
});

test('gpu: random commands: no throw, no write outside the answer', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const rng = new Rng(seed), g = new GpuRig();
    const types = [0x100, 0x101, 0x101, 0x102, 0x103, 0x104, 0x105, 0x105, 0x106, 0x107, 0x108, 0x10a, 0x300, 0x301];
    const word = (): number => (rng.below(8) === 0 ? rng.next() >>> 0 : rng.below(70));
    for (let i = 0; i < 500; i++) {
      if (g.isBroken) g.rig.start(0);
      const words = Array.from({ length: rng.below(20) }, word);
      if (rng.below(4) !== 0) words[0] = rng.below(3);
      const type = types[rng.below(types.length)]!;
      if (type >= 0x300) g.cursor(type, ...words);
      else g.run(type, ...words);
    }
    g.gpu.screen.compose(64, 48);
    assert.ok(g.ram.u8.subarray(PIXELS).every(b => b === 0), 'the driver\'s memory is only read');
  }
});
