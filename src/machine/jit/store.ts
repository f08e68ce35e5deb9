// The seam for keeping translations beyond a machine's life: what a host must offer, and what is kept. A translation depends on the bytes of its instructions
// and on nothing else of the machine that made it, so the next run of a program finds it translated, and optimized by the engine if the host can keep that.
import type { ModuleSource } from '../engine.ts';
import type { Region, RegionShape } from './region.ts';

/** A function's body in its module; pairs of where in it the number of one of the region's functions stands, and which. */
export interface KeptFunction { readonly at: number; readonly length: number; readonly calls: readonly number[] }

/** A region as it is kept: what must be the same for its code to be right, and what the translator knew of it. */
export interface KeptRegion {
  /** Its place in the table, which its code has in it. */
  readonly index: number;
  /** Its entry in its page, and how often it was translated anew (translator.ts). */
  readonly offset: number;
  readonly generation: number;
  /** CodeCache's sum of the entry's page: where to look for it. */
  readonly sum: number;
  /** Distances of its pages, in the order of its anchor. */
  readonly pages: readonly number[];
  /** Its instructions: distance of the first byte from the entry's page, length; the bytes of all stretches one behind the other. */
  readonly stretches: readonly number[];
  readonly code: Uint8Array;
  /** Offsets of its blocks. */
  readonly blocks: readonly number[];
  readonly instructions: number;
  /** The one in the table last. */
  readonly functions: readonly KeptFunction[];
  readonly shape: RegionShape;
  readonly hasSite: boolean;
  readonly targets: readonly number[];
}

export interface KeptModule { readonly bytes: Uint8Array<ArrayBuffer>; readonly module: WebAssembly.Module; readonly regions: readonly KeptRegion[] }

/** A line of a store's list: enough to see whether a module is wanted. `index`: its place in the table; `number`: of the region in its module. */
export interface StoreLine { readonly sum: number; readonly offset: number; readonly generation: number; readonly index: number; readonly module: number; readonly number: number }

/** As JavaScript sees it: for questions to the engine, not to be called. */
export type RegionFunction = (...args: never[]) => unknown;

/** Samples by stretch of a page (frame.ts), of what was not worth a translation yet. */
export type PageHeat = ReadonlyMap<number, number>;

/** What a machine leaves at its end. */
export interface Legacy {
  /** What is new, in modules of code that lies together. They stand in for those that were `merged` into them, by number. */
  readonly made: readonly KeptModule[];
  readonly merged: readonly number[];
  /** What was opened besides. */
  readonly opened: ReadonlyMap<number, KeptModule>;
  /** Of all pages that were executed, by sum. */
  readonly heat: ReadonlyMap<number, PageHeat>;
  /** Functions of the machine's own modules, by the module's name. */
  readonly own: ReadonlyMap<string, readonly RegionFunction[]>;
  /** A region's function. */
  functionOf(r: KeptRegion): RegionFunction | null;
}

export interface TranslationStore extends ModuleSource {
  /** Regions of pages with this sum; of those with the same entry the last one is the best. */
  linesOf(sum: number): readonly StoreLine[];
  heatOf(sum: number): PageHeat | undefined;
  /** Places of the table of all that could be opened, newer ones last. */
  readonly places: readonly number[];
  /** How many regions a module has. */
  sizeOf(module: number): number;
  /** Reads and compiles a module; null if it is gone or not as it was kept. */
  open(module: number): KeptModule | null;
  keep(legacy: Legacy): void;
}

/** Where the instructions of a region lie: [from, length, from, length, …], in order, what touches joined. */
export function stretchesOf({ blocks }: Region): number[] {
  const out: number[] = [];
  for (const b of blocks.filter(c => c.end !== 'dispatch').sort((x, y) => x.at - y.at)) {
    // The ecall behind a block is translated, too.
    const end = b.end === 'ecall' ? b.after + 4 : b.after, n = out.length;
    if (n > 0 && b.at <= out[n - 2]! + out[n - 1]!) out[n - 1] = Math.max(out[n - 1]!, end - out[n - 2]!);
    else out.push(b.at, end - b.at);
  }
  return out;
}
