// The list of kept translations as a file: lines and heat in the order of their pages' sums, so that a start reads it and looks no further than it must.
import type { PageHeat, StoreLine } from '../../machine/jit/store.ts';
import { sumOf } from './translation-file.ts';

/** A module's file, its size, its regions, how many of them have machine code; when it was last used, in days. */
export interface Entry { readonly file: string; readonly size: number; readonly regions: number; readonly optimized: number; readonly used: number }

/** Words: magic, lines, stretches with heat, bytes of the modules' JSON, sum of the rest. Then lines, stretches, the JSON. */
const MAGIC = 0x354a534b, HEADER = 5, LINE = 6, HEAT = 3;

export class TranslationList {
  readonly #lines: Int32Array;
  readonly #heat: Int32Array;
  readonly #json: Uint8Array;
  #modules: readonly Entry[] | undefined;

  /** `file`: what `encode` made, in a buffer of its own; anything else is an empty list. */
  constructor(file: Uint8Array<ArrayBuffer> | undefined) {
    const [magic, lines, heat, json, sum] = file === undefined || file.length < HEADER * 4 ? [0, 0, 0, 0, 0] : [...new Int32Array(file.buffer, 0, HEADER)] as [number, number, number, number, number];
    const at = [HEADER, HEADER + lines * LINE, HEADER + lines * LINE + heat * HEAT] as const;
    const isWhole = file !== undefined && magic === MAGIC && file.length === at[2] * 4 + json && sumOf(file.subarray(HEADER * 4)) === sum;
    this.#lines = isWhole ? new Int32Array(file.buffer, at[0] * 4, lines * LINE) : new Int32Array(0);
    this.#heat = isWhole ? new Int32Array(file.buffer, at[1] * 4, heat * HEAT) : new Int32Array(0);
    this.#json = isWhole ? file.subarray(at[2] * 4) : new TextEncoder().encode('[]');
  }

  get modules(): readonly Entry[] { return this.#modules ??= JSON.parse(new TextDecoder().decode(this.#json)) as Entry[]; }

  get isEmpty(): boolean { return this.#lines.length === 0 && this.#heat.length === 0; }

  /** Of all lines, those of later modules last. */
  get places(): number[] {
    const w = this.#lines, out = new Float64Array(w.length / LINE);
    for (let i = 0; i < out.length; i++) out[i] = w[i * LINE + 4]! * 2 ** 16 + w[i * LINE + 3]!;
    return Array.from(out.sort(), n => n % 2 ** 16);
  }

  linesOf(sum: number): StoreLine[] {
    const out: StoreLine[] = [], w = this.#lines;
    for (let i = first(w, LINE, sum); i < w.length && w[i] === sum; i += LINE) out.push(lineAt(w, i));
    return out;
  }

  heatOf(sum: number): PageHeat | undefined {
    const out = new Map<number, number>(), w = this.#heat;
    for (let i = first(w, HEAT, sum); i < w.length && w[i] === sum; i += HEAT) out.set(w[i + 1]!, w[i + 2]!);
    return out.size === 0 ? undefined : out;
  }

  /** In the order of their modules. */
  lines(): StoreLine[] {
    const out: StoreLine[] = [];
    for (let i = 0; i < this.#lines.length; i += LINE) out.push(lineAt(this.#lines, i));
    return out.sort((a, b) => a.module - b.module || a.number - b.number);
  }

  heat(): Map<number, PageHeat> {
    const out = new Map<number, PageHeat>();
    for (let i = 0; i < this.#heat.length; i += HEAT) if (!out.has(this.#heat[i]!)) out.set(this.#heat[i]!, this.heatOf(this.#heat[i]!)!);
    return out;
  }
}

/** Lines of one entry stay in their order. */
export function encodeList(modules: readonly Entry[], lines: readonly StoreLine[], heat: ReadonlyMap<number, PageHeat>): Uint8Array {
  const sorted = lines.toSorted((a, b) => a.sum - b.sum), stretches = [...heat].sort(([a], [b]) => a - b).flatMap(([sum, of]) => [...of].map(([line, n]) => [sum, line, n] as const));
  const json = new TextEncoder().encode(JSON.stringify(modules)), size = HEADER + sorted.length * LINE + stretches.length * HEAT;
  const out = new Uint8Array(size * 4 + json.length), words = new Int32Array(out.buffer, 0, size);
  for (const [i, l] of sorted.entries()) words.set([l.sum, l.offset, l.generation, l.index, l.module, l.number], HEADER + i * LINE);
  for (const [i, s] of stretches.entries()) words.set(s, HEADER + sorted.length * LINE + i * HEAT);
  out.set(json, size * 4);
  words.set([MAGIC, sorted.length, stretches.length, json.length, sumOf(out.subarray(HEADER * 4))]);
  return out;
}

function lineAt(w: Int32Array, i: number): StoreLine {
  return { sum: w[i]!, offset: w[i + 1]!, generation: w[i + 2]!, index: w[i + 3]!, module: w[i + 4]!, number: w[i + 5]! };
}

/** Where the first row of a sum is, or would be; rows of `size` words begin with theirs. */
function first(w: Int32Array, size: number, sum: number): number {
  let from = 0, to = w.length / size;
  while (from < to) {
    const middle = from + to >> 1;
    if (w[middle * size]! < sum) from = middle + 1; else to = middle;
  }
  return from * size;
}
