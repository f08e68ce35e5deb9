// Where translated code records what it cannot know: the targets of computed jumps. One site serves all computed jumps of a region; it counts those whose target
// was not known and keeps the last ones in a small hash table, in machine memory, so that recording is a few instructions.
import { type RamImpl, SITES_SIZE } from '../ram.ts';

/** u32 how often; then SITE_SLOTS i64s: offset from the region's page, lowest bit set, or 0. */
export const SITE_COUNT = 0, SITE_TARGETS = 8, SITE_SLOTS = 128;
const SITE_SIZE = SITE_TARGETS + SITE_SLOTS * 8;
const SITES = SITES_SIZE / SITE_SIZE;

export class Sites {
  readonly #ram: RamImpl;
  readonly #free: number[] = [];
  /** Where there is no site left: nobody looks at it. */
  readonly #sink: number;

  constructor(ram: RamImpl) {
    this.#ram = ram;
    this.#sink = ram.layout.sites;
    for (let i = SITES; --i > 0;) this.#free.push(ram.layout.sites + i * SITE_SIZE);
  }

  /** Address of an empty site; of one that nobody looks at if there is none left. */
  take(): number {
    const site = this.#free.pop() ?? this.#sink;
    this.#ram.u8.fill(0, site, site + SITE_SIZE);
    return site;
  }

  release(site: number): void { if (site !== this.#sink) this.#free.push(site); }

  isWatched(site: number): boolean { return site !== this.#sink; }

  count(site: number): number { return this.#ram.u32[site + SITE_COUNT >>> 2]!; }

  /** The recorded offsets within `reach` bytes of the region's page. */
  targets(site: number, reach: number): number[] {
    const { i32 } = this.#ram, out: number[] = [];
    for (let i = 0; i < SITE_SLOTS; i++) {
      const at = site + SITE_TARGETS + i * 8 >>> 2, lo = i32[at]! & ~1;
      if ((i32[at]! & 1) !== 0 && i32[at + 1] === lo >> 31 && Math.abs(lo) < reach) out.push(lo);
    }
    return out;
  }
}
