// Memory for compressed pages (Linux: zsmalloc): objects of up to 3 KiB in groups of four frames, all objects of a group of one size, also across the
// borders of frames. Taking memory never starts reclaim, which is what calls: it may use half of what is kept for the kernel.
import { PAGE_SIZE } from '../../machine/machine.ts';
import { KIND_KERNEL } from './frame-kinds.ts';
import type { Frames } from './frames.ts';

/** Sizes are multiples of this. */
const GRAIN = 64;
/** Beyond this compressing does not pay. */
export const MAX_OBJECT = 3072;
const GROUP_FRAMES = 4;
const GROUP_BYTES = GROUP_FRAMES * PAGE_SIZE;
/** Objects of a group at most; handles are group * SLOTS + slot. */
const SLOTS = GROUP_BYTES / GRAIN;
const NONE = -1;

class Group {
  readonly id: number;
  readonly size: number;
  readonly pfns: readonly number[];
  /** Slots without an object. */
  readonly free: number[] = [];
  readonly slots: number;
  constructor(id: number, size: number, pfns: readonly number[]) {
    this.id = id;
    this.size = size;
    this.pfns = pfns;
    this.slots = Math.floor(GROUP_BYTES / size);
    for (let slot = this.slots - 1; slot >= 0; slot--) this.free.push(slot);
  }
}

export class ZPool {
  private readonly frames: Frames;
  private readonly groups = new Map<number, Group>();
  /** Groups with room, by size class. */
  private readonly open: Set<Group>[] = Array.from({ length: MAX_OBJECT / GRAIN + 1 }, () => new Set<Group>());
  private readonly freeIds: number[] = [];
  private nextId = 0;
  /** Frames in use. */
  framesUsed = 0;

  constructor(frames: Frames) { this.frames = frames; }

  /** Keeps the first `length` bytes; a handle, or -1: no memory. */
  store(bytes: Uint8Array, length: number): number {
    const size = Math.max(1, Math.ceil(length / GRAIN)) * GRAIN;
    const open = this.open[size / GRAIN]!;
    let group: Group | null = null;
    for (const g of open) { group = g; break; }
    group ??= this.grow(size);
    if (group === null) return NONE;
    const slot = group.free.pop()!;
    if (group.free.length === 0) open.delete(group);
    this.copy(group, slot, bytes, length, 'in');
    return group.id * SLOTS + slot;
  }

  /** The first `length` bytes of the object. */
  load(handle: number, bytes: Uint8Array, length: number): void {
    this.copy(this.groups.get(Math.floor(handle / SLOTS))!, handle % SLOTS, bytes, length, 'out');
  }

  free(handle: number): void {
    const group = this.groups.get(Math.floor(handle / SLOTS))!;
    const open = this.open[group.size / GRAIN]!;
    group.free.push(handle % SLOTS);
    if (group.free.length === 1) open.add(group);
    if (group.free.length < group.slots) return;
    open.delete(group);
    this.groups.delete(group.id);
    this.freeIds.push(group.id);
    this.framesUsed -= GROUP_FRAMES;
    for (const pfn of group.pfns) this.frames.put(pfn);
  }

  private grow(size: number): Group | null {
    const { frames } = this;
    if (frames.freeCount < (frames.reserve >> 1) + GROUP_FRAMES) return null;
    const pfns: number[] = [];
    while (pfns.length < GROUP_FRAMES) pfns.push(frames.allocRaw(KIND_KERNEL));
    const group = new Group(this.freeIds.pop() ?? this.nextId++, size, pfns);
    this.groups.set(group.id, group);
    this.open[size / GRAIN]!.add(group);
    this.framesUsed += GROUP_FRAMES;
    return group;
  }

  private copy(group: Group, slot: number, bytes: Uint8Array, length: number, direction: 'in' | 'out'): void {
    const { u8 } = this.frames.ram;
    for (let done = 0; done < length;) {
      const at = slot * group.size + done;
      const paddr = group.pfns[Math.floor(at / PAGE_SIZE)]! * PAGE_SIZE + at % PAGE_SIZE;
      const n = Math.min(length - done, PAGE_SIZE - at % PAGE_SIZE);
      if (direction === 'in') u8.set(bytes.subarray(done, done + n), paddr);
      else bytes.set(u8.subarray(paddr, paddr + n), done);
      done += n;
    }
  }
}
