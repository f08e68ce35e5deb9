// Disks on the command line: made, attached, kept, copy-on-write, read-only, over HTTP, in loop devices; and what the host's e2fsck says afterwards.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KSPACE, noImage, run } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = await noImage('busybox', ['busybox-static']);
const FSCK = ['/usr/sbin/e2fsck', '/sbin/e2fsck'].find(p => existsSync(p));
const opts = { skip, timeout: 120_000 * PATIENCE };
const dir = mkdtempSync(join(tmpdir(), 'kspace-disk-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, 'disk');
const sh = (script: string, ...options: string[]) => run(['run', ...options, '--', 'sh', '-c', `mkdir -p /m; ${script}`]);

function clean(): void {
  if (FSCK !== undefined) execFileSync(FSCK, ['-fn', file], { stdio: 'pipe' });
}

test('disk: made empty and sparse, formatted and filled in the guest, still there for the next machine', opts, () => {
  assert.equal(run(['disk', 'create', file, '32M']).status, 0);
  assert.equal(statSync(file).size, 32 << 20);
  assert.match(run(['disk', 'create', file, '32M']).err, /exists already/);
  const first = sh('mke2fs -q /dev/vda >/dev/null; mount -t ext2 /dev/vda /m && cd /m && tar c -C /usr bin | tar x && tar c -C / etc | tar x && rm -r etc && mv bin b && ln b/busybox c && ln -s b/sh s; ls; sha256sum c', '--disk', file);
  assert.deepEqual([first.status, first.err], [0, '']);
  clean();
  const second = sh('mount -t ext2 /dev/vda /m && cd /m && ls && sha256sum c; echo more > /m/file; umount /m 2>&1; cd /; umount /m; blockdev --getsize64 /dev/vda', '--disk', file);
  assert.equal(second.out.replace(/umount: .*\n/, ''), `${first.out}33554432\n`);
  clean();
});

test('disk: cow forgets, ro refuses, a disk that is not there is named', opts, () => {
  const before = readFileSync(file);
  assert.equal(sh('mount -t ext2 /dev/vda /m && rm -r /m/b && echo x > /m/new && sync && ls /m', '--disk', `${file},cow`).out, 'c\nfile\nlost+found\nnew\ns\n');
  const ro = sh('mount -t ext2 /dev/vda /m || mount -t ext2 -o ro /dev/vda /m; cat /m/file; echo y > /m/file; echo z > /dev/vda', '--disk', `${file},ro`);
  assert.equal(ro.out, 'more\n');
  assert.match(ro.err, /Read-only file system/);
  assert.ok(readFileSync(file).equals(before));
  assert.match(run(['run', '--disk', join(dir, 'none'), '--', 'true']).err, /there is no disk/);
  assert.match(run(['run', '--disk', `${file},rw`, '--', 'true']).err, /'rw' says nothing/);
});

test('disk: a file system in a file on a disk, with partitions beside it', opts, () => {
  const r = sh(`mount -t ext2 /dev/vda /m; dd if=/dev/zero of=/m/inner bs=1M count=4 2>/dev/null; mkdir /n; losetup /dev/loop0 /m/inner; mke2fs -q /dev/loop0 >/dev/null
    mount -t ext2 /dev/loop0 /n && echo deep > /n/x; umount /n; losetup -d /dev/loop0; mount -t ext2 -o loop /m/inner /n; cat /n/x; umount /n; cat /proc/partitions
    printf 'n\\np\\n1\\n\\n+1M\\nn\\np\\n2\\n\\n\\nw\\n' | fdisk /dev/vdb >/dev/null 2>&1; cat /sys/block/vdb/vdb1/size; ls /dev/vdb*`, '--disk', file, '--disk', 'mem:8M');
  assert.match(r.out, /^deep\nmajor minor {2}#blocks {2}name\n\n 254 {8}0 {6}32768 vda\n 254 {7}16 {7}8192 vdb\n\d+\n\/dev\/vdb\n\/dev\/vdb1\n\/dev\/vdb2\n$/);
  clean();
});

test('disk: over HTTP by ranges, read-only or below copy-on-write, in real and in virtual time', opts, async () => {
  const bytes = readFileSync(file);
  const server = createServer((q, r) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(q.headers.range ?? '')!;
    r.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}` });
    setTimeout(() => r.end(bytes.subarray(Number(from), Number(to) + 1)), 5);
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => { server.once('listening', resolve); });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk`;
  try {
    for (const seed of [[], ['--seed', '3']]) {
      const script = 'mkdir /m; mount -t ext2 /dev/vda /m && cat /m/file && cp /m/c /m/d && cmp /m/c /m/d && rm -r /m/b && umount /m && echo fine';
      const child = spawn(process.execPath, [KSPACE, 'run', ...seed, '--disk', `${url},cow`, '--', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.on('data', d => { out += d; });
      await new Promise(resolve => { child.once('close', resolve); });
      assert.equal(out, 'more\nfine\n');
    }
  } finally {
    server.close();
  }
});
