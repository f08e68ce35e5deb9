// Translations of earlier runs: which of them belong to a page that is being executed, and whether its memory still says so. A module is read when one of its
// regions is wanted; its other regions wait in it until their pages come.
import type { TierHost } from '../hart/tier.ts';
import type { RamImpl } from '../ram.ts';
import type { Batch, Part } from './batch.ts';
import { merge, neighbours, type Placed } from './merge.ts';
import { type KeptModule, type KeptRegion, type Legacy, type PageHeat, type RegionFunction, type StoreLine, stretchesOf, type TranslationStore } from './store.ts';
import { offsetsOf, shapeOf } from './region.ts';

/** Older ones are not kept. */
const MOST_MADE = 4000;
/** When a run has opened so many modules and has something new, the smallest become one, with so many regions at most: they are optimized again. */
const MOST_OPENED = 64, MOST_MERGED = 100;

/** A module is opened when a page is executed for so many of its regions: a program that only passes by has no use for the rest. */
const WORTH = 16;

/** A region that fits: its frames, by distance from the entry's page. */
export interface Found { readonly region: KeptRegion; readonly vpage: number; readonly frames: ReadonlyMap<number, number> }

/** One whose pages are not all there. */
interface Waiting { readonly line: StoreLine; readonly vpage: number; readonly pfn: number }

/** A module that may not be worth opening: how many pages with regions of it are executed, and which regions wait. */
interface Closed { pages: number; readonly waiting: Waiting[] }

export class Library {
  readonly #ram: RamImpl;
  readonly #host: TierHost;
  readonly #store: TranslationStore;
  /** Puts a module's functions into the table, if their places are free. */
  readonly #install: (m: KeptModule) => boolean;
  readonly #mostMade: number;
  /** By sum of the page and offset, and where that is by place in the table. */
  readonly #made = new Map<string, Placed>();
  readonly #keys = new Map<number, string>();
  readonly #modules = new Map<number, KeptModule | null>();
  readonly #closed = new Map<number, Closed>();
  /** By the virtual page that was missing. */
  readonly #waiting = new Map<number, Waiting[]>();

  constructor(ram: RamImpl, host: TierHost, store: TranslationStore, install: (m: KeptModule) => boolean) {
    this.#ram = ram;
    this.#host = host;
    this.#store = store;
    this.#install = install;
    this.#mostMade = Math.min(MOST_MADE, ram.layout.anchorCount / 4);
  }

  get places(): readonly number[] { return this.#store.places; }

  /** The table is empty: modules are to be installed anew. */
  reset(): void {
    this.#modules.clear();
    this.#made.clear();
    this.#keys.clear();
    this.#waiting.clear();
    this.#closed.clear();
  }

  /** What fits, now that the frame is executed at `vpage`. */
  at(vpage: number, pfn: number, sum: number): Found[] {
    const out: Found[] = [], late = this.#waiting.get(vpage), lines = [...new Map(this.#store.linesOf(sum).map(l => [l.offset, l])).values()];
    for (const line of lines) this.#closedOf(line.module).waiting.push({ line, vpage, pfn });
    for (const n of new Set(lines.map(l => l.module))) {
      const closed = this.#closedOf(n);
      closed.pages++;
      if (closed.pages * WORTH < this.#store.sizeOf(n)) continue;
      for (const w of closed.waiting.splice(0)) if (w.vpage === vpage && w.pfn === pfn || this.#isStill(w)) this.#look(w, out);
    }
    if (late !== undefined) {
      this.#waiting.delete(vpage);
      for (const w of late) if (this.#isStill(w)) this.#look(w, out);
    }
    return out;
  }

  #closedOf(n: number): Closed {
    let c = this.#closed.get(n);
    if (c === undefined) this.#closed.set(n, c = { pages: 0, waiting: [] });
    return c;
  }

  /** Its page is still where it was, with the same content. */
  #isStill({ vpage, pfn, line }: Waiting): boolean { return this.#host.codeFrame(vpage) === pfn && this.#host.sumOf(pfn) === line.sum; }

  /** A module that this run has made, of regions whose frames are as they were translated. */
  made(batch: Batch, parts: readonly Part[]): void {
    const { bytes } = batch;
    for (const [i, { vpage, index, offset, generation, pfn, region, frames, hasSite, targets }] of parts.entries()) {
      const stretches = stretchesOf(region), sum = this.#host.sumOf(pfn);
      this.#keys.set(index, keyOf({ sum, offset }));
      this.#made.set(keyOf({ sum, offset }), { bytes, vpage, region: {
        index, offset, generation, sum, pages: region.pages, stretches, code: codeIn(this.#ram, stretches, frames), blocks: offsetsOf(region),
        instructions: region.instructions, functions: batch.places[i]!, shape: shapeOf(region), hasSite, targets,
      } });
    }
    for (const old of this.#made.keys()) if (this.#made.size > this.#mostMade) this.#made.delete(old);
  }

  /** The code of the region at this place has been written over, or freed with its page: a program's own, which will be other code next time. */
  changed(place: number): void {
    const key = this.#keys.get(place) ?? '';
    this.#keys.delete(place);
    if (this.#made.get(key)?.region.index === place) this.#made.delete(key);
  }

  /** Heat that earlier runs have left for a page. */
  heatOf(sum: number): PageHeat | undefined { return this.#store.heatOf(sum); }

  /** Hands over what there is now. `instantiate`: puts a module's functions into a table that is not the machine's. */
  keep(q: Pick<Legacy, 'heat' | 'own' | 'functionOf'>, instantiate: (m: WebAssembly.Module, places: number) => WebAssembly.Table): void {
    const opened = new Map([...this.#modules].filter((m): m is [number, KeptModule] => m[1] !== null)), placed = new Map<string, Placed>(), merged: number[] = [];
    // Small modules cost as much as large ones to open.
    const smallest = this.#made.size > 0 && opened.size >= MOST_OPENED ? [...opened].sort(([, a], [, b]) => a.regions.length - b.regions.length) : [];
    for (const [n, { bytes, regions }] of smallest) {
      if (placed.size + regions.length > MOST_MERGED) break;
      merged.push(n);
      opened.delete(n);
      for (const region of regions) if (!this.#made.has(keyOf(region))) placed.set(keyOf(region), { region, bytes, vpage: NaN });
    }
    const tables = new Map<KeptRegion, WebAssembly.Table>(), made = [...placed.size > 0 ? [[...placed.values()]] : [], ...neighbours([...this.#made.values()])].map((group): KeptModule => {
      const { bytes, regions } = merge(this.#ram, group), module = new WebAssembly.Module(bytes), table = instantiate(module, Math.max(...regions.map(r => r.index)) + 1);
      for (const r of regions) tables.set(r, table);
      return { bytes, module, regions };
    });
    this.#store.keep({ ...q, functionOf: r => tables.get(r)?.get(r.index) as RegionFunction | null | undefined ?? q.functionOf(r), made, merged, opened });
  }

  #look(w: Waiting, out: Found[]): void {
    const region = this.#module(w.line.module)?.regions[w.line.number];
    if (region === undefined) return;
    const frames = new Map([[0, w.pfn]]);
    for (const page of region.pages) {
      const pfn = page === 0 ? w.pfn : this.#host.codeFrame(w.vpage + page);
      if (pfn < 0) { this.#wait(w, w.vpage + page); return; }
      frames.set(page, pfn);
    }
    if (isThere(this.#ram, region, frames)) out.push({ region, vpage: w.vpage, frames });
  }

  #wait(w: Waiting, vpage: number): void {
    const list = this.#waiting.get(vpage);
    if (list === undefined) this.#waiting.set(vpage, [w]);
    else if (!list.some(o => o.line === w.line && o.vpage === w.vpage && o.pfn === w.pfn)) list.push(w);
  }

  #module(number: number): KeptModule | null {
    let m = this.#modules.get(number);
    if (m === undefined) {
      m = this.#store.open(number);
      if (m !== null && !this.#install(m)) m = null;
      this.#modules.set(number, m);
    }
    return m;
  }
}

const keyOf = ({ sum, offset }: Pick<KeptRegion, 'sum' | 'offset'>): string => `${sum} ${offset}`;

/** Memory holds the instructions that the region was made from. */
function isThere(ram: RamImpl, { stretches, code }: KeptRegion, frames: ReadonlyMap<number, number>): boolean {
  for (let i = 0, at = 0; i < stretches.length; i += 2) {
    for (let from = stretches[i]!, end = from + stretches[i + 1]!; from < end; from += 2, at += 2) {
      if (ram.u16[frames.get(from >> 12)! * 2048 + ((from & 4095) >>> 1)] !== (code[at]! | code[at + 1]! << 8)) return false;
    }
  }
  return true;
}

/** The bytes of the stretches. */
export function codeIn(ram: RamImpl, stretches: readonly number[], frames: ReadonlyMap<number, number>): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < stretches.length; i += 2) {
    for (let from = stretches[i]!, end = from + stretches[i + 1]!; from < end; from++) out.push(ram.u8[frames.get(from >> 12)! * 4096 + (from & 4095)]!);
  }
  return Uint8Array.from(out);
}
