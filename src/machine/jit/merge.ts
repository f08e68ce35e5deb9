// Many modules of kept regions as one: what an engine wants for a module it wants once, and a run finds all it needs in one file. Bodies are copied; what changes in
// them is the numbers of the region's own functions.
import type { RamImpl } from '../ram.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { importAll } from './batch.ts';
import type { KeptRegion } from './store.ts';

/** A region, the module that it is in, and the page where it was executed, or NaN. */
export interface Placed { readonly region: KeptRegion; readonly bytes: Uint8Array; readonly vpage: number }

/** Parts of a file that are further from each other are apart: a program that uses one need not use the other. */
const APART = 512;

/** Puts together what lies together: a run opens the modules of the code that it executes. */
export function neighbours(all: readonly Placed[]): Placed[][] {
  const out: Placed[][] = [];
  let last = NaN;
  for (const p of all.toSorted((a, b) => a.vpage - b.vpage)) {
    if (p.vpage - last <= APART) out.at(-1)!.push(p); else out.push([p]);
    last = p.vpage;
  }
  return out;
}

export function merge(ram: RamImpl, all: readonly Placed[]): { readonly bytes: Uint8Array<ArrayBuffer>; readonly regions: readonly KeptRegion[] } {
  const m = new ModuleBuilder(), { regionType } = importAll(m), numbers: (readonly number[])[] = [];
  for (const { region, bytes } of all) {
    const first = m.nextFunction, own = region.functions.map(({ at, length, calls }) => {
      const body = bytes.slice(at, at + length);
      for (let i = 0; i < calls.length; i += 2) putNumber(body, calls[i]!, first + calls[i + 1]!);
      return m.function('', regionType, body, false);
    });
    numbers.push(own);
    m.element(region.index, own.at(-1)!);
  }
  const bytes = m.finish(ram.wasmPages);
  return { bytes, regions: all.map(({ region }, i) => ({ ...region, functions: region.functions.map((f, k) => ({ ...f, at: m.bodyOf(numbers[i]![k]!).at })) })) };
}

/** As `Body.callOwn` writes it. */
function putNumber(body: Uint8Array, at: number, fn: number): void {
  for (let i = 0; i < 4; i++) body[at + i] = fn >>> 7 * i & 127 | 128;
  body[at + 4] = fn >>> 28;
}
