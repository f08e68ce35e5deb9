// All swap areas as one space of slots. A page-table entry (page-table.ts, `swapPte`) or a file's page index names a slot; areas lie side by side in the
// 22 bits that an entry has for it, 16 GiB in all. Order of use: priority, then round robin (swapon(2)).
import { BLOCKED, type Errno, EBUSY, EINVAL, ENOSPC } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import { FRAME_SWAPPED, KIND_ANON } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { SWAP_SLOTS } from './page-table.ts';
import { SwapArea, type SwapName, type SwapStore } from './swap-area.ts';

/** Linux: MAX_SWAPFILES is about this. */
const MAX_AREAS = 28;

export class SwapSpace {
  private readonly frames: Frames;
  /** Pages in memory that are in a slot, too. */
  cached = 0;
  /** Highest priority first. */
  readonly areas: SwapArea[] = [];
  /** Slots that can be used, and that are. */
  total = 0;
  /** Priority of the next area without one: -2, -3 ... */
  private lowest = -2;

  constructor(frames: Frames) { this.frames = frames; }

  get used(): number {
    let used = 0;
    for (const a of this.areas) used += a.used;
    return used;
  }
  get free(): number { return this.total - this.used; }
  /** A page can be swapped out now. */
  get hasRoom(): boolean {
    for (const a of this.areas) if (!a.isLeaving && a.used < a.usable) return true;
    return false;
  }
  /** Linux: vm_swap_full. Copies of pages that are in memory are given up rather than kept. */
  get isFull(): boolean { return this.used * 2 > this.total; }

  /** swapon(2) after its checks; `priority` null: below all others. */
  add(store: SwapStore, name: SwapName, pages: number, priority: number | null): SwapArea | Errno {
    if (pages < 2) return EINVAL;
    if (this.areas.length >= MAX_AREAS) return EBUSY;
    const base = this.place(pages);
    if (base < 0) return ENOSPC;
    const area = new SwapArea(store, name, base, pages, priority ?? this.lowest--);
    this.areas.push(area);
    this.areas.sort((a, b) => b.priority - a.priority);
    this.total += area.usable;
    return area;
  }

  /** The last step of swapoff(2): the area is empty. */
  remove(area: SwapArea): void {
    this.areas.splice(this.areas.indexOf(area), 1);
    this.total -= area.usable;
    area.store.close();
  }

  areaOf(slot: number): SwapArea {
    for (const a of this.areas) if (a.holds(slot)) return a;
    throw new Error(`swap slot ${slot} is in no area`);
  }

  // --- slots ---------------------------------------------------------------------------------------------------------------------------

  /** A slot with the contents of the frame: one that holds them already, or a new one. BLOCKED: under way; ENOSPC: nowhere to go, or writing failed. */
  write(pfn: number): number | Errno {
    const { flags, index, events, kind } = this.frames;
    if ((flags[pfn]! & FRAME_SWAPPED) !== 0) return index[pfn]!;
    for (let i = 0; i < this.areas.length; i++) {
      const area = this.areas[i]!;
      const page = area.isLeaving ? -1 : area.take();
      if (page < 0) continue;
      const r = area.store.write(page, pfn);
      if (r !== 0 && r !== BLOCKED) {
        area.release(page);
        continue;
      }
      events.pswpout++;
      if (this.areas[i + 1]?.priority === area.priority) this.toEndOfEquals(i);
      if (r === 0) return area.base + page;
      if (kind[pfn] === KIND_ANON) this.link(area.base + page, pfn);
      return BLOCKED;
    }
    return ENOSPC;
  }

  /** The end of a write that was under way. An anonymous page is a copy of its slot now; others have wasted it. */
  written(slot: number, pfn: number, status: 0 | Errno): void {
    const a = this.areaOf(slot);
    if (a.frameOf(slot - a.base) !== pfn) a.release(slot - a.base);
    else if (status !== 0) this.unlink(pfn);
  }

  /** Fills `pfn` from the slot. */
  read(t: Task, slot: number, pfn: number): 0 | Errno {
    const area = this.areaOf(slot);
    const r = area.store.read(t, slot - area.base, pfn);
    if (r === 0) this.frames.events.pswpin++;
    return r;
  }

  refsOf(slot: number): number {
    const a = this.areaOf(slot);
    return a.refsOf(slot - a.base);
  }
  /** The frame that holds what is in the slot, or -1 (Linux: swap cache). */
  frameOf(slot: number): number {
    const a = this.areaOf(slot);
    return a.frameOf(slot - a.base);
  }
  get(slot: number): void {
    const a = this.areaOf(slot);
    a.get(slot - a.base);
  }
  put(slot: number): void {
    const a = this.areaOf(slot);
    a.put(slot - a.base);
  }
  /** A slot from `write` that got no reference. */
  release(slot: number): void {
    const a = this.areaOf(slot);
    a.release(slot - a.base);
  }

  // --- pages in memory whose bytes are in a slot, too ------------------------------------------------------------------------------------

  /** The clean anonymous frame `pfn` equals the slot: it need not be written again. */
  link(slot: number, pfn: number): void {
    const a = this.areaOf(slot);
    a.setFrame(slot - a.base, pfn);
    this.frames.flags[pfn]! |= FRAME_SWAPPED;
    this.cached++;
    this.frames.index[pfn] = slot;
  }

  /** The frame will be written to, or is freed. */
  unlink(pfn: number): void {
    const { flags, index } = this.frames;
    if ((flags[pfn]! & FRAME_SWAPPED) === 0) return;
    flags[pfn]! &= ~FRAME_SWAPPED;
    this.cached--;
    const slot = index[pfn]!;
    const a = this.areaOf(slot);
    a.setFrame(slot - a.base, -1);
  }

  /** Round robin among areas of equal priority. */
  private toEndOfEquals(i: number): void {
    const [area] = this.areas.splice(i, 1);
    let end = i;
    while (end < this.areas.length && this.areas[end]!.priority === area!.priority) end++;
    this.areas.splice(end, 0, area!);
  }

  /** Where `pages` numbers are free, or -1. */
  private place(pages: number): number {
    let at = 0;
    for (const a of this.areas.toSorted((x, y) => x.base - y.base)) {
      if (a.base - at >= pages) return at;
      at = a.base + a.pages;
    }
    return at + pages <= SWAP_SLOTS ? at : -1;
  }
}
