// Random maps, unmaps, protections, moves, forks and stores against a model that keeps every page as plain bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EFAULT, isErr } from '../../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, MREMAP_FIXED, MREMAP_MAYMOVE, PROT_NONE, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { type DecodedCode, MmuImpl } from '../../machine/mmu/mmu.ts';
import { createRam } from '../../machine/ram.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { audit } from './audit.ts';
import { enterSpace, switchTo, type TestWorld, testTask, testWorld } from './test-util.ts';

const PAGE = 4096;
const BASE = 0x1000_0000;
const PAGES = 1200;       // spans three leaf tables

/** One page of the model: what is stored (first word) and what may be done. Shared pages share the cell. */
interface Cell { value: number }
interface ModelPage { cell: Cell; prot: number; shared: boolean }
class Model {
  pages = new Map<number, ModelPage>();
  fork(): Model {
    const m = new Model();
    for (const [n, p] of this.pages) m.pages.set(n, { ...p, cell: p.shared ? p.cell : { value: p.cell.value } });
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

interface Proc { t: Task; mm: AddressSpace; model: Model }

test('random operations on several forked spaces equal a model, and leak nothing', () => {
  for (let seed = 1; seed <= 10; seed++) runModel(testWorld(16 << 20), seed, 1500);
});

test('the same with the MMU of the machine', () => {
  const ram = createRam(16 << 20);
  const noCode: DecodedCode = { has: () => false, drop() {}, flushFetchPage() {}, flushFetchTlb() {} };
  for (let seed = 20; seed <= 25; seed++) {
    ram.u8.fill(0);
    runModel(testWorld(0, ram, new MmuImpl(ram, noCode)), seed, 1500);
  }
});

function runModel(w: TestWorld, seed: number, steps: number): void {
  const free = w.frames.freeCount;
  const rng = new Lcg(seed);
  const procs: Proc[] = [{ t: w.task, mm: enterSpace(w), model: new Model() }];
  for (let i = 0; i < steps; i++) {
    const p = procs[rng.below(procs.length)]!;
    switchTo(w, p.t, p.mm);
    step(w, rng, procs, p, i + 1);
    if (i % 100 === 0) assert.deepEqual(audit(w.frames, procs.map(q => q.mm)), [], `seed ${seed} step ${i}`);
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
  switch (rng.below(12)) {
    case 0: case 1: case 2: return map(p, rng, addr, first, n);
    case 3: {
      assert.equal(p.mm.unmap(p.t, addr, n * PAGE), 0);
      for (let i = first; i < first + n; i++) p.model.pages.delete(i);
      return;
    }
    case 4: return protect(p, rng, addr, first, n);
    case 5: return move(p, rng, first, Math.min(n, 20));
    case 6: {
      if (procs.length >= 4) {
        const gone = procs.splice(rng.below(procs.length), 1)[0]!;
        gone.mm.put();
        return;
      }
      const mm = p.mm.fork(p.t);
      if (isErr(mm)) throw new Error(`fork: ${mm}`);
      procs.push({ t: testTask(w.kernel), mm, model: p.model.fork() });
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
  for (let i = first; i < first + n; i++) p.model.pages.set(i, { cell: { value: 0 }, prot, shared });
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

function check(w: TestWorld, p: Proc, n: number): void {
  const page = p.model.pages.get(n);
  const r = w.user.loadU32(BASE + n * PAGE + 8);
  if (page === undefined || page.prot === PROT_NONE) assert.equal(r, EFAULT);
  else {
    assert.equal(r, 0);
    assert.equal(w.user.value, page.cell.value, `page ${n}`);
  }
}

function store(w: TestWorld, p: Proc, n: number, value: number): void {
  const page = p.model.pages.get(n);
  const r = w.user.storeU32(BASE + n * PAGE + 8, value);
  if (page === undefined || (page.prot & PROT_WRITE) === 0) assert.equal(r, EFAULT);
  else {
    assert.equal(r, 0);
    page.cell.value = value;
  }
}
