// How one page goes: a file's page is dropped, anonymous and shared memory is written to a swap slot, and every entry that maps the frame is changed.
// Nothing here waits, and nothing is half done: a page that cannot go now stays as it was.
import { BLOCKED, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { AddressSpace } from './address-space.ts';
import { FRAME_DIRTY, FRAME_REFERENCED, FRAME_SWAPPED, KIND_ANON, KIND_FILE } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { PageTable, swapPte } from './page-table.ts';
import type { Why } from './reclaim.ts';
import { protectEverywhere } from './rmap.ts';

/** Frees the frame if nobody but its cache and its mappings needs it. */
export function evict(frames: Frames, pfn: number, why: Why): boolean {
  const kind = frames.kind[pfn]!;
  if (kind === KIND_ANON) return evictAnon(frames, pfn, why);
  const cache = frames.caches.byId.get(frames.owner[pfn]!);
  const index = frames.index[pfn]!;
  // In no cache: on its way in or out. Beyond page 2^32 of a file the record is too short.
  if (cache === undefined || cache.peek(index) !== pfn || cache.staysInMemory || isPinned(frames, pfn, 1)) return false;
  if (kind === KIND_FILE) {
    if ((frames.flags[pfn]! & FRAME_DIRTY) !== 0) return false;
    unmapAll(frames, pfn, 0);
    frames.reclaimer.left(cache.id, index, why);
    cache.dropPage(index);
    return true;
  }
  const slot = frames.swap.write(pfn);
  if (isErr(slot)) return false;
  frames.reclaimer.wrote('anon');
  frames.reclaimer.left(null, slot, why);
  unmapAll(frames, pfn, 0);
  frames.swap.get(slot);
  cache.swapOut(index, slot);
  return true;
}

function evictAnon(frames: Frames, pfn: number, why: Why): boolean {
  if (isPinned(frames, pfn, 0)) return false;
  const isCopy = (frames.flags[pfn]! & FRAME_SWAPPED) !== 0;
  const slot = frames.swap.write(pfn);
  // Under way: a store that comes meanwhile makes a copy, because the disk holds this frame; when it is done the page can go without being written.
  if (slot === BLOCKED) protectEverywhere(frames, pfn);
  if (isErr(slot)) return false;
  if (!isCopy) frames.reclaimer.wrote('anon');
  frames.reclaimer.left(null, slot, why);
  frames.flags[pfn]! &= ~FRAME_REFERENCED;
  frames.refs[pfn]!++;                            // the last entry must not free it: the slot has to be named first
  unmapAll(frames, pfn, swapPte(slot));
  frames.put(pfn);
  return true;
}

/** Somebody uses the frame beside its mappings and `holders`: a transfer under way. */
const isPinned = (frames: Frames, pfn: number, holders: number): boolean => frames.refs[pfn] !== frames.maps.count(pfn) + holders;

/** Every entry that maps the frame becomes `pte`: 0, or a swap entry. */
function unmapAll(frames: Frames, pfn: number, pte: number): void {
  const { maps } = frames;
  const kind = frames.kind[pfn]!;
  for (let c = maps.first(pfn); c !== 0; c = maps.first(pfn)) {
    const at = maps.position(c);
    const mm = frames.spaces.get(PageTable.rootAt(frames, at))!;
    const vpn = PageTable.pageAt(frames, at);
    maps.remove(pfn, at);
    mm.rss[kind]!--;
    mm.table.set(at, pte);
    mm.hart.mmu.flushPage(mm.rootPfn, vpn * PAGE_SIZE);
    frames.put(pfn);
    if (pte === 0) mm.table.prune(vpn);
    else namesSlot(frames, mm, pte);
  }
}

function namesSlot(frames: Frames, mm: AddressSpace, pte: number): void {
  frames.swap.get(pte >>> 10);
  mm.swapPages++;
}
