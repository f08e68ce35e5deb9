// Swap files on ext2: pages land in the file's own blocks, the file system stays whole, and nobody can touch the file meanwhile (swapon(2)).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BLOCKED, EBUSY, EINVAL, EPERM, errnoName, ETXTBSY, isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_CREAT, O_RDWR, O_TRUNC } from '../../src/abi/fcntl.ts';
import { MEMORY_FILES } from '../../src/fs/proc/memory.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import { KIND_ANON } from '../../src/kernel/mm/frame-kinds.ts';
import { stopSwap } from '../../src/kernel/mm/swap-off.ts';
import { swapHeader } from '../../src/kernel/mm/swap-on.ts';
import { swapOnPath } from '../../src/kernel/syscall/mm-swap.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import { removeFile } from '../../src/kernel/vfs/remove.ts';
import { rename } from '../../src/kernel/vfs/rename.ts';
import { truncatePath } from '../../src/kernel/vfs/setattr.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../../src/kernel/vfs/walk.ts';
import { Rng } from '../../src/lib/rng.ts';
import { contentsOf, DiskWorld, LateDisk } from './disk-world.ts';

const MKE2FS = ['/usr/sbin/mke2fs', '/sbin/mke2fs'].find(p => existsSync(p));
const FSCK = ['/usr/sbin/e2fsck', '/sbin/e2fsck'].find(p => existsSync(p));
const skip = MKE2FS === undefined || FSCK === undefined ? 'this host has no e2fsprogs' : false;
const dir = mkdtempSync(join(tmpdir(), 'kspace-swap-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

const PAGE = 4096, PAGES = 600;

function freshDisk(blockBytes: number): MemoryDisk {
  const path = join(dir, 'image');
  writeFileSync(path, '');
  truncateSync(path, 16 << 20);
  execFileSync(MKE2FS!, ['-q', '-F', '-t', 'ext2', '-b', String(blockBytes), path]);
  const disk = new MemoryDisk(16 << 20);
  disk.write(0, readFileSync(path));
  return disk;
}

function fsck(disk: MemoryDisk): void {
  const path = join(dir, 'check');
  writeFileSync(path, contentsOf(disk));
  try {
    execFileSync(FSCK!, ['-fn', path], { stdio: 'pipe' });
  } catch (e) {
    assert.fail(String((e as { stdout: Buffer }).stdout));
  }
}

function writeFile(w: DiskWorld, path: string, at: number, bytes: Uint8Array): number {
  const file = w.run(t => openAt(t, AT_FDCWD, path, O_RDWR | O_CREAT, 0o600));
  assert.ok(!isErr(file), errnoName(file as number));
  const n = w.run(t => file.write(t, new KernelBuffer(bytes), at));
  file.put();
  return n;
}

/** A swap file in pieces: another file takes blocks in between. */
function makeSwapFile(w: DiskWorld, path: string): void {
  const bytes = new Uint8Array(PAGES * PAGE);
  bytes.set(swapHeader(PAGES));
  for (let page = 0; page < PAGES; page += 50) {
    assert.equal(writeFile(w, path, page * PAGE, bytes.subarray(page * PAGE, (page + 50) * PAGE)), 50 * PAGE);
    assert.equal(writeFile(w, '/m/other', page * 20, new Uint8Array(page * 20 + 3000).fill(7)), page * 20 + 3000);
  }
}

const truncate = (w: DiskWorld, path: string, size: number): number => w.run((t): number => {
  const at = lookupPath(t, AT_FDCWD, path, LOOKUP_FOLLOW);
  if (isErr(at)) return at;
  const r = truncatePath(t, at, size);
  at.put();
  return r;
});

const pattern = (page: number, i: number): number => page * 131 + (i >> 4) & 255;

function roundTrip(blockBytes: number, isLate: boolean): void {
  const disk = freshDisk(blockBytes);
  const late = new LateDisk(disk, new Rng(blockBytes));
  const w = new DiskWorld([isLate ? late : disk]);
  const { frames, machine } = w.kernel;
  w.mount('/dev/vda', '/m');
  makeSwapFile(w, '/m/swap');
  assert.equal(w.run(t => swapOnPath(t, '/m/swap', null)), 0);
  const area = frames.swap.areas[0]!;
  assert.ok(area.store.extents > 5, `${area.store.extents} pieces`);
  assert.match(w.kernel.log.lines.at(-1)!.text, new RegExp(`^Adding ${(PAGES - 1) * 4}k swap on /m/swap\\. {2}Priority:-\\d+ extents:${area.store.extents} `));

  const one = frames.allocRaw(KIND_ANON), two = frames.allocRaw(KIND_ANON);
  const bytesOf = (pfn: number): Uint8Array => machine.ram.u8.subarray(pfn * PAGE, (pfn + 1) * PAGE);
  const { free } = frames.swap;
  for (let i = 1; i < PAGES; i++) {
    const page = area.take();
    assert.equal(page, i);
    for (let b = 0; b < PAGE; b++) bytesOf(one)[b] = pattern(page, b);
    const r = area.store.write(page, one);
    assert.ok(r === 0 || r === BLOCKED, errnoName(r));
    area.get(page);
    w.settle();
  }
  assert.equal(area.take(), -1);
  for (let page = 1; page < PAGES; page += 7) {
    bytesOf(two).fill(0);
    assert.equal(w.run(t => area.store.read(t, page, two)), 0);
    assert.ok(bytesOf(two).every((b, i) => b === pattern(page, i)), `page ${page}`);
  }
  for (let page = 1; page < PAGES; page++) area.put(page);
  assert.equal(frames.swap.free, free);
  frames.put(one);
  frames.put(two);
  assert.equal(w.run(t => stopSwap(t, area)), 0);
  if (isLate) assert.ok(late.late > 50, `${late.late} calls were late`);

  // The file holds what was swapped, and its neighbours and the file system never noticed.
  w.unmount('/m');
  fsck(disk);
  w.mount('/dev/vda', '/m');
  const file = w.run(t => openAt(t, AT_FDCWD, '/m/swap', O_RDWR, 0));
  assert.ok(!isErr(file));
  const bytes = new Uint8Array(PAGE);
  for (let page = 1; page < PAGES; page++) {
    assert.equal(w.run((t): number => file.read(t, new KernelBuffer(bytes), page * PAGE)), PAGE);
    assert.ok(bytes.every((b, i) => b === pattern(page, i)), `page ${page} of the file`);
  }
  file.put();
}

test('pages go to the blocks of the file and come back', { skip }, () => roundTrip(4096, false));
test('a page may lie in several blocks', { skip }, () => roundTrip(1024, false));
test('the same on a disk that answers late', { skip }, () => { for (const b of [1024, 4096]) roundTrip(b, true); });

test('an active swap file is neither written, cut, removed, renamed nor used twice; afterwards all that works', { skip }, () => {
  const w = new DiskWorld([freshDisk(4096)]);
  w.mount('/dev/vda', '/m');
  makeSwapFile(w, '/m/swap');
  assert.equal(w.run(t => swapOnPath(t, '/m/swap', 7)), 0);
  const { show } = MEMORY_FILES['swaps'] as { show(t: unknown, k: unknown): string };
  assert.match(show(w.t, w.kernel), /\n\/m\/swap +file +2396\t\t0\t\t7\n$/);
  assert.equal(writeFile(w, '/m/swap', 0, new Uint8Array(10)), ETXTBSY);
  assert.equal(truncate(w, '/m/swap', 0), ETXTBSY);
  assert.equal(w.run(t => openAt(t, AT_FDCWD, '/m/swap', O_RDWR | O_TRUNC, 0)), ETXTBSY);
  assert.equal(w.run(t => removeFile(t, AT_FDCWD, '/m/swap')), EPERM);
  assert.equal(w.run(t => rename(t, AT_FDCWD, '/m/swap', AT_FDCWD, '/m/s2', 0)), EPERM);
  assert.equal(w.run(t => rename(t, AT_FDCWD, '/m/other', AT_FDCWD, '/m/swap', 0)), EPERM);
  assert.equal(w.run(t => swapOnPath(t, '/m/swap', null)), EBUSY);
  const mount = [...w.kernel.mounts.all].find(m => m.mountpoint?.name === 'm')!;
  assert.equal(w.run((): number => w.kernel.mounts.unmount(mount, 'strict', 0)), EBUSY);

  assert.equal(w.run(t => stopSwap(t, w.kernel.frames.swap.areas[0]!)), 0);
  assert.equal(writeFile(w, '/m/swap', 0, new Uint8Array(10)), 10);
  assert.equal(truncate(w, '/m/swap', 5), 0);
  assert.equal(w.run(t => removeFile(t, AT_FDCWD, '/m/swap')), 0);
  w.unmount('/m');
});

test('EINVAL: holes, a file that is shorter than its header says, no header, memory instead of a disk', { skip }, () => {
  const w = new DiskWorld([freshDisk(1024)]);
  w.mount('/dev/vda', '/m');
  const on = (path: string): number => w.run((t): number => swapOnPath(t, path, null));
  writeFile(w, '/m/holes', 0, swapHeader(20));
  assert.equal(truncate(w, '/m/holes', 20 * PAGE), 0);
  assert.equal(on('/m/holes'), EINVAL);
  writeFile(w, '/m/holes', PAGE, new Uint8Array(19 * PAGE));
  assert.equal(truncate(w, '/m/holes', 20 * PAGE - 1), 0);
  assert.equal(on('/m/holes'), EINVAL);
  assert.equal(truncate(w, '/m/holes', 20 * PAGE), 0);
  assert.equal(on('/m/holes'), 0);
  writeFile(w, '/m/none', 0, new Uint8Array(20 * PAGE));
  assert.equal(on('/m/none'), EINVAL);
  writeFile(w, '/tmpfile', 0, new Uint8Array(20 * PAGE));
  writeFile(w, '/tmpfile', 0, swapHeader(20));
  assert.equal(on('/tmpfile'), EINVAL);
  assert.equal(w.kernel.frames.swap.areas.length, 1);
});
