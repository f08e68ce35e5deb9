// Page frames: a buddy allocator (orders 0 to 10) over the machine's RAM, and one record per frame in typed arrays.
// Invariant: a frame is either inside exactly one free block or has refs > 0. Operations cost O(orders), whatever the size of RAM.
import { PAGE_SHIFT, PAGE_SIZE, type Hart, type Machine, type Ram } from '../../machine/machine.ts';
import type { AddressSpace } from './address-space.ts';
import { CacheRegistry } from './cache-registry.ts';
import {
  FRAME_CODE, FRAME_FRESH, FRAME_REFERENCED, FRAME_STALE, FRAME_SWAPPED, type FrameKind, KIND_ANON, KIND_FILE,
  KIND_FREE, KIND_KERNEL, KIND_RESERVED, KIND_SHMEM, KIND_TABLE, KINDS,
} from './frame-kinds.ts';
import { MAX_MAP_COUNT } from './layout.ts';
import { activeOf, INACTIVE_ANON, INACTIVE_FILE, Lru, LRU_HEADS } from './lru.ts';
import { MapChains } from './map-chains.ts';
import { Overcommit } from './overcommit.ts';
import { Reclaimer } from './reclaim.ts';
import { SwapSpace } from './swap-space.ts';
import { VmEvents } from './vm-events.ts';

/** Of free blocks: 4 MiB. */
export const MAX_ORDER = 10;
const NONE = -1;
/** Frames that belong together: 64 KiB, aligned. */
const RUN_ORDER = 4, RUN = 1 << RUN_ORDER;

export interface PfnRange { readonly start: number; readonly end: number }

export class Frames {
  readonly ram: Ram;
  private readonly harts: readonly Hart[];
  /** Frames of RAM; pfn is below it. */
  readonly limit: number;
  readonly refs: Int32Array;
  readonly kind: Uint8Array;
  readonly flags: Uint8Array;
  /** KIND_FILE and KIND_SHMEM: page number within the file. KIND_TABLE: entries in use. KIND_ANON with FRAME_SWAPPED: the slot. */
  readonly index: Uint32Array;
  /** KIND_FILE and KIND_SHMEM: PageCache.id, 0 while in no cache. KIND_TABLE: the root of its space. */
  readonly owner: Int32Array;
  /** Links of free lists (heads of free blocks) and of the lists of use (lru.ts). KIND_TABLE: where it lies in its space (PageTable.pageAt). */
  readonly next: Int32Array;
  readonly prev: Int32Array;
  /** Order of the free block that starts here, 255 elsewhere. */
  private readonly order: Uint8Array;
  private readonly heads = new Int32Array(MAX_ORDER + 1).fill(NONE);
  private lastTable = -1;
  private readonly blockCounts = new Int32Array(MAX_ORDER + 1);
  /** Frames per kind. */
  readonly counts = new Int32Array(KINDS);
  /** Frames that the allocator manages: MemTotal. */
  total = 0;
  /** Watermarks (vm.min_free_kbytes): user allocations reclaim or fail when no more than this is free, so that the kernel still gets tables and buffers. */
  reserve: number;
  /** Background reclaim wakes below the first and goes on up to the second. */
  low = 0;
  high = 0;
  /** vm.watermark_scale_factor: distance of the watermarks in 1/10000 of memory. */
  watermarkScale = 10;
  /** A frame of zeros, mapped read-only for reads of untouched anonymous memory. Never counted, never freed. */
  readonly zeroPfn: number;
  /** Pages promised to private writable mappings: Committed_AS. */
  committedPages = 0;
  /** vm.max_map_count: mappings that an address space may have. */
  maxMapCount = MAX_MAP_COUNT;
  /** vm.overcommit_*. */
  readonly overcommit: Overcommit;
  readonly events = new VmEvents();
  /** Page caches by id: `owner`. */
  readonly caches = new CacheRegistry();
  /** Address spaces by the frame of their root table: `owner` of tables. */
  readonly spaces = new Map<number, AddressSpace>();
  /** Pages in order of use. */
  readonly lru: Lru;
  /** Which entries map a frame. */
  readonly maps: MapChains;
  readonly swap: SwapSpace;
  readonly reclaimer: Reclaimer;

  constructor(machine: Pick<Machine, 'ram' | 'harts'>, reserved: readonly PfnRange[] = []) {
    const { ram } = machine;
    this.ram = ram;
    this.harts = machine.harts;
    this.limit = Math.floor(ram.size / PAGE_SIZE);
    this.refs = new Int32Array(this.limit);
    this.kind = new Uint8Array(this.limit);
    this.flags = new Uint8Array(this.limit);
    this.index = new Uint32Array(this.limit);
    this.owner = new Int32Array(this.limit);
    this.next = new Int32Array(this.limit + LRU_HEADS);
    this.prev = new Int32Array(this.limit + LRU_HEADS);
    this.lru = new Lru(this.limit, this.next, this.prev);
    this.maps = new MapChains(this.limit);
    this.swap = new SwapSpace(this);
    this.order = new Uint8Array(this.limit).fill(255);
    this.addFreeRanges(ram.firstFreePfn, reserved);
    this.total = this.counts[KIND_FREE]!;
    // As Linux' min_free_kbytes: sqrt(16 * KiB of RAM) KiB.
    this.reserve = Math.ceil(Math.sqrt(16 * this.total * 4) / 4);
    this.setWatermarks(this.reserve);
    this.reclaimer = new Reclaimer(this);
    this.overcommit = new Overcommit(this.total);
    this.zeroPfn = this.alloc(KIND_KERNEL);
  }

  get freeCount(): number { return this.counts[KIND_FREE]!; }

  /** Frames that nobody needs once all processes are gone: free ones, and pages of files in memory. Constant between two idle moments. */
  get idleCount(): number { return this.counts[KIND_FREE]! + this.counts[KIND_FILE]! + this.counts[KIND_SHMEM]!; }

  /** A zeroed frame with one reference, or -1. */
  alloc(kind: FrameKind): number {
    const pfn = this.allocRaw(kind);
    if (pfn >= 0 && (this.flags[pfn]! & FRAME_STALE) !== 0) this.ram.u8.fill(0, pfn * PAGE_SIZE, (pfn + 1) * PAGE_SIZE);
    return pfn;
  }

  /** A frame with one reference and arbitrary contents, or -1. The caller overwrites all of it. */
  allocRaw(kind: FrameKind): number {
    if (kind >= KIND_TABLE && this.counts[KIND_FREE]! <= this.reserve && !this.mayDigIn(kind)) return -1;
    const pfn = kind === KIND_TABLE ? this.takeForTable() : this.takeBlock(0);
    if (pfn < 0) return -1;
    this.own(pfn, kind);
    if (this.counts[KIND_FREE]! < this.low) this.reclaimer.wake();
    return pfn;
  }

  /**
   * Like `alloc`, and if it is free the frame `wanted`: what is neighbours in a mapping or a file shall be neighbours in memory, because the translator and
   * copies then deal with runs. Without a neighbour to follow (-1), `place` in a run of 16 frames, of which others are likely to leave the rest free.
   */
  allocNear(kind: FrameKind, wanted: number, place: number): number {
    const pfn = this.allocNearRaw(kind, wanted, place);
    if (pfn >= 0 && (this.flags[pfn]! & FRAME_STALE) !== 0) this.ram.u8.fill(0, pfn * PAGE_SIZE, (pfn + 1) * PAGE_SIZE);
    return pfn;
  }

  /** The same with arbitrary contents. */
  allocNearRaw(kind: FrameKind, wanted: number, place: number): number {
    if (this.counts[KIND_FREE]! <= this.high) return this.allocRaw(kind);
    const pfn = wanted >= 0 && wanted < this.limit && this.kind[wanted] === KIND_FREE ? wanted : this.runStart() + (place & (RUN - 1));
    if (pfn < RUN || !this.takeFrame(pfn)) return this.allocRaw(kind);
    this.own(pfn, kind);
    return pfn;
  }

  /** 2^order physically contiguous zeroed frames (virtqueues), each with one reference; the first, or -1. */
  allocBlock(kind: FrameKind, order: number): number {
    const pfn = this.takeBlock(order);
    if (pfn < 0) return -1;
    for (let i = 0; i < 1 << order; i++) this.own(pfn + i, kind);
    this.ram.u8.fill(0, pfn * PAGE_SIZE, (pfn + (1 << order)) * PAGE_SIZE);
    return pfn;
  }

  /** Reclaims if free frames are few. False: memory is out for user purposes. */
  balance(): boolean {
    while (this.counts[KIND_FREE]! <= this.reserve) if (this.reclaimer.direct(64) === 0) return false;
    return true;
  }

  /** `pages` stay free for the kernel; the other watermarks follow (Documentation/admin-guide/sysctl/vm, watermark_scale_factor). */
  setWatermarks(pages: number): void {
    const step = Math.max(pages >> 2, Math.floor(this.total * this.watermarkScale / 10_000), 8);
    this.reserve = pages;
    this.low = pages + step;
    this.high = pages + 2 * step;
  }

  /** Few frames are left: nothing is fetched ahead of use. */
  get isTight(): boolean { return this.counts[KIND_FREE]! <= this.reserve + 64; }

  /** Dirty pages of files are more than vm.dirty_ratio allows: who makes more writes back first. */
  get isFlooded(): boolean { return this.caches.dirtyPages > this.shareOf(this.caches.dirtyRatio); }
  /** Percent of free and cached memory, in pages. */
  shareOf(percent: number): number { return Math.floor((this.counts[KIND_FREE]! + this.reclaimer.reclaimable) * percent / 100); }

  /** A frame for the balloon, contents whatever they are: background reclaim's share stays free, programs' pages may go for it; -1: none can be had. */
  takeForBalloon(): number {
    while (this.counts[KIND_FREE]! <= this.high) if (this.reclaimer.direct(32) === 0) return -1;
    const pfn = this.takeBlock(0);
    if (pfn < 0) return -1;
    this.own(pfn, KIND_RESERVED);
    this.events.balloon_inflate++;
    return pfn;
  }

  /** The frame comes back. */
  putFromBalloon(pfn: number): void {
    this.events.balloon_deflate++;
    this.put(pfn);
  }

  get(pfn: number): void { this.refs[pfn]!++; }

  /** Drops a reference; the last one frees the frame. */
  put(pfn: number): void {
    const left = --this.refs[pfn]!;
    if (left === 0) this.free(pfn);
    else if (left < 0) throw new Error(`frame ${pfn} is put once too often`);
  }

  /** A cached page is used by read() or write(): twice within sight of reclaim makes it active. */
  touch(pfn: number): void {
    const f = this.flags[pfn]!;
    if ((f & FRAME_FRESH) !== 0) this.flags[pfn] = f & ~FRAME_FRESH;
    else if ((f & FRAME_REFERENCED) === 0) this.flags[pfn] = f | FRAME_REFERENCED;
    else if (this.lru.list[pfn] === INACTIVE_FILE || this.lru.list[pfn] === INACTIVE_ANON) this.activate(pfn);
  }

  /** The page is part of what programs work with. */
  activate(pfn: number): void {
    this.flags[pfn]! &= ~FRAME_REFERENCED;
    this.lru.move(pfn, activeOf(this.lru.list[pfn]!));
    this.events.pgactivate++;
  }

  /** The frame of `pfn` may now be executed; see FRAME_CODE. */
  markCode(pfn: number): void { this.flags[pfn]! |= FRAME_CODE; }

  /** The kernel has written to the frame. */
  wrote(pfn: number): void {
    if ((this.flags[pfn]! & FRAME_CODE) !== 0) this.invalidate(pfn);
  }

  copy(from: number, to: number): void {
    this.ram.u8.copyWithin(to * PAGE_SIZE, from * PAGE_SIZE, (from + 1) * PAGE_SIZE);
  }

  /** Heads of the free blocks of `order`, for /proc/buddyinfo and the audit. */
  freeBlocks(order: number): number[] {
    const out: number[] = [];
    for (let p = this.heads[order]!; p !== NONE; p = this.next[p]!) out.push(p);
    return out;
  }

  /** How many free blocks of `order` there are. */
  blocks(order: number): number { return this.blockCounts[order]!; }

  private own(pfn: number, kind: FrameKind): void {
    this.refs[pfn] = 1;
    this.kind[pfn] = kind;
    this.flags[pfn]! &= FRAME_STALE;
    this.index[pfn] = 0;
    this.owner[pfn] = 0;
    this.counts[KIND_FREE]!--;
    this.counts[kind]!++;
    this.events.pgalloc++;
    if (kind >= KIND_ANON) this.lru.addNew(pfn, kind);
  }

  /** Page tables may use up most of the reserve, and never start reclaim: their callers hold positions in tables. */
  private mayDigIn(kind: FrameKind): boolean {
    return kind === KIND_TABLE ? this.counts[KIND_FREE]! > this.reserve >> 2 : this.balance();
  }

  private free(pfn: number): void {
    const flags = this.flags[pfn]!;
    if ((flags & FRAME_CODE) !== 0) this.invalidate(pfn);
    if ((flags & FRAME_SWAPPED) !== 0) this.swap.unlink(pfn);
    if (this.kind[pfn]! >= KIND_ANON) this.lru.remove(pfn);
    this.events.pgfree++;
    this.counts[this.kind[pfn]!]!--;
    this.counts[KIND_FREE]!++;
    this.kind[pfn] = KIND_FREE;
    this.flags[pfn] = FRAME_STALE;
    this.giveBlock(pfn, 0);
  }

  private invalidate(pfn: number): void {
    for (const hart of this.harts) hart.invalidateCode(pfn);
  }

  // --- buddy lists ---------------------------------------------------------------------------------------------------------------------

  /** The lower half is kept when a block is split, so that allocations in a row get ascending frames. */
  private takeBlock(order: number): number {
    let o = order;
    while (o <= MAX_ORDER && this.heads[o] === NONE) o++;
    if (o > MAX_ORDER) return -1;
    const pfn = this.heads[o]!;
    this.unlink(pfn, o);
    while (o > order) {
      o--;
      this.link(pfn + (1 << o), o);
    }
    return pfn;
  }

  /** Tables stay together, in runs of their own, where they do not come between the pages of a mapping. */
  private takeForTable(): number {
    let pfn = this.lastTable + 1;
    if (pfn >= this.limit || this.kind[pfn] !== KIND_FREE) pfn = this.counts[KIND_FREE]! > this.high ? this.runStart() : -1;
    if (pfn <= 0 || !this.takeFrame(pfn)) pfn = this.takeBlock(0);
    this.lastTable = pfn;
    return pfn;
  }

  /** The smallest free block that holds a whole run, or -RUN: there is none. */
  private runStart(): number {
    for (let o = RUN_ORDER; o <= MAX_ORDER; o++) if (this.heads[o] !== NONE) return this.heads[o]!;
    return -RUN;
  }

  /** Takes one certain free frame out of the block around it. */
  private takeFrame(pfn: number): boolean {
    let order = 0;
    while (order <= MAX_ORDER && this.order[(pfn >>> order) << order] !== order) order++;
    if (order > MAX_ORDER) return false;
    let base = (pfn >>> order) << order;
    this.unlink(base, order);
    while (order > 0) {
      const half = base + (1 << --order);
      if (pfn >= half) {
        this.link(base, order);
        base = half;
      } else {
        this.link(half, order);
      }
    }
    return true;
  }

  private giveBlock(start: number, startOrder: number): void {
    let pfn = start;
    let order = startOrder;
    while (order < MAX_ORDER) {
      const buddy = pfn ^ (1 << order);
      if (buddy >= this.limit || this.order[buddy] !== order) break;
      this.unlink(buddy, order);
      pfn &= ~(1 << order);
      order++;
    }
    this.link(pfn, order);
  }

  private link(pfn: number, order: number): void {
    const head = this.heads[order]!;
    this.order[pfn] = order;
    this.blockCounts[order]!++;
    this.next[pfn] = head;
    this.prev[pfn] = NONE;
    if (head !== NONE) this.prev[head] = pfn;
    this.heads[order] = pfn;
  }

  private unlink(pfn: number, order: number): void {
    const next = this.next[pfn]!, prev = this.prev[pfn]!;
    if (prev === NONE) this.heads[order] = next;
    else this.next[prev] = next;
    if (next !== NONE) this.prev[next] = prev;
    this.blockCounts[order]!--;
    this.order[pfn] = 255;
  }

  /** Blocks from the highest down, so that the lowest end up first in their lists. */
  private addFreeRanges(first: number, reserved: readonly PfnRange[]): void {
    const cuts = [...reserved].filter(r => r.end > first).sort((a, b) => b.start - a.start);
    let end = this.limit;
    for (const r of cuts) {
      this.addFree(Math.max(first, Math.min(r.end, end)), end);
      end = Math.max(first, Math.min(end, r.start));
    }
    this.addFree(first, end);
    this.kind.fill(KIND_RESERVED, 0, first);
    for (const r of reserved) this.kind.fill(KIND_RESERVED, r.start, r.end);
    this.counts[KIND_RESERVED] = this.limit - this.counts[KIND_FREE]!;
  }

  private addFree(start: number, limit: number): void {
    let end = limit;
    this.counts[KIND_FREE]! += Math.max(0, end - start);
    while (end > start) {
      let order = Math.min(MAX_ORDER, end === 0 ? MAX_ORDER : 31 - Math.clz32(end & -end));
      while (end - (1 << order) < start) order--;
      end -= 1 << order;
      this.link(end, order);
    }
  }
}

/** Frames that the dtb occupies, so that the allocator leaves them alone. */
export function reservedRanges(machine: Pick<Machine, 'dtb'>): PfnRange[] {
  const { paddr, size } = machine.dtb;
  return [{ start: paddr >>> PAGE_SHIFT, end: Math.ceil((paddr + size) / PAGE_SIZE) }];
}
