// Memory that does not fit: pages go to swap and come back the same, through fork, writes, unmapping, swapoff; the audit finds nothing in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCKED, EFAULT, ENOMEM, isErr } from '../../abi/errno.ts';
import { Rng } from '../../lib/rng.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { AddressSpace } from './address-space.ts';
import { audit } from './audit.ts';
import { KIND_ANON } from './frame-kinds.ts';
import { vpnOf } from './layout.ts';
import { lockRange, unlockRange } from './lock.ts';
import { UNEVICTABLE } from './lru.ts';
import { isSwapped } from './page-table.ts';
import { ShmemCache } from './shmem.ts';
import { stopSwap } from './swap-off.ts';
import { addSwap, enterSpace, switchTo, type TestWorld, testWorld } from './test-util.ts';

const RW = 3, ANON_PRIVATE = 0x22, ANON_SHARED = 0x21;

function map(w: TestWorld, mm: AddressSpace, pages: number, flags = ANON_PRIVATE): number {
  const at = mm.map(w.task, { addr: 0, length: pages * PAGE_SIZE, prot: RW, flags, file: null, offset: 0 });
  assert.ok(!isErr(at));
  return at;
}

const store = (w: TestWorld, addr: number, value: number): void => { assert.equal(w.user.storeU32(addr, value), 0); };
function load(w: TestWorld, addr: number): number {
  assert.equal(w.user.loadU32(addr), 0);
  return w.user.value;
}

test('three times as many pages as memory keep their contents', () => {
  const w = testWorld(4 << 20);
  const swap = addSwap(w, 4096);
  const mm = enterSpace(w);
  const free = w.frames.freeCount;
  const a = map(w, mm, 3000);
  for (let i = 0; i < 3000; i++) store(w, a + i * PAGE_SIZE + 8, i * 7 + 1);
  assert.deepEqual(audit(w.frames, [mm]), []);
  assert.ok(mm.swapPages > 1900, `${mm.swapPages} pages are swapped`);
  assert.equal(mm.swapPages + mm.rssAnonPages, 3000);
  for (let i = 2999; i >= 0; i--) assert.equal(load(w, a + i * PAGE_SIZE + 8), i * 7 + 1);
  assert.deepEqual(audit(w.frames, [mm]), []);
  mm.unmap(w.task, a, 3000 * PAGE_SIZE);
  assert.equal(w.frames.swap.used, 0);
  assert.equal(swap.stored.size, 0);
  assert.equal(w.frames.freeCount, free);
});

test('a page that was only read goes again without being written', () => {
  const w = testWorld(4 << 20);
  addSwap(w, 8192);
  const mm = enterSpace(w);
  const a = map(w, mm, 1500);
  for (let i = 0; i < 1500; i++) store(w, a + i * PAGE_SIZE, i);
  const written = w.frames.events.pswpout;
  for (let i = 0; i < 1500; i++) load(w, a + i * PAGE_SIZE);
  const more = w.frames.events.pswpout - written;
  for (let i = 0; i < 1500; i++) load(w, a + i * PAGE_SIZE);
  for (let i = 0; i < 1500; i++) load(w, a + i * PAGE_SIZE);
  assert.ok(w.frames.events.pswpout - written - more < 100, `${w.frames.events.pswpout - written - more} of 3000 reads wrote`);
});

test('fork shares swapped pages until one side writes', () => {
  const w = testWorld(4 << 20);
  addSwap(w, 8192);
  const mm = enterSpace(w);
  const a = map(w, mm, 1200);
  for (let i = 0; i < 1200; i++) store(w, a + i * PAGE_SIZE, i);
  const child = mm.fork(w.task);
  assert.ok(!isErr(child));
  assert.equal(child.swapPages, mm.swapPages);
  assert.deepEqual(audit(w.frames, [mm, child]), []);
  switchTo(w, w.task, child);
  for (let i = 0; i < 1200; i += 3) store(w, a + i * PAGE_SIZE, 100_000 + i);
  assert.deepEqual(audit(w.frames, [mm, child]), []);
  switchTo(w, w.task, mm);
  for (let i = 0; i < 1200; i++) assert.equal(load(w, a + i * PAGE_SIZE), i);
  switchTo(w, w.task, child);
  for (let i = 0; i < 1200; i++) assert.equal(load(w, a + i * PAGE_SIZE), i % 3 === 0 ? 100_000 + i : i);
  assert.deepEqual(audit(w.frames, [mm, child]), []);
  child.put();
  mm.put();
  assert.equal(w.frames.swap.used, 0);
  assert.equal(w.frames.counts[KIND_ANON], 0);
});

test('shared memory is swapped, and a hole stays a hole', () => {
  const w = testWorld(4 << 20);
  addSwap(w, 8192);
  const mm = enterSpace(w);
  const s = map(w, mm, 600, ANON_SHARED);
  for (let i = 0; i < 600; i += 2) store(w, s + i * PAGE_SIZE, i + 1);
  const a = map(w, mm, 1500);
  for (let i = 0; i < 1500; i++) store(w, a + i * PAGE_SIZE, i);
  const cache = mm.findVma(s)!.pages as ShmemCache;
  assert.ok(cache.swapped > 100, `${cache.swapped} shared pages are swapped`);
  assert.equal(cache.pageCount, 300);
  assert.deepEqual(audit(w.frames, [mm]), []);
  for (let i = 0; i < 600; i++) assert.equal(load(w, s + i * PAGE_SIZE), i % 2 === 0 ? i + 1 : 0);
  assert.deepEqual(audit(w.frames, [mm]), []);
  mm.put();
  assert.equal(w.frames.swap.used, 0);
});

test('swapoff brings everything back, or says that it does not fit', () => {
  const w = testWorld(4 << 20);
  const swap = addSwap(w, 8192);
  const mm = enterSpace(w);
  const a = map(w, mm, 1300), s = map(w, mm, 100, ANON_SHARED);
  for (let i = 0; i < 100; i++) store(w, s + i * PAGE_SIZE, i + 5);
  for (let i = 0; i < 1300; i++) store(w, a + i * PAGE_SIZE, i);
  const area = w.frames.swap.areas[0]!;
  assert.equal(stopSwap(w.task, area), ENOMEM);
  mm.unmap(w.task, a + 500 * PAGE_SIZE, 800 * PAGE_SIZE);
  assert.equal(stopSwap(w.task, area), 0);
  assert.equal(swap.stored.size, 0);
  assert.equal(w.frames.swap.total, 0);
  assert.equal(mm.swapPages, 0);
  for (let i = 0; i < 500; i++) assert.equal(load(w, a + i * PAGE_SIZE), i);
  for (let i = 0; i < 100; i++) assert.equal(load(w, s + i * PAGE_SIZE), i + 5);
  assert.deepEqual(audit(w.frames, [mm]), []);
});

test('a slow disk parks the reader, and a page on its way out is copied by a store', () => {
  const w = testWorld(4 << 20);
  const swap = addSwap(w, 8192);
  const mm = enterSpace(w);
  const a = map(w, mm, 1300);
  swap.mood = 'later';
  let parked = 0;
  for (let i = 0; i < 5200; i++) {
    const addr = a + (i * 7 % 1300) * PAGE_SIZE;
    let r = w.user.storeU32(addr, i);
    for (let tries = 0; r !== 0 && tries < 50; tries++) {
      assert.ok(r === BLOCKED || r === ENOMEM, `errno ${r}`);
      if (r === BLOCKED) parked++;
      swap.settle();
      r = w.user.storeU32(addr, i);
    }
    assert.equal(r, 0);
    if (i % 600 === 0) assert.deepEqual(audit(w.frames, [mm]).filter(c => !c.includes('references, found')), []);
  }
  swap.settle();
  assert.deepEqual(audit(w.frames, [mm]), []);
  swap.mood = 'at once';
  for (let i = 3900; i < 5200; i++) assert.equal(load(w, a + (i * 7 % 1300) * PAGE_SIZE), i);
  assert.ok(parked > 0);
});

test('a broken disk is EFAULT (a bus error) for who needs the page, and out of memory for who needs room', () => {
  const w = testWorld(4 << 20);
  const swap = addSwap(w, 8192);
  const mm = enterSpace(w);
  const a = map(w, mm, 1300);
  for (let i = 0; i < 1300; i++) store(w, a + i * PAGE_SIZE, i);
  swap.mood = 'broken';
  let swapped = 0;
  while (!isSwapped(mm.table.read(vpnOf(a) + swapped))) swapped++;
  assert.equal(w.user.loadU32(a + swapped * PAGE_SIZE), EFAULT);
  assert.equal(mm.lastFault.signo, 7);
  const b = map(w, mm, 400);
  let r: number = 0;
  for (let i = 0; i < 400 && r === 0; i++) r = w.user.storeU32(b + i * PAGE_SIZE, i);
  assert.equal(r, ENOMEM);
  assert.deepEqual(audit(w.frames, [mm]), []);
});

test('locked pages stay, and go once they are unlocked', () => {
  const w = testWorld(4 << 20);
  addSwap(w, 8192);
  const mm = enterSpace(w);
  const a = map(w, mm, 200), b = map(w, mm, 1500);
  for (let i = 0; i < 200; i++) store(w, a + i * PAGE_SIZE, i);
  assert.equal(lockRange(mm, w.task, a, 200 * PAGE_SIZE, 'now'), 0);
  for (let i = 0; i < 1500; i++) store(w, b + i * PAGE_SIZE, i);
  for (let i = 0; i < 200; i++) assert.ok(!isSwapped(mm.table.read(vpnOf(a) + i)), `page ${i}`);
  assert.ok(w.frames.lru.counts[UNEVICTABLE]! > 100);
  assert.equal(unlockRange(mm, a, 200 * PAGE_SIZE), 0);
  for (let i = 0; i < 1500; i++) store(w, b + i * PAGE_SIZE, i + 1);
  for (let i = 0; i < 1500; i++) store(w, b + i * PAGE_SIZE, i + 2);
  assert.equal(w.frames.lru.counts[UNEVICTABLE], 0);
  let gone = 0;
  for (let i = 0; i < 200; i++) if (isSwapped(mm.table.read(vpnOf(a) + i))) gone++;
  assert.ok(gone > 100, `${gone} pages are swapped`);
  assert.deepEqual(audit(w.frames, [mm]), []);
  for (let i = 0; i < 200; i++) assert.equal(load(w, a + i * PAGE_SIZE), i);
});

test('random work of a family of processes equals a model', () => {
  for (const seed of [1, 2, 3]) family(seed);
});

/** Spaces with one mapping each of the same pages; stores, loads, forks, ends, moves, zaps. The model: an array of values per space. */
function family(seed: number): void {
  const PAGES = 400;
  const rng = new Rng(seed);
  const w = testWorld(4 << 20);
  addSwap(w, 16_384);
  const first = enterSpace(w);
  const members = [{ mm: first, at: map(w, first, PAGES), values: new Array<number>(PAGES).fill(0) }];
  for (let step = 0; step < 20_000; step++) {
    const m = members[rng.below(members.length)]!;
    switchTo(w, w.task, m.mm);
    const page = rng.below(PAGES), addr = m.at + page * PAGE_SIZE;
    const what = rng.below(1000);
    if (what < 500) {
      store(w, addr, step + 1);
      m.values[page] = step + 1;
    } else if (what < 980) {
      assert.equal(load(w, addr), m.values[page], `seed ${seed} step ${step} page ${page}`);
    } else if (what < 985 && members.length < 6) {
      const mm = m.mm.fork(w.task);
      if (!isErr(mm)) members.push({ mm, at: m.at, values: [...m.values] });
    } else if (what < 988 && members.length > 1) {
      members.splice(members.indexOf(m), 1);
      m.mm.put();
    } else if (what < 992) {
      const n = 1 + rng.below(40);
      m.mm.unmap(w.task, addr, Math.min(n, PAGES - page) * PAGE_SIZE);
      const again = m.mm.map(w.task, { addr, length: Math.min(n, PAGES - page) * PAGE_SIZE, prot: RW, flags: ANON_PRIVATE | 0x10, file: null, offset: 0 });
      assert.equal(again, addr);
      m.values.fill(0, page, Math.min(PAGES, page + n));
    } else if (what < 996) {
      m.mm.protect(w.task, addr, PAGE_SIZE, 1);
      m.mm.protect(w.task, addr, PAGE_SIZE, RW);
    } else if (m.mm.vmas().length === 1) {
      const to = m.mm.remap(w.task, m.at, PAGES * PAGE_SIZE, PAGES * PAGE_SIZE, 3, 0x20_0000_0000 + rng.below(1000) * PAGE_SIZE * PAGES);
      if (!isErr(to)) m.at = to;
    }
    if (step % 1000 === 999) assert.deepEqual(audit(w.frames, members.map(x => x.mm)), [], `seed ${seed} step ${step}`);
  }
  assert.ok(w.frames.events.pswpin > 100, `${w.frames.events.pswpin} pages came in`);
  for (const m of members) m.mm.put();
  assert.equal(w.frames.swap.used, 0);
  assert.equal(w.frames.counts[KIND_ANON], 0);
}
