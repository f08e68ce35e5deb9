// Random mappings in two processes, stores, reads, writes, truncations and write-back of one file under memory pressure, against a model of what each
// sees. KSPACE_MODEL_STEPS=N makes N steps in all instead of 32,000.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EFAULT, type Errno } from '../../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED } from '../../abi/mman.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { AddressSpace } from './address-space.ts';
import { audit } from './audit.ts';
import { KIND_FILE } from './frame-kinds.ts';
import { PageCache } from './page-cache.ts';
import { enterSpace, switchTo, testTask, type TestWorld, testWorld } from './test-util.ts';
import type { Vma } from './vma.ts';

const PAGE = 4096, RW = 3;
const FILE_PAGES = 200, AREA = 0x1000_0000, AREAS = 4, HOG = 0x2_0000_0000;

/** A back end of one word a page. */
class WordCache extends PageCache {
  readonly disk = new Map<number, number>();
  constructor(w: TestWorld, inode: Inode) {
    super(w.frames, inode, KIND_FILE);
    this.readAheadMax = 8;
  }
  protected override fill(_t: Task, index: number, pfns: readonly number[]): 0 | Errno {
    pfns.forEach((pfn, i) => {
      this.frames.ram.u8.fill(0, pfn * PAGE, (pfn + 1) * PAGE);
      this.frames.ram.u32[pfn * 1024] = this.disk.get(index + i) ?? 0;
    });
    return 0;
  }
  protected override writeBack(_t: Task, index: number, pfn: number): 0 | Errno {
    this.disk.set(index, this.frames.ram.u32[pfn * 1024]!);
    return 0;
  }
}

/** What a mapping must show: its own copies, else the file. */
interface Area { shared: boolean; own: Map<number, number> }

class Run {
  readonly w: TestWorld;
  /** Even areas are mapped by the first process, odd ones by the second. */
  readonly mms: AddressSpace[];
  readonly tasks: Task[];
  readonly inode = { size: FILE_PAGES * PAGE } as unknown as Inode;
  readonly cache: WordCache;
  readonly content = new Map<number, number>();
  pages = FILE_PAGES;
  readonly areas: (Area | null)[] = new Array<Area | null>(AREAS).fill(null);
  seed: number;
  constructor(seed: number) {
    this.seed = seed;
    this.w = testWorld(4 << 20);
    this.mms = [enterSpace(this.w), enterSpace(this.w)];
    this.tasks = [this.w.task, testTask(this.w.kernel)];
    this.enter(0);
    this.cache = new WordCache(this.w, this.inode);
  }
  /** The process of area `a` runs. */
  enter(a: number): AddressSpace {
    const mm = this.mms[a % 2]!;
    switchTo(this.w, this.tasks[a % 2]!, mm);
    return mm;
  }
  below(n: number): number {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.seed / 2 ** 32 * n);
  }

  step(stamp: number): void {
    const { w, cache } = this;
    const a = this.below(AREAS), n = this.below(FILE_PAGES);
    switch (this.below(40)) {
      case 0: case 1: return this.map(a);
      case 2: return this.unmap(a);
      case 3: return this.truncate(this.below(4) === 0 ? FILE_PAGES : 50 + this.below(FILE_PAGES - 50));
      case 4: case 5: assert.equal(cache.sync(w.task), 0); return;
      case 6: return this.squeeze();
      case 7: case 8: case 9: case 10: return this.write(n, stamp);
      case 11: case 12: case 13: case 14: return this.read(n);
      default:
        if (this.areas[a] === null) return;
        if (this.below(2) === 0) this.load(a, n);
        else this.store(a, n, stamp);
    }
  }

  map(a: number): void {
    const shared = this.below(2) === 0;
    const { cache } = this;
    const file = {
      flags: 2, path: null, isReadable: true, isWritable: true, inode: this.inode,
      mmap(_t: Task, v: Vma) { v.pages = cache; return 0; }, get() { return this; }, put() { /* one file for all */ },
    } as unknown as OpenFile;
    const addr = AREA + a * FILE_PAGES * PAGE;
    assert.equal(this.enter(a).map(this.tasks[a % 2]!, { addr, length: FILE_PAGES * PAGE, prot: RW, flags: MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE), file, offset: 0 }), addr);
    this.areas[a] = { shared, own: new Map() };
  }

  unmap(a: number): void {
    this.enter(a).unmap(this.tasks[a % 2]!, AREA + a * FILE_PAGES * PAGE, FILE_PAGES * PAGE);
    this.areas[a] = null;
  }

  truncate(pages: number): void {
    this.cache.truncate(pages * PAGE);
    for (let n = pages; n < FILE_PAGES; n++) {
      this.content.delete(n);
      this.cache.disk.delete(n);
      for (const area of this.areas) area?.own.delete(n);
    }
    this.pages = pages;
  }

  /** Anonymous memory takes all there is, and gives it back. Dirty pages must not be dropped; sometimes there are none. */
  squeeze(): void {
    if (this.below(2) === 0) this.cache.sync(this.w.task);
    const length = 1000 * PAGE;
    const mm = this.enter(0);
    mm.map(this.w.task, { addr: HOG, length, prot: RW, flags: MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, file: null, offset: 0 });
    for (let i = 0; i < 1000 && mm.fault(this.w.task, HOG + i * PAGE, 1) === 0;) i++;
    mm.unmap(this.w.task, HOG, length);
  }

  write(n: number, value: number): void {
    if (n >= this.pages) return;
    const bytes = new Uint8Array(this.below(2) === 0 ? 4 : PAGE);
    new DataView(bytes.buffer).setUint32(0, value, true);
    assert.equal(this.cache.write(this.w.task, new KernelBuffer(bytes), n * PAGE), bytes.length);
    this.content.set(n, value);
  }

  read(n: number): void {
    if (n >= this.pages) return;
    const b = new KernelBuffer(new Uint8Array(4));
    assert.equal(this.cache.read(this.w.task, b, n * PAGE), 4);
    assert.equal(new DataView(b.bytes.buffer).getUint32(0, true), this.content.get(n) ?? 0, `page ${n}`);
  }

  load(a: number, n: number): void {
    const { shared, own } = this.areas[a]!;
    this.enter(a);
    const r = this.w.user.loadU32(AREA + (a * FILE_PAGES + n) * PAGE);
    if (n >= this.pages) return assert.equal(r, EFAULT);
    assert.equal(r, 0);
    assert.equal(this.w.user.value, (shared ? undefined : own.get(n)) ?? this.content.get(n) ?? 0, `${shared ? 'shared' : 'private'} page ${n}`);
  }

  store(a: number, n: number, value: number): void {
    const { shared, own } = this.areas[a]!;
    this.enter(a);
    const r = this.w.user.storeU32(AREA + (a * FILE_PAGES + n) * PAGE, value);
    if (n >= this.pages) return assert.equal(r, EFAULT);
    assert.equal(r, 0);
    if (shared) this.content.set(n, value);
    else own.set(n, value);
  }
}

test('a file seen through mappings, reads and writes is one file, whatever is reclaimed', () => {
  const steps = Number(process.env.KSPACE_MODEL_STEPS ?? 32_000);
  for (let seed = 1; seed <= 8; seed++) {
    const run = new Run(seed);
    for (let i = 1; i <= steps / 8; i++) {
      run.step(i);
      if (i % 250 === 0) assert.deepEqual(audit(run.w.frames, run.mms), [], `seed ${seed} step ${i}`);
    }
    for (const mm of run.mms) mm.put();
    run.cache.destroy();
    assert.deepEqual(audit(run.w.frames, []), []);
    assert.equal(run.w.frames.freeCount, run.w.frames.total - 1);
  }
});
