// The invariant check of mm: page tables are well formed and kernel-owned, every frame's count equals what tables and caches say, free lists hold
// exactly the free frames. Slow (looks at everything); for tests, fuzzers and the oops report.
import { PTE_R, PTE_U, PTE_V, PTE_W, PTE_X } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from './address-space.ts';
import { FRAME_SWAPPED, KIND_ANON, KIND_FILE, KIND_FREE, KIND_KERNEL, KIND_RESERVED, KIND_TABLE } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { vpnOf } from './layout.ts';
import { ACTIVE_ANON, ACTIVE_FILE, INACTIVE_ANON, INACTIVE_FILE, isOnLru, UNEVICTABLE } from './lru.ts';
import { isSwapped, PageTable, PTE_NONE, ptePfn, swapSlot } from './page-table.ts';

const LEAF = PTE_R | PTE_W | PTE_X;

class Auditor {
  readonly frames: Frames;
  /** References that were found, per frame. */
  readonly seen: Int32Array;
  /** Entries that map the frame, by their positions. */
  readonly mapped = new Map<number, number[]>();
  /** References to swap slots. */
  readonly slots = new Map<number, number>();
  readonly complaints: string[] = [];
  constructor(frames: Frames) {
    this.frames = frames;
    this.seen = new Int32Array(frames.limit);
  }
  seeSlot(slot: number): void { this.slots.set(slot, (this.slots.get(slot) ?? 0) + 1); }
  complain(text: string): void { if (this.complaints.length < 100) this.complaints.push(text); }
}

/** The audit of a running kernel. */
export function auditKernel(kernel: Kernel): string[] {
  const spaces: AddressSpace[] = [];
  for (const t of kernel.pids.tasks.values()) if (t.mm !== null) spaces.push(t.mm);
  return audit(kernel.frames, spaces);
}

/** What is wrong, in words; empty if nothing is. `spaces`: all address spaces there are (kernel: of all tasks). */
export function audit(frames: Frames, spaces: Iterable<AddressSpace>): string[] {
  const a = new Auditor(frames);
  for (const mm of new Set(spaces)) auditSpace(a, mm);
  for (const cache of frames.caches.byId.values()) {
    for (const [, slot] of cache.swappedPages()) a.seeSlot(slot);
    for (const [index, pfn] of cache.cachedPages()) {
      a.seen[pfn]!++;
      if (frames.owner[pfn] !== cache.id || frames.index[pfn] !== index % 2 ** 32) a.complain(`frame ${pfn}: page ${index} of cache ${cache.id} does not know so`);
    }
  }
  auditFree(a);
  auditLists(a);
  auditSwap(a);
  for (let pfn = 0; pfn < frames.limit; pfn++) {
    const kind = frames.kind[pfn]!;
    if (kind === KIND_RESERVED || kind === KIND_KERNEL || kind === KIND_FREE) continue;
    const chain = chainOf(frames, pfn), found = a.mapped.get(pfn) ?? [];
    if (chain.join() !== found.sort((x, y) => x - y).join()) a.complain(`frame ${pfn}: mapped by entries ${found.join()}, its chain says ${chain.join()}`);
    if (a.seen[pfn] !== frames.refs[pfn]) a.complain(`frame ${pfn} (kind ${kind}): ${frames.refs[pfn]} references, found ${a.seen[pfn]}`);
  }
  return a.complaints;
}

function auditSpace(a: Auditor, mm: AddressSpace): void {
  const rss = new Int32Array(8);
  const { tables } = auditTable(a, mm, mm.rootPfn, 2, 0, rss);
  if (tables !== mm.table.tables) a.complain(`space ${mm.rootPfn}: ${tables} tables, counted ${mm.table.tables}`);
  if (rss[KIND_FREE] !== mm.swapPages) a.complain(`space ${mm.rootPfn}: ${rss[KIND_FREE]} swap entries, counted ${mm.swapPages}`);
  rss[KIND_FREE] = 0;
  if (mm.frames.spaces.get(mm.rootPfn) !== mm) a.complain(`space ${mm.rootPfn} is not registered`);
  for (const [kind, n] of rss.entries()) if (mm.rss[kind] !== n) a.complain(`space ${mm.rootPfn}: ${n} pages of kind ${kind}, counted ${mm.rss[kind]}`);
  let last = 0, total = 0;
  for (const v of mm.vmas()) {
    if (v.start < last || v.end <= v.start) a.complain(`space ${mm.rootPfn}: mapping at ${v.start.toString(16)} out of order`);
    if (v.pages !== null && !v.pages.mappings.has(v)) a.complain(`space ${mm.rootPfn}: mapping at ${v.start.toString(16)} unknown to its cache`);
    last = v.end;
    total += v.sizePages;
  }
  if (total !== mm.totalPages) a.complain(`space ${mm.rootPfn}: ${total} pages mapped, counted ${mm.totalPages}`);
}

/** One table and all below it. */
function auditTable(a: Auditor, mm: AddressSpace, pfn: number, level: number, baseVpn: number, rss: Int32Array): { tables: number } {
  const { frames } = a;
  let used = 0, tables = 1;
  a.seen[pfn]!++;
  if (frames.kind[pfn] !== KIND_TABLE) a.complain(`table ${pfn} is of kind ${frames.kind[pfn]}`);
  for (let i = 0; i < 512; i++) {
    const pte = frames.ram.u32[pfn * 1024 + i * 2]!;
    if (frames.ram.u32[pfn * 1024 + i * 2 + 1] !== 0) a.complain(`table ${pfn}[${i}]: high word set`);
    if (pte === 0) continue;
    used++;
    const vpn = baseVpn + i * 2 ** (9 * level);
    if (vpn >= 2 ** 26) a.complain(`table ${pfn}[${i}]: in the kernel's half`);
    else if (level > 0 && (pte & (LEAF | PTE_V)) !== PTE_V) a.complain(`table ${pfn}[${i}]: bad pointer ${pte.toString(16)}`);
    else if (level > 0) tables += auditTable(a, mm, ptePfn(pte), level - 1, vpn, rss).tables;
    else auditLeaf(a, mm, pte, pfn * 1024 + i * 2, rss);
  }
  if (level === 0 && (PageTable.pageAt(frames, pfn * 1024) !== baseVpn || PageTable.rootAt(frames, pfn * 1024) !== mm.rootPfn)) a.complain(`table ${pfn} does not know its place`);
  if (used !== frames.index[pfn]) a.complain(`table ${pfn}: ${used} entries, counted ${frames.index[pfn]}`);
  if (used === 0 && level < 2) a.complain(`table ${pfn} is empty`);
  return { tables };
}

/** The entry at position `at`; swap entries are counted under KIND_FREE. */
function auditLeaf(a: Auditor, mm: AddressSpace, pte: number, at: number, rss: Int32Array): void {
  const { frames } = a;
  const pfn = ptePfn(pte), vpn = PageTable.pageAt(frames, at);
  const where = `page ${(vpn * 4096).toString(16)} of space ${mm.rootPfn}`;
  const v = mm.list.find(vpn * 4096);
  if (v === null) return a.complain(`${where}: no mapping`);
  if (isSwapped(pte)) {
    rss[KIND_FREE]!++;
    a.seeSlot(swapSlot(pte));
    if (!v.hasAnon) a.complain(`${where}: swapped page in a mapping that knows of none`);
    return;
  }
  if ((pte & PTE_U) === 0 || ((pte & PTE_V) === 0) !== ((pte & PTE_NONE) !== 0)) a.complain(`${where}: bad entry ${pte.toString(16)}`);
  if (((pte & LEAF) & ~v.pteFlags()) !== 0) a.complain(`${where}: entry ${pte.toString(16)} allows more than its mapping`);
  if (pfn === frames.zeroPfn) {
    if ((pte & PTE_W) !== 0) a.complain(`${where}: the frame of zeros is writable`);
    return;
  }
  const kind = frames.kind[pfn]!;
  a.seen[pfn]!++;
  const entries = a.mapped.get(pfn);
  if (entries === undefined) a.mapped.set(pfn, [at]);
  else entries.push(at);
  if ((pte & PTE_W) !== 0 && (frames.flags[pfn]! & FRAME_SWAPPED) !== 0) a.complain(`${where}: writable, yet its slot is said to be the same`);
  rss[kind]!++;
  if (kind < KIND_ANON) a.complain(`${where}: maps frame ${pfn} of kind ${kind}`);
  if (kind === KIND_ANON && ((pte & PTE_W) !== 0 && frames.refs[pfn] !== 1)) a.complain(`${where}: writable, yet shared`);
  if (kind === KIND_ANON && !v.hasAnon) a.complain(`${where}: private page in a mapping that knows of none`);
  if (kind !== KIND_ANON) {
    if (v.pages === null || v.pages.peek(v.indexOf(vpn * 4096)) !== pfn) a.complain(`${where}: not the page that the cache has`);
    if ((pte & PTE_W) !== 0 && !v.isShared) a.complain(`${where}: private mapping writes to the file`);
  }
  if (vpn < vpnOf(v.start)) a.complain(`${where}: below its mapping`);
}

function auditFree(a: Auditor): void {
  const { frames } = a;
  let free = 0;
  for (let order = 0; order <= 10; order++) {
    for (const head of frames.freeBlocks(order)) {
      for (let pfn = head; pfn < head + (1 << order); pfn++) {
        free++;
        if (frames.refs[pfn] !== 0 || frames.kind[pfn] !== KIND_FREE) a.complain(`frame ${pfn} is in a free block, but in use`);
      }
    }
  }
  if (free !== frames.freeCount) a.complain(`${free} frames in free blocks, counted ${frames.freeCount}`);
}

function chainOf(frames: Frames, pfn: number): number[] {
  const out: number[] = [];
  for (let c = frames.maps.first(pfn); c !== 0; c = frames.maps.following(c)) out.push(frames.maps.position(c));
  return out.sort((x, y) => x - y);
}

/** Every page that can be reclaimed is on exactly one list of use, no other frame on any. */
function auditLists(a: Auditor): void {
  const { frames } = a;
  const { lru } = frames;
  const found = new Uint8Array(frames.limit);
  for (const list of [INACTIVE_ANON, ACTIVE_ANON, INACTIVE_FILE, ACTIVE_FILE, UNEVICTABLE] as const) {
    const members = lru.members(list);
    if (members.length !== lru.counts[list]) a.complain(`list ${list}: ${members.length} frames, counted ${lru.counts[list]}`);
    for (const pfn of members) {
      if (found[pfn]! !== 0) a.complain(`frame ${pfn} is on lists ${found[pfn]} and ${list}`);
      found[pfn] = list;
      const isFile = frames.kind[pfn] === KIND_FILE;
      if (list !== UNEVICTABLE && isFile !== (list === INACTIVE_FILE || list === ACTIVE_FILE)) a.complain(`frame ${pfn} of kind ${frames.kind[pfn]} is on list ${list}`);
    }
  }
  for (let pfn = 0; pfn < frames.limit; pfn++) {
    if ((found[pfn] !== 0) !== isOnLru(frames.kind[pfn]!) || found[pfn] !== lru.list[pfn]) a.complain(`frame ${pfn} of kind ${frames.kind[pfn]}: list ${found[pfn]}, its record says ${lru.list[pfn]}`);
  }
}

/** Slots have the references that tables and files hold, and the frames that say so. */
function auditSwap(a: Auditor): void {
  const { frames } = a;
  for (const area of frames.swap.areas) {
    let used = 0;
    for (let page = 1; page < area.pages; page++) {
      const refs = area.refsOf(page), frame = area.frameOf(page), found = a.slots.get(area.base + page) ?? 0;
      if (refs !== 0 || frame >= 0) used++;
      if (refs !== found) a.complain(`swap slot ${area.base + page}: ${refs} references, found ${found}`);
      if (frame >= 0 && ((frames.flags[frame]! & FRAME_SWAPPED) === 0 || frames.index[frame] !== area.base + page || frames.kind[frame] !== KIND_ANON)) {
        a.complain(`swap slot ${area.base + page}: frame ${frame} does not know so`);
      }
      a.slots.delete(area.base + page);
    }
    if (used !== area.used) a.complain(`swap area ${area.name.path}: ${used} slots in use, counted ${area.used}`);
  }
  for (const slot of a.slots.keys()) a.complain(`swap slot ${slot} is in no area`);
}
