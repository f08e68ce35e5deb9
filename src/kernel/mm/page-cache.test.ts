// Page caches: a back end that counts what it is asked, shmem with holes and seals, truncation under mappings, reclaim.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCKED, EFAULT, ENOSPC, ENXIO, type Errno } from '../../abi/errno.ts';
import { MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { SIGBUS } from '../../abi/signal.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { audit } from './audit.ts';
import { KIND_FILE } from './frame-kinds.ts';
import { PageCache } from './page-cache.ts';
import { ShmemCache, ShmemQuota } from './shmem.ts';
import { enterSpace, testTask, type TestWorld, testWorld } from './test-util.ts';
import type { Vma } from './vma.ts';

const PAGE = 4096;

/** A file on a disk of bytes. */
class DiskCache extends PageCache {
  readonly disk: Uint8Array;
  /** [first page, pages] of every fill. */
  readonly asked: [number, number][] = [];
  readonly written: number[] = [];
  parks = 0;
  /** Frames of the fetch that is parked. */
  inHand: readonly number[] = [];
  constructor(w: TestWorld, inode: Inode, disk: Uint8Array) {
    super(w.frames, inode, KIND_FILE);
    this.disk = disk;
    this.readAheadMax = 32;
  }
  protected override fill(_t: Task, index: number, pfns: readonly number[]): 0 | Errno {
    if (this.parks-- > 0) {
      this.inHand = pfns;
      return BLOCKED;
    }
    this.asked.push([index, pfns.length]);
    pfns.forEach((pfn, i) => {
      const to = this.frames.ram.u8.subarray(pfn * PAGE, (pfn + 1) * PAGE);
      to.fill(0);
      to.set(this.disk.subarray((index + i) * PAGE, (index + i + 1) * PAGE));
    });
    return 0;
  }
  protected override writeBack(_t: Task, index: number, pfn: number): 0 | Errno {
    this.written.push(index);
    this.disk.set(this.frames.ram.u8.subarray(pfn * PAGE, pfn * PAGE + Math.min(PAGE, this.disk.length - index * PAGE)), index * PAGE);
    return 0;
  }
}

function inodeOf(size: number): Inode { return { size } as unknown as Inode; }

function disk(w: TestWorld, bytes: number): DiskCache {
  return new DiskCache(w, inodeOf(bytes), Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 255));
}

/** An open file over a cache, as far as mmap needs one. */
function fileOf(pages: PageCache): OpenFile {
  return {
    refs: 1, flags: 2, path: null, isReadable: true, isWritable: true, inode: {},
    mmap(_t: Task, v: Vma) { v.pages = pages; return 0; },
    get() { return this; },
    put() {},
    fsync() { return 0; },
  } as unknown as OpenFile;
}

function mapFile(w: TestWorld, pages: PageCache, flags: number, length: number, offset = 0, prot = PROT_READ | PROT_WRITE): number {
  const at = w.task.mm!.map(w.task, { addr: 0, length, prot, flags, file: fileOf(pages), offset });
  assert.ok(at > 0, `mmap: ${at}`);
  return at;
}

test('reads fetch with a doubling window and stop at the end of the file', () => {
  const w = testWorld();
  const c = disk(w, 20 * PAGE + 100);
  const b = new KernelBuffer(new Uint8Array(100 * PAGE));
  assert.equal(c.read(w.task, b, 5), 20 * PAGE + 95);
  assert.deepEqual(b.bytes.subarray(0, b.done), c.disk.subarray(5));
  assert.deepEqual(c.asked, [[0, 4], [4, 8], [12, 9]]);
  assert.equal(c.read(w.task, new KernelBuffer(new Uint8Array(10)), 20 * PAGE + 100), 0);
});

test('a read that is parked halfway runs again as a whole', () => {
  const w = testWorld();
  const c = disk(w, 9 * PAGE);
  const b = new KernelBuffer(new Uint8Array(9 * PAGE));
  c.read(w.task, new KernelBuffer(new Uint8Array(1)), 0);
  c.parks = 1;
  assert.equal(c.read(w.task, b, 0), BLOCKED);
  assert.equal(b.done, 0);
  assert.equal(c.read(w.task, b, 0), 9 * PAGE);
  assert.deepEqual(b.bytes, c.disk);
});

test('while a fetch is under way its frames are kept, others ask for themselves, and newer data wins', () => {
  const w = testWorld();
  const c = disk(w, 8 * PAGE);
  const other = testTask(w.kernel);
  c.parks = 1;
  const b = new KernelBuffer(new Uint8Array(8 * PAGE));
  assert.equal(c.read(w.task, b, 0), BLOCKED);
  const kept = c.inHand;
  for (const pfn of kept) assert.equal(w.frames.refs[pfn], 1);
  const theirs = c.getPage(other, 2);
  assert.ok(theirs > 0 && !kept.includes(theirs));
  assert.equal(c.write(other, new KernelBuffer(new Uint8Array(PAGE).fill(1)), PAGE), PAGE);
  assert.equal(c.read(w.task, b, 0), 8 * PAGE);
  assert.equal(c.peek(2), theirs);
  assert.equal(b.bytes[PAGE], 1);
  assert.equal(b.bytes[2 * PAGE + 1], c.disk[2 * PAGE + 1]);
  c.destroy();
  assert.deepEqual(audit(w.frames, []), []);
});

test('writes fill only what they do not cover, grow the file, and are written back once', () => {
  const w = testWorld();
  const c = disk(w, 3 * PAGE);
  assert.equal(c.write(w.task, new KernelBuffer(new Uint8Array(PAGE).fill(1)), PAGE), PAGE);
  assert.deepEqual(c.asked, [], 'a whole page needs no old contents');
  assert.equal(c.write(w.task, new KernelBuffer(new Uint8Array(2).fill(2)), 2 * PAGE - 1), 2);
  assert.deepEqual(c.asked, [[2, 1]]);
  assert.equal(c.sync(w.task), 0);
  assert.deepEqual(c.written.sort(), [1, 2]);
  assert.equal(c.sync(w.task), 0);
  assert.deepEqual(c.written.length, 2);
  assert.deepEqual([...c.disk.subarray(2 * PAGE - 2, 2 * PAGE + 2)], [1, 2, 2, ((2 * PAGE + 1) * 7 + ((2 * PAGE + 1) >> 8)) & 255]);
});

test('shared stores are seen by write-back, again after each one; private ones never', () => {
  const w = testWorld();
  const mm = enterSpace(w);
  const c = disk(w, 4 * PAGE);
  const shared = mapFile(w, c, MAP_SHARED, 4 * PAGE), own = mapFile(w, c, MAP_PRIVATE, 4 * PAGE);
  assert.equal(w.user.loadU8(shared + PAGE), 0);
  assert.equal(w.user.storeU8(shared + PAGE, 77), 0);
  assert.equal(w.user.loadU8(own + PAGE), 0);
  assert.equal(w.user.value, 77);
  assert.equal(w.user.storeU8(own + PAGE, 78), 0);
  assert.equal(w.user.loadU8(shared + PAGE), 0);
  assert.equal(w.user.value, 77);
  c.sync(w.task);
  assert.deepEqual(c.written, [1]);
  assert.equal(c.disk[PAGE], 77);
  assert.equal(w.user.storeU8(shared + PAGE, 79), 0);
  c.sync(w.task);
  assert.deepEqual(c.written, [1, 1]);
  assert.deepEqual(audit(w.frames, [mm]), []);
  mm.put();
  c.destroy();
  assert.deepEqual(audit(w.frames, []), []);
});

test('pages past the end are SIGBUS, before and after a truncation, private copies included', () => {
  const w = testWorld();
  const mm = enterSpace(w);
  const c = disk(w, 3 * PAGE + 10);
  const own = mapFile(w, c, MAP_PRIVATE, 5 * PAGE), shared = mapFile(w, c, MAP_SHARED, 5 * PAGE);
  assert.equal(w.user.storeU8(own + 2 * PAGE, 1), 0);
  assert.equal(w.user.storeU8(shared + PAGE + 50, 9), 0);
  assert.equal(w.user.loadU8(own + 3 * PAGE + 100), 0);
  assert.equal(w.user.value, 0, 'zeros behind the end in the last page');
  assert.equal(w.user.loadU8(own + 4 * PAGE), EFAULT);
  assert.equal(mm.lastFault.signo, SIGBUS);
  c.truncate(PAGE + 40);
  assert.equal(w.user.loadU8(own + 2 * PAGE), EFAULT);
  assert.equal(mm.lastFault.signo, SIGBUS);
  assert.equal(w.user.loadU8(shared + PAGE + 50), 0);
  assert.equal(w.user.value, 0, 'the partial page is zeroed');
  assert.deepEqual(audit(w.frames, [mm]), []);
  mm.put();
});

test('a read fault brings cached neighbours along', () => {
  const w = testWorld();
  const mm = enterSpace(w);
  const c = disk(w, 64 * PAGE);
  c.read(w.task, new KernelBuffer(new Uint8Array(64 * PAGE)), 0);
  const at = mapFile(w, c, MAP_PRIVATE, 64 * PAGE);
  w.user.loadU8(at + 20 * PAGE);
  assert.ok(mm.rssPages >= 15 && mm.rssPages <= 16, `${mm.rssPages}`);
  mm.put();
});

test('under pressure clean file pages go, mapped ones too; the reserve stays', () => {
  const w = testWorld(4 << 20);
  const mm = enterSpace(w);
  const c = disk(w, 500 * PAGE);
  const at = mapFile(w, c, MAP_PRIVATE, 500 * PAGE, 0, PROT_READ);
  for (let i = 0; i < 500; i++) assert.equal(w.user.loadU8(at + i * PAGE), 0);
  const anon = mm.map(w.task, { addr: 0, length: 900 * PAGE, prot: PROT_READ | PROT_WRITE, flags: MAP_PRIVATE | 0x20, file: null, offset: 0 });
  let stored = 0;
  while (stored < 900 && w.user.storeU32(anon + stored * PAGE, stored) === 0) stored++;
  assert.ok(stored > 700, `${stored} pages of anonymous memory`);
  assert.ok(w.frames.freeCount >= w.frames.reserve / 4);
  assert.deepEqual(audit(w.frames, [mm]), []);
  for (let i = 0; i < stored; i++) {
    assert.equal(w.user.loadU32(anon + i * PAGE), 0);
    assert.equal(w.user.value, i);
  }
  mm.unmap(w.task, anon, 900 * PAGE);
  for (let i = 0; i < 500; i += 50) {
    assert.equal(w.user.loadU8(at + i * PAGE), 0, `page ${i}`);
    assert.equal(w.user.value, c.disk[i * PAGE]);
  }
  mm.put();
});

test('shmem: holes are zeros and cost nothing; SEEK_DATA and SEEK_HOLE see them; the quota holds', () => {
  const w = testWorld();
  const quota = new ShmemQuota(3);
  const c = new ShmemCache(w.frames, inodeOf(0), 0, quota);
  assert.equal(c.write(w.task, new KernelBuffer(Uint8Array.of(1)), 10 * PAGE), 1);
  assert.equal(c.pageCount, 1);
  const b = new KernelBuffer(new Uint8Array(11 * PAGE).fill(9));
  assert.equal(c.read(w.task, b, 0), 10 * PAGE + 1);
  assert.equal(b.bytes[10 * PAGE - 1], 0);
  assert.equal(c.nextData(0), 10 * PAGE);
  assert.equal(c.nextHole(0), 0);
  assert.equal(c.nextHole(10 * PAGE), 10 * PAGE + 1);
  assert.equal(c.nextData(10 * PAGE + 1), ENXIO);
  assert.equal(c.allocate(w.task, 0, 2 * PAGE), 0);
  assert.equal(c.write(w.task, new KernelBuffer(Uint8Array.of(1)), 5 * PAGE), ENOSPC);
  c.punchHole(10, PAGE + 10);
  assert.equal(quota.usedPages, 3);
  c.punchHole(0, PAGE);
  assert.equal(quota.usedPages, 2);
  c.truncate(0);
  assert.equal(quota.usedPages, 0);
  assert.deepEqual(audit(w.frames, []), []);
});

test('a file beyond 2^31 pages keeps its pages apart', () => {
  const w = testWorld();
  const c = new ShmemCache(w.frames, inodeOf(0));
  const far = 2 ** 44;
  c.write(w.task, new KernelBuffer(Uint8Array.of(5)), far);
  c.write(w.task, new KernelBuffer(Uint8Array.of(6)), 0);
  const b = new KernelBuffer(new Uint8Array(1));
  c.read(w.task, b, far);
  assert.equal(b.bytes[0], 5);
  assert.equal(c.nextData(PAGE), far);
});
