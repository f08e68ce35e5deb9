// The page caches of the machine by number, which is what a frame's record says of its owner; and which of them have something to write back.
import type { PageStore } from './page-store.ts';

export class CacheRegistry {
  readonly byId = new Map<number, PageStore>();
  /** Those with dirty pages, in order of their first one. */
  readonly dirty = new Set<PageStore>();
  dirtyPages = 0;
  /** vm.dirty_ratio: percent of memory that can be had for pages. */
  dirtyRatio = 20;
  private nextId = 1;

  register(cache: PageStore): number {
    const id = this.nextId++;
    this.byId.set(id, cache);
    return id;
  }

  unregister(cache: PageStore): void { this.byId.delete(cache.id); }

  /** `cache` has got `n` more dirty pages (or fewer). */
  countDirty(cache: PageStore, n: number): void {
    this.dirtyPages += n;
    if (cache.dirtyCount > 0) this.dirty.add(cache);
    else this.dirty.delete(cache);
  }
}
