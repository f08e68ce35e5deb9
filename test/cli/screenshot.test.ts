// `kspace screenshot`, and the options --display, --input and --balloon.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { noImage, run } from './images.ts';

const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 120_000 };

function scratch(t: { after(f: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-screenshot-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'a.png');
}

/** Size and the first pixel of a file that kspace has written. */
function look(file: string): (number | undefined)[] {
  const bytes = readFileSync(file), at = bytes.indexOf('IDAT');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20), ...inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4))).subarray(1, 4)];
}

test('screenshot: the display at the end, or at a moment in between', opts, t => {
  const file = scratch(t);
  const draw = `printf '\\001\\002\\377' > /dev/fb0`;
  const end = run(['screenshot', '-o', file, 'run', '--', 'sh', '-c', `${draw}; exit 3`]);
  assert.deepEqual([end.status, end.out, end.err], [3, '', '']);
  assert.deepEqual(look(file), [640, 480, 255, 2, 1]);
  run(['screenshot', '--output', file, '--at', '2', 'run', '--seed', '1', '--display', '100x80', '--', 'sh', '-c', `sleep 1; ${draw}; sleep 2; dd if=/dev/zero of=/dev/fb0 bs=4 count=1`]);
  assert.deepEqual(look(file), [100, 80, 255, 2, 1]);
});

test('screenshot: what is wrong is told in a line', opts, t => {
  const file = scratch(t);
  const first = (...args: string[]): [number, string] => {
    const { status, err } = run(args);
    return [status, err.split('\n')[0]!];
  };
  assert.deepEqual(first('screenshot', '--', 'true'), [2, 'kspace: screenshot needs a command, run or exec, not true']);
  assert.deepEqual(first('screenshot', '--at', 'noon', 'run'), [2, "kspace: 'noon' is no moment: a number of seconds"]);
  assert.deepEqual(first('screenshot', '-o', '/no/where.png', 'run', '--', 'true'), [125, "kspace: the picture cannot be written: ENOENT: no such file or directory, open '/no/where.png'"]);
  assert.deepEqual(first('run', '--display', '640', '--', 'true'), [2, "kspace: '640' is no size of a display: say 640x480"]);
  assert.deepEqual(first('run', '--display', '1x9999', '--', 'true'), [2, 'kspace: a display has between 64 and 8192 pixels a side']);
  assert.deepEqual(first('run', '--input', 'mouse,mice', '--', 'true'), [2, "kspace: 'mouse,mice' names no input devices: say one or more of keyboard,mouse,tablet"]);
  assert.deepEqual(first('run', '--balloon', 'big', '--', 'true'), [2, "kspace: 'big' is no size: say 64M or 1G"]);
  assert.ok(!existsSync(file));
});

test('--input and --balloon: devices are there, memory is not', opts, () => {
  const { out } = run(['run', '--memory', '128M', '--balloon', '64M', '--input', 'tablet,mouse', '--', 'sh', '-c', 'cat /sys/class/input/input*/name; ls /dev/input; sleep 0.5; grep balloon_inflate /proc/vmstat']);
  assert.equal(out, 'kspace Virtio Tablet\nkspace Virtio Mouse\nevent0\nevent1\nballoon_inflate 16384\n');
});
