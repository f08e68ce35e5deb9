// Suite mm: memory management alone, with the machine's MMU but without a hart. Wall time of the best of three.
import { ShmemCache } from '../src/kernel/mm/shmem.ts';
import { addSwap, enterSpace, type TestWorld, testWorld } from '../src/kernel/mm/test-util.ts';
import type { AddressSpace } from '../src/kernel/mm/address-space.ts';
import type { Inode } from '../src/kernel/vfs/inode.ts';
import { MmuImpl } from '../src/machine/mmu/mmu.ts';
import { createRam } from '../src/machine/ram.ts';
import type { Report, Suite } from './suite.ts';

const PAGE = 4096;
const RW = 3, ANON_PRIVATE = 0x22, NORESERVE = 0x4000;
const READ = 0, WRITE = 1;

export const suite: Suite = {
  name: 'mm',
  run(report) {
    const ram = createRam(256 << 20);
    const w = testWorld(0, ram, new MmuImpl(ram, { has: () => false, drop() {}, flushFetchPage() {}, flushFetchTlb() {} }));
    const mm = enterSpace(w);
    faults(report, w, mm);
    accessors(report, w, mm);
    files(report, w, mm);
    manyMappings(report, w, mm);
    bigFork(report);
    cachedRead(report);
    swapping(report);
  },
};

function best(report: Report, what: string, count: number, work: () => void): void {
  let ms = Infinity;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    work();
    ms = Math.min(ms, performance.now() - start);
  }
  report(what, ms * 1e6 / count, 'ns');
}

const map = (w: TestWorld, mm: AddressSpace, pages: number, flags = 0): number =>
  mm.map(w.task, { addr: 0, length: pages * PAGE, prot: RW, flags: ANON_PRIVATE | flags, file: null, offset: 0 });

function faults(report: Report, w: TestWorld, mm: AddressSpace): void {
  const touch = (access: 0 | 1) => () => {
    const a = map(w, mm, 20_000);
    for (let i = 0; i < 20_000; i++) mm.fault(w.task, a + i * PAGE, access);
    mm.unmap(w.task, a, 20_000 * PAGE);
  };
  best(report, 'fault: first write to a page, and its end', 20_000, touch(WRITE));
  best(report, 'fault: first read of a page, and its end', 20_000, touch(READ));
  const a = map(w, mm, 1000);
  for (let i = 0; i < 1000; i++) mm.fault(w.task, a + i * PAGE, WRITE);
  best(report, 'fork and exit with 1000 private pages', 100, () => { for (let i = 0; i < 100; i++) (mm.fork(w.task) as AddressSpace).put(); });
  best(report, 'fault: copy on write', 1000, () => {
    const child = mm.fork(w.task) as AddressSpace;
    for (let i = 0; i < 1000; i++) mm.fault(w.task, a + i * PAGE, WRITE);
    child.put();
  });
  mm.unmap(w.task, a, 1000 * PAGE);
}

/** fork and exit of a process with 256 MiB resident: the cost should follow its 128 page tables, not its 65,536 pages. */
function bigFork(report: Report): void {
  const ram = createRam(384 << 20);
  const w = testWorld(0, ram, new MmuImpl(ram, { has: () => false, drop() {}, flushFetchPage() {}, flushFetchTlb() {} }));
  const mm = enterSpace(w);
  const a = map(w, mm, 65_536);
  for (let i = 0; i < 65_536; i++) mm.fault(w.task, a + i * PAGE, WRITE);
  const child: AddressSpace[] = [];
  best(report, 'fork with 256 MiB resident', 1, () => { child.push(mm.fork(w.task) as AddressSpace); });
  best(report, 'and the end of such a child', 1, () => { child.pop()!.put(); });
}

function accessors(report: Report, w: TestWorld, mm: AddressSpace): void {
  const a = map(w, mm, 4);
  const bytes = new Uint8Array(PAGE);
  w.user.zero(a, PAGE);
  best(report, 'user: loadU32', 1e6, () => { for (let i = 0; i < 1e6; i++) w.user.loadU32(a + (i & 1023) * 4); });
  best(report, 'user: copyOut of 128 bytes', 1e6, () => { for (let i = 0; i < 1e6; i++) w.user.copyOut(a, bytes, 0, 128); });
  for (let i = 0; i < 36; i++) w.user.storeU8(a + i, 0x61);
  best(report, 'user: path of 36 bytes', 3e5, () => { for (let i = 0; i < 3e5; i++) w.user.path(a); });
}

function files(report: Report, w: TestWorld, mm: AddressSpace): void {
  const a = map(w, mm, 16);
  const cache = new ShmemCache(w.frames, { size: 0 } as unknown as Inode);
  best(report, 'page cache: write of 4 KiB', 25_600, () => { for (let i = 0; i < 25_600; i++) cache.write(w.task, w.user.buffer(a, PAGE), (i & 255) * PAGE); });
  best(report, 'page cache: read of 4 KiB', 1e5, () => { for (let i = 0; i < 1e5; i++) cache.read(w.task, w.user.buffer(a, PAGE), (i & 255) * PAGE); });
  best(report, 'page cache: read of 64 KiB', 1e4, () => { for (let i = 0; i < 1e4; i++) cache.read(w.task, w.user.buffer(a, 65536), (i & 7) * 65536); });
  best(report, 'page cache: read of 1 byte', 1e6, () => { for (let i = 0; i < 1e6; i++) cache.read(w.task, w.user.buffer(a, 1), i & 0xffff); });
}

function manyMappings(report: Report, w: TestWorld, mm: AddressSpace): void {
  const a = map(w, mm, 60_000, NORESERVE);
  best(report, 'mmap and munmap of 8 pages', 10_000, () => { for (let i = 0; i < 10_000; i++) mm.unmap(w.task, map(w, mm, 8), 8 * PAGE); });
  best(report, 'mprotect that splits into 60000 mappings', 30_000, () => {
    for (let i = 0; i < 60_000; i += 2) mm.protect(w.task, a + i * PAGE, PAGE, 1);
    mm.protect(w.task, a, 60_000 * PAGE, RW);
  });
  for (let i = 0; i < 60_000; i += 2) mm.protect(w.task, a + i * PAGE, PAGE, 1);
  best(report, 'mmap and munmap of one page into 30000 holes', 1, () => holes(w, mm));
  best(report, 'the same mmap and munmap among 60000', 10_000, () => { for (let i = 0; i < 10_000; i++) mm.unmap(w.task, map(w, mm, 8), 8 * PAGE); });
}

/** Adversarial for a search from the top: every other page is unmapped, then ranges of two pages find no place among them. */
function holes(w: TestWorld, mm: AddressSpace): void {
  const a = map(w, mm, 60_000, NORESERVE);
  for (let i = 0; i < 60_000; i += 2) mm.unmap(w.task, a + i * PAGE, PAGE);
  for (let i = 0; i < 5000; i++) {
    map(w, mm, 2, NORESERVE);
    mm.unmap(w.task, a + (2 * i + 1) * PAGE, PAGE);
    map(w, mm, 1, NORESERVE);
  }
  mm.unmap(w.task, a - 10_000 * PAGE, 80_000 * PAGE);
}

/** A file of 256 MiB that is all in memory, read as cat(1) does. */
function cachedRead(report: Report): void {
  const ram = createRam(512 << 20);
  const w = testWorld(0, ram, new MmuImpl(ram, { has: () => false, drop() {}, flushFetchPage() {}, flushFetchTlb() {} }));
  const mm = enterSpace(w);
  const BUFFER = 131_072, COUNT = (256 << 20) / BUFFER;
  const a = map(w, mm, BUFFER / PAGE);
  const cache = new ShmemCache(w.frames, { size: 0 } as unknown as Inode);
  for (let i = 0; i < COUNT; i++) cache.write(w.task, w.user.buffer(a, BUFFER), i * BUFFER);
  best(report, 'page cache: read of 256 MiB, each page', 65_536, () => { for (let i = 0; i < COUNT; i++) cache.read(w.task, w.user.buffer(a, BUFFER), i * BUFFER); });
}

/** 200 MiB at random on a machine of 64 MiB; the disk is memory. */
function swapping(report: Report): void {
  const ram = createRam(64 << 20);
  const w = testWorld(0, ram, new MmuImpl(ram, { has: () => false, drop() {}, flushFetchPage() {}, flushFetchTlb() {} }));
  addSwap(w, 65_536);
  const mm = enterSpace(w);
  const PAGES = 51_200;
  const a = map(w, mm, PAGES, NORESERVE);
  for (let i = 0; i < PAGES; i++) w.user.storeU32(a + i * PAGE, i);
  let x = 1;
  best(report, 'swap: store to a random page of 200 MiB in 64', 20_000, () => {
    for (let i = 0; i < 20_000; i++) {
      x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
      w.user.storeU32(a + x % PAGES * PAGE, i);
    }
  });
}
