// Random maps, unmaps, protections, moves, advice, locks, forks and stores against a model that keeps every page as plain bytes; neighbours that could
// be one mapping are one. KSPACE_MODEL_STEPS=N makes N steps with each MMU instead of 15,000 and 9,000.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EFAULT, isErr } from '../../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, MADV_DONTNEED, MADV_NORMAL, MADV_SEQUENTIAL, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE, PROT_NONE, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { type DecodedCode, MmuImpl } from '../../machine/mmu/mmu.ts';
import { createRam } from '../../machine/ram.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { advise } from './advise.ts';
import { audit } from './audit.ts';
import { lockRange, unlockRange } from './lock.ts';
import { enterSpace, switchTo, type TestWorld, testTask, testWorld } from './test-util.ts';

const PAGE = 4096;
const BASE = 0x1000_0000;
const STEPS = Number(process.env.KSPACE_MODEL_STEPS ?? 0);
const PAGES = 1200;       // spans three leaf tables

/** What is stored in a page (first word). */
interface Cell { value: number }
/** One page of the model: a shared one is page `index` of an object of so many cells, and beyond its end there is nothing. */
interface ModelPage { object: Cell[]; index: number; prot: number; shared: boolean }
const cellOf = (page: ModelPage): Cell | undefined => page.object[page.index];
const fresh = (value = 0): Pick<ModelPage, 'object' | 'index'> => ({ object: [{ value }], index: 0 });
class Model {
  pages = new Map<number, ModelPage>();
  fork(): Model {
    const m = new Model();
    for (const [n, p] of this.pages) m.pages.set(n, p.shared ? { ...p } : { ...p, ...fresh(cellOf(p)!.value) });
    return m;
  }
}

class Lcg {
  seed: number;
  constructor(seed: number) { this.seed = seed; }
  below(n: number): number {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.seed / 2 ** 32 * n);
  }
}

/** `isTidy`: fork and MREMAP_DONTUNMAP unlock mappings without joining them, as on Linux. */
interface Proc { t: Task; mm: AddressSpace; model: Model; isTidy: boolean }

test('random operations on several forked spaces equal a model, and leak nothing', () => {
  for (let seed = 1; seed <= 10; seed++) runModel(testWorld(16 << 20), seed, STEPS / 10 || 1500);
});

test('the same with the MMU of the machine', () => {
  const ram = createRam(16 << 20);
  const noCode: DecodedCode = { has: () => false, drop() {}, flushFetchPage() {}, flushFetchTlb() {} };
  for (let seed = 20; seed <= 25; seed++) {
    ram.u8.fill(0);
    runModel(testWorld(0, ram, new MmuImpl(ram, noCode)), seed, STEPS / 6 || 1500);
  }
});

function runModel(w: TestWorld, seed: number, steps: number): void {
  const free = w.frames.freeCount;
  const rng = new Lcg(seed);
  const procs: Proc[] = [{ t: w.task, mm: enterSpace(w), model: new Model(), isTidy: true }];
  for (let i = 0; i < steps; i++) {
    const p = procs[rng.below(procs.length)]!;
    switchTo(w, p.t, p.mm);
    step(w, rng, procs, p, i + 1);
    if (i % 100 !== 0) continue;
    assert.deepEqual(audit(w.frames, procs.map(q => q.mm)), [], `seed ${seed} step ${i}`);
    for (const q of procs) compareMappings(q, `seed ${seed} step ${i}`);
  }
  for (const p of procs) {
    switchTo(w, p.t, p.mm);
    for (let n = 0; n < PAGES; n++) check(w, p, n);
  }
  for (const p of procs) p.mm.put();
  assert.deepEqual(audit(w.frames, []), []);
  assert.equal(w.frames.freeCount, free, `seed ${seed}: all frames are back`);
  assert.equal(w.frames.committedPages, 0);
}

function step(w: TestWorld, rng: Lcg, procs: Proc[], p: Proc, stamp: number): void {
  const first = rng.below(PAGES), count = 1 + rng.below(rng.below(4) === 0 ? 300 : 12);
  const n = Math.min(count, PAGES - first);
  const addr = BASE + first * PAGE;
  switch (rng.below(16)) {
    case 0: case 1: case 2: return map(p, rng, addr, first, n);
    case 3: {
      assert.equal(p.mm.unmap(p.t, addr, n * PAGE), 0);
      for (let i = first; i < first + n; i++) p.model.pages.delete(i);
      return;
    }
    case 4: return protect(p, rng, addr, first, n);
    case 5: return move(p, rng, first, Math.min(n, 20));
    case 12: return resize(p, rng, first, Math.min(n, 20));
    case 13: return advise_(p, rng, addr, first, n);
    case 14: return leaveBehind(p, rng, first, Math.min(n, 20));
    case 15:
      if (rng.below(2) === 0) lockRange(p.mm, p.t, addr, n * PAGE, 'on fault');
      else unlockRange(p.mm, addr, n * PAGE);
      return;
    case 6: {
      if (procs.length >= 4) {
        const gone = procs.splice(rng.below(procs.length), 1)[0]!;
        gone.mm.put();
        return;
      }
      const mm = p.mm.fork(p.t);
      if (isErr(mm)) throw new Error(`fork: ${mm}`);
      procs.push({ t: testTask(w.kernel), mm, model: p.model.fork(), isTidy: false });
      return;
    }
    default:
      for (let i = first; i < first + n; i++) {
        if (rng.below(3) === 0) check(w, p, i);
        else store(w, p, i, stamp * 4096 + i);
      }
  }
}

function map(p: Proc, rng: Lcg, addr: number, first: number, n: number): void {
  const shared = rng.below(3) === 0;
  const prot = [PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE][rng.below(4)]!;
  const flags = MAP_FIXED | MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE);
  assert.equal(p.mm.map(p.t, { addr, length: n * PAGE, prot, flags, file: null, offset: 0 }), addr);
  const object = Array.from({ length: n }, () => ({ value: 0 }));
  for (let i = 0; i < n; i++) p.model.pages.set(first + i, { object: shared ? object : [{ value: 0 }], index: shared ? i : 0, prot, shared });
}

function protect(p: Proc, rng: Lcg, addr: number, first: number, n: number): void {
  const prot = [PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE][rng.below(3)]!;
  const r = p.mm.protect(p.t, addr, n * PAGE, prot);
  let isWhole = true;
  for (let i = first; i < first + n && isWhole; i++) {
    const page = p.model.pages.get(i);
    if (page === undefined) isWhole = false;
    else page.prot = prot;
  }
  assert.equal(r === 0, isWhole);
}

/** Moves a run of like pages to another place. */
function move(p: Proc, rng: Lcg, first: number, wanted: number): void {
  const v = p.mm.findVma(BASE + first * PAGE);
  if (v === null) return;
  const n = Math.min(wanted, (v.end - BASE) / PAGE - first);
  const to = rng.below(PAGES - n);
  const toAddr = BASE + to * PAGE;
  const r = p.mm.remap(p.t, BASE + first * PAGE, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, toAddr);
  if (to < first + n && first < to + n) {
    assert.ok(isErr(r));
    return;
  }
  assert.equal(r, toAddr);
  for (let i = 0; i < n; i++) {
    p.model.pages.set(to + i, p.model.pages.get(first + i)!);
    p.model.pages.delete(first + i);
  }
}

/** mremap in place: shorter always, longer where there is room. */
function resize(p: Proc, rng: Lcg, first: number, wanted: number): void {
  const v = p.mm.findVma(BASE + first * PAGE);
  if (v === null) return;
  const n = Math.min(wanted, (v.end - BASE) / PAGE - first), to = Math.min(1 + rng.below(2 * n), PAGES - first);
  const addr = BASE + first * PAGE;
  const page = p.model.pages.get(first)!;
  let isFree = addr + n * PAGE === v.end || to <= n;
  for (let i = first + n; i < first + to; i++) isFree &&= !p.model.pages.has(i);
  const r = p.mm.remap(p.t, addr, n * PAGE, to * PAGE, 0, 0);
  assert.equal(!isErr(r), isFree);
  if (isErr(r)) return;
  for (let i = first + to; i < first + n; i++) p.model.pages.delete(i);
  for (let i = first + n; i < first + to; i++) p.model.pages.set(i, page.shared ? { ...page, index: page.index + i - first } : { ...page, ...fresh() });
}

/** MADV_DONTNEED: private pages are zeros again; MADV_DONTFORK and back only splits and joins. */
function advise_(p: Proc, rng: Lcg, addr: number, first: number, n: number): void {
  if (rng.below(3) === 0) {
    advise(p.mm, p.t, addr, n * PAGE, MADV_SEQUENTIAL);
    if (rng.below(2) === 0) advise(p.mm, p.t, BASE, PAGES * PAGE, MADV_NORMAL);
    return;
  }
  unlockRange(p.mm, addr, n * PAGE);
  advise(p.mm, p.t, addr, n * PAGE, MADV_DONTNEED);
  for (let i = first; i < first + n; i++) {
    const page = p.model.pages.get(i);
    if (page !== undefined && !page.shared) Object.assign(page, fresh());
  }
}

/** MREMAP_DONTUNMAP: the contents go, an empty mapping stays; shared memory is then mapped twice. */
function leaveBehind(p: Proc, rng: Lcg, first: number, wanted: number): void {
  const v = p.mm.findVma(BASE + first * PAGE);
  if (v === null) return;
  const n = Math.min(wanted, (v.end - BASE) / PAGE - first), to = rng.below(PAGES - n);
  if (to < first + n && first < to + n) return;
  const r = p.mm.remap(p.t, BASE + first * PAGE, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, BASE + to * PAGE);
  assert.equal(r, BASE + to * PAGE);
  p.isTidy = false;
  for (let i = 0; i < n; i++) {
    const page = p.model.pages.get(first + i)!;
    p.model.pages.set(to + i, { ...page });
    if (!page.shared) Object.assign(page, fresh());
  }
}

/** Every page is mapped as the model says, and nothing is split that need not be. */
function compareMappings(p: Proc, where: string): void {
  for (let n = 0; n < PAGES; n++) {
    const v = p.mm.findVma(BASE + n * PAGE), page = p.model.pages.get(n);
    assert.equal(v?.prot, page?.prot, `${where} page ${n}`);
    assert.equal(v?.isShared, page?.shared, `${where} page ${n}`);
  }
  if (p.isTidy) for (const v of p.mm.vmas()) assert.ok(v.next === null || !v.canMerge(v.next), `${where}: mappings at ${v.start.toString(16)} could be one`);
}

function check(w: TestWorld, p: Proc, n: number): void {
  const page = p.model.pages.get(n);
  const r = w.user.loadU32(BASE + n * PAGE + 8);
  const cell = page === undefined || page.prot === PROT_NONE ? undefined : cellOf(page);
  if (cell === undefined) assert.equal(r, EFAULT);
  else {
    assert.equal(r, 0);
    assert.equal(w.user.value, cell.value, `page ${n}`);
  }
}

function store(w: TestWorld, p: Proc, n: number, value: number): void {
  const page = p.model.pages.get(n);
  const r = w.user.storeU32(BASE + n * PAGE + 8, value);
  const cell = page === undefined || (page.prot & PROT_WRITE) === 0 ? undefined : cellOf(page);
  if (cell === undefined) assert.equal(r, EFAULT);
  else {
    assert.equal(r, 0);
    cell.value = value;
  }
}
