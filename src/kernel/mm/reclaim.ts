// Reclaim: which pages go when memory is short. Two lists each for files and for anonymous memory (lru.ts), aged by the accessed bits that the MMU sets:
// a page that was not used between two looks goes; what is used stays, or becomes active. How much of each is looked at follows what it cost
// lately to be without (refaults) and vm.swappiness. Direct reclaim runs inside an allocation, background reclaim (Linux: kswapd) as a step of the trap loop.
import type { Clock } from '../../machine/machine.ts';
import { Pressure } from '../sched/psi.ts';
import { evict } from './evict.ts';
import { FRAME_REFERENCED, KIND_FILE } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { ACTIVE_ANON, ACTIVE_FILE, INACTIVE_ANON, INACTIVE_FILE, inactiveOf, type LruList, UNEVICTABLE } from './lru.ts';
import { look, LOOK_EXEC, LOOK_LOCKED } from './rmap.ts';
import { Shadows } from './shadows.ts';

/** Pages looked at before the next decision where to look. */
const BATCH = 32;
/** Used pages that one call takes at most where there is no swap. */
const FORCED = 16;
/** Pages that one step of background reclaim frees at most, and how often it may fail before it leaves the work to direct reclaim. */
const STEP = 128;
const MAX_FAILURES = 16;
/** Owner of swap slots among the shadows. */
const SWAP_OWNER = -1;

export type Why = 'unused' | 'used';

export class Reclaimer {
  private readonly frames: Frames;
  private readonly shadows: Shadows;
  /** vm.swappiness: 0 files only ... 100 alike ... 200 anonymous memory only. */
  swappiness = 60;
  /** What it cost lately to take anonymous pages and file pages: refaults, activations, writes. */
  private anonCost = 0;
  private fileCost = 0;
  /** Anonymous batches that are due. */
  private due = 0;
  /** Pages that were taken although in use and came back since memory was last called out. */
  private refaults = 0;
  /** Time that programs spend in direct reclaim. One hart: while one is there, none runs, so 'some' is 'full', too. */
  readonly pressure = new Pressure();
  clock: Clock | null = null;
  /** The run of reclaim that last found the page used, modulo 256: 'unused' means not used since an earlier run, however often this one comes by. */
  private readonly usedIn: Uint8Array;
  private runs = 0;
  /** Background reclaim has something to do. */
  isAwake = false;
  private failures = 0;

  constructor(frames: Frames) {
    this.frames = frames;
    this.shadows = new Shadows(frames.limit);
    this.usedIn = new Uint8Array(frames.limit);
  }

  /** Background reclaim has tried in vain. */
  get hasGivenUp(): boolean { return this.failures >= MAX_FAILURES; }
  /** Free memory is below the low watermark. */
  wake(): void { if (this.failures < MAX_FAILURES) this.isAwake = true; }

  /** One step of background reclaim: up to the high watermark. */
  background(): void {
    const { frames } = this;
    frames.events.pageoutrun++;
    const wanted = Math.min(STEP, frames.high - frames.freeCount);
    const freed = wanted <= 0 ? 0 : this.run(wanted, 'unused', Math.min(4 * STEP, this.evictable), 'kswapd');
    this.failures = wanted > 0 && freed === 0 ? this.failures + 1 : 0;
    if (frames.freeCount >= frames.high || this.failures >= MAX_FAILURES) this.isAwake = false;
  }

  /**
   * Tries to free `wanted` frames; how many it did. If every page was used since the last look, the oldest go all the same. Without swap that
   * has limits: not below a floor, and not once it shows that they are fetched again at once. Then programs lack memory for what they run on, and 0 calls
   * for the OOM killer, which is better than a machine that only fetches and drops.
   */
  direct(wanted: number): number {
    this.frames.events.allocstall++;
    const before = this.frames.freeCount;
    if (this.clock !== null) this.pressure.begin(this.clock.monotonicNs());
    const freed = this.squeeze(wanted);
    if (this.clock !== null) this.pressure.end(this.clock.monotonicNs());
    return Math.min(freed, Math.max(0, this.frames.freeCount - before));      // compressed swap takes memory to give memory
  }

  private squeeze(wanted: number): number {
    const { frames } = this;
    const freed = this.run(wanted, 'unused', this.evictable, 'direct');
    if (freed > 0) {
      this.refaults = Math.max(0, this.refaults - freed);
      this.failures = 0;
      return freed;
    }
    if (frames.swap.hasRoom) return this.run(wanted, 'used', 2 * this.evictable, 'direct');
    if (this.filePages <= this.floor) return 0;
    if (this.refaults > this.floor) {
      this.refaults = 0;
      return 0;
    }
    return this.run(Math.min(wanted, FORCED), 'used', 2 * this.evictable, 'direct');
  }

  /** A page of a file is in memory: for the first time, or again? */
  fetched(owner: number, index: number, pfn: number): void { this.returned(owner, index, pfn, 'file'); }
  /** The same for what comes from a swap slot. */
  swappedIn(slot: number, pfn: number): void { this.returned(SWAP_OWNER, slot, pfn, 'anon'); }
  /** The page is on its way out; `index` in the file, or its slot. */
  left(owner: number | null, index: number, why: Why): void { this.shadows.note(owner ?? SWAP_OWNER, index, why); }
  /** Writing a page out costs, too. */
  wrote(which: 'anon' | 'file'): void { this.addCost(which, 1); }

  private returned(owner: number, index: number, pfn: number, which: 'anon' | 'file'): void {
    const { shadows, frames } = this;
    if (!shadows.recall(owner, index)) return;
    const { events, lru } = frames;
    events[`workingset_refault_${which}`]++;
    if (shadows.wasForced) this.refaults++;
    const active = lru.counts[ACTIVE_FILE]! + (frames.swap.total > 0 ? lru.counts[ACTIVE_ANON]! : 0);
    if (shadows.distance > active) return;
    events[`workingset_activate_${which}`]++;
    this.addCost(which, 1);
    frames.activate(pfn);
  }

  /** Pages of files that could be dropped: what MemAvailable counts beside free memory. */
  get reclaimable(): number { return this.filePages; }
  private get filePages(): number { return this.frames.lru.counts[INACTIVE_FILE]! + this.frames.lru.counts[ACTIVE_FILE]!; }
  private get anonPages(): number { return this.frames.lru.counts[INACTIVE_ANON]! + this.frames.lru.counts[ACTIVE_ANON]!; }
  private get evictable(): number { return this.filePages + (this.frames.swap.hasRoom ? this.anonPages : 0) + BATCH; }
  private get floor(): number { return Math.min(Math.max(this.frames.total >> 5, 32), 1024); }

  /** Batches until `wanted` frames are free or `looks` pages were looked at. */
  private run(wanted: number, why: Why, looks: number, who: 'kswapd' | 'direct'): number {
    const { frames } = this;
    const { events, lru } = frames;
    if (lru.mayRescue) this.rescue();
    this.runs = (this.runs + 1) & 255;
    let freed = 0;
    for (let left = looks; left > 0 && freed < wanted;) {
      const list = this.choose();
      const n = Math.min(BATCH, left, lru.counts[INACTIVE_ANON]! + lru.counts[INACTIVE_FILE]! + lru.counts[ACTIVE_ANON]! + lru.counts[ACTIVE_FILE]!);
      if (n === 0) break;
      const got = this.shrink(list, n, why);
      events[`pgscan_${who}`] += n;
      events[`pgsteal_${who}`] += got;
      events[list === INACTIVE_FILE ? 'pgscan_file' : 'pgscan_anon'] += n;
      events[list === INACTIVE_FILE ? 'pgsteal_file' : 'pgsteal_anon'] += got;
      freed += got;
      left -= n;
    }
    return freed;
  }

  /** Which inactive list is next. Plenty of file pages that nobody came back for are taken alone: reading much once pushes no program out. */
  private choose(): LruList {
    const { frames } = this;
    const { counts } = frames.lru;
    if (!frames.swap.hasRoom || this.anonPages === 0) return INACTIVE_FILE;
    if (this.filePages <= this.floor >> 2) return INACTIVE_ANON;
    if (counts[INACTIVE_FILE]! > counts[ACTIVE_FILE]! + this.floor && this.fileCost === 0) return INACTIVE_FILE;
    const total = this.anonCost + this.fileCost;
    const anon = this.swappiness * (total + 1) / (this.anonCost + total + 1) * this.anonPages;
    const file = (200 - this.swappiness) * (total + 1) / (this.fileCost + total + 1) * this.filePages;
    this.due += anon / (anon + file);
    if (this.due < 1) return INACTIVE_FILE;
    this.due -= 1;
    return INACTIVE_ANON;
  }

  /** Looks at the `n` oldest pages of an inactive list; how many went. */
  private shrink(list: LruList, n: number, why: Why): number {
    const { lru } = this.frames;
    const active = list === INACTIVE_FILE ? ACTIVE_FILE : ACTIVE_ANON;
    if (lru.counts[list]! < lru.counts[active]!) this.refill(active, n);
    let freed = 0;
    for (let i = 0; i < n; i++) {
      const pfn = lru.oldest(list);
      if (pfn < 0) break;
      if (this.stays(pfn, list)) continue;
      if (!(why === 'unused' && this.usedIn[pfn] === this.runs) && evict(this.frames, pfn, why)) {
        freed++;
      } else if (lru.list[pfn] === list) {
        lru.move(pfn, list);
        this.frames.events.pgrotated++;
      }
    }
    return freed;
  }

  /** Was the page used since the last look? Once: it stays and that is noted; twice, or code: it becomes active. */
  private stays(pfn: number, list: LruList): boolean {
    const { frames } = this;
    const { lru, flags } = frames;
    const seen = look(frames, pfn), used = seen & ~(LOOK_LOCKED | LOOK_EXEC);
    if ((seen & LOOK_LOCKED) !== 0) {
      lru.move(pfn, UNEVICTABLE);
      frames.events.unevictable_pgs_culled++;
      return true;
    }
    if (used === 0) {
      if ((flags[pfn]! & FRAME_REFERENCED) === 0 || lru.list[pfn] !== INACTIVE_FILE || frames.maps.isMapped(pfn)) return false;
      flags[pfn]! &= ~FRAME_REFERENCED;          // read() came by
      lru.move(pfn, list);
      return true;
    }
    this.usedIn[pfn] = this.runs;
    if ((flags[pfn]! & FRAME_REFERENCED) !== 0 || used > 1 || ((seen & LOOK_EXEC) !== 0 && frames.kind[pfn] === KIND_FILE)) {
      frames.activate(pfn);
      this.addCost(list === INACTIVE_FILE ? 'file' : 'anon', 1);
    } else {
      flags[pfn]! |= FRAME_REFERENCED;
      lru.move(pfn, list);
    }
    return true;
  }

  /** The oldest active pages get their chance to be used before the next look. Code in use keeps its place. */
  private refill(active: LruList, n: number): void {
    const { frames } = this;
    const { lru, events } = frames;
    for (let i = 0; i < n; i++) {
      const pfn = lru.oldest(active);
      if (pfn < 0) return;
      events.pgrefill++;
      const seen = look(frames, pfn);
      if ((seen & ~(LOOK_LOCKED | LOOK_EXEC)) > 0) this.usedIn[pfn] = this.runs;
      if ((seen & LOOK_EXEC) !== 0 && this.usedIn[pfn] === this.runs && frames.kind[pfn] === KIND_FILE) {
        lru.move(pfn, active);
        continue;
      }
      lru.move(pfn, inactiveOf(active));
      events.pgdeactivate++;
    }
  }

  private rescue(): void {
    const { lru, kind, events } = this.frames;
    events.unevictable_pgs_rescued += lru.counts[UNEVICTABLE]!;
    lru.rescue(kind);
  }

  /** Costs fade: what counts is the recent past. */
  private addCost(which: 'anon' | 'file', n: number): void {
    if (which === 'anon') this.anonCost += n;
    else this.fileCost += n;
    if (this.anonCost + this.fileCost <= (this.filePages + this.anonPages) >> 2) return;
    this.anonCost >>= 1;
    this.fileCost >>= 1;
  }
}
