// Debian's programs for frame buffers and input devices, unmodified: fbset, fbcat, fbi, evtest.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boot, type Machine } from '../../src/system/api.ts';
import { encodePng } from '../../src/system/picture.ts';
import { noImage } from '../cli/images.ts';

const IMAGE = 'screens', WIDTH = 320, HEIGHT = 200;
const skip = await noImage(IMAGE, ['busybox-static', 'fbset', 'fbcat', 'fbi', 'evtest']);
const machine = (): Promise<Machine> => boot({ image: IMAGE, display: { width: WIDTH, height: HEIGHT }, input: ['keyboard'] });

/** A picture in which every pixel is another one. */
function picture(width: number, height: number): { width: number; height: number; rgba: Uint8Array } {
  const rgba = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) rgba.set([i % width, Math.floor(i / width), (i * 7) & 255, 255], 4 * i);
  return { width, height, rgba };
}

describe('screens', { skip }, () => {
  it('fbset: what there is, and another size', async () => {
    const m = await machine();
    const { stdout } = await m.run('fbset -i; fbset -xres 160 -yres 100; fbset -s | head -3; fbset -depth 8');
    assert.match(stdout, /mode "320x200"\n {4}geometry 320 200 320 400 32\n(.*\n)* {4}rgba 8\/16,8\/8,8\/0,0\/0\n/);
    assert.match(stdout, /Name {8}: virtio_gpudrmfb\n {4}Address {5}: 0\n {4}Size {8}: 512000\n {4}Type {8}: PACKED PIXELS\n {4}Visual {6}: TRUECOLOR\n/);
    assert.match(stdout, /mode "160x100"\n {4}geometry 160 100 320 400 32\n/);
    assert.equal(m.screen()!.width, 160);
    await m.stop();
  });

  it('fbi draws a picture, fbcat sees it, and so does the host', async () => {
    const m = await machine();
    const drawn = picture(100, 60);
    m.writeFile('/tmp/picture.png', await encodePng(drawn));
    const { stderr } = await m.run('fbi -d /dev/fb0 --noverbose -1 -t 1 /tmp/picture.png; fbcat > /tmp/seen.ppm');
    assert.match(stderr, /trying fbdev: \/dev\/fb0/);
    const { rgba } = m.screen()!, left = (WIDTH - drawn.width) / 2, top = (HEIGHT - drawn.height) / 2;
    for (let y = 0; y < drawn.height; y++) {
      const row = rgba.subarray(4 * ((top + y) * WIDTH + left), 4 * ((top + y) * WIDTH + left + drawn.width));
      assert.deepEqual(row, drawn.rgba.subarray(4 * y * drawn.width, 4 * (y + 1) * drawn.width), `line ${y}`);
    }
    const ppm = Buffer.from(m.readFile('/tmp/seen.ppm')), header = 'P6 320 200 255\n';
    assert.equal(ppm.toString('latin1', 0, header.length), header);
    assert.ok(ppm.subarray(header.length).every((b, i) => b === rgba[4 * Math.floor(i / 3) + i % 3]));
    await m.stop();
  });

  it('evtest prints what is typed, and ends when the keyboard is pulled out', async () => {
    const m = await machine();
    const process = m.spawn(['evtest', '/dev/input/event0']);
    const reader = process.stdout.getReader(), decoder = new TextDecoder();
    let out = '';
    const until = async (what: string): Promise<void> => {
      while (!out.includes(what)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(out);
        out += decoder.decode(value, { stream: true });
      }
    };
    await until('Testing ... (interrupt to exit)');
    assert.match(out, /Input device name: "kspace Virtio Keyboard"/);
    assert.match(out, /Key repeat handling:\n {2}Repeat type 20 \(EV_REP\)\n {4}Repeat code 0 \(REP_DELAY\)\n {6}Value {4}250\n {4}Repeat code 1 \(REP_PERIOD\)\n {6}Value {5}33\n/);
    m.input.type('h!');
    await until('code 42 (KEY_LEFTSHIFT), value 0');
    assert.deepEqual([...out.matchAll(/type 1 \(EV_KEY\), code \d+ \((\w+)\), value (\d)/g)].map(([, key, value]) => `${key} ${value}`),
      ['KEY_H 1', 'KEY_H 0', 'KEY_LEFTSHIFT 1', 'KEY_1 1', 'KEY_1 0', 'KEY_LEFTSHIFT 0']);
    m.unplug('keyboard');
    assert.equal((await process.status).code, 1);
    await m.stop();
  });
});
