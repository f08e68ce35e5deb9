// What the translator made, kept in a directory for later runs: a list of all regions, which is read at each start, and a file for each module. Whoever ends last
// writes the list; what two of them made at the same time may be lost, and is made again. What cannot be read is not there.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { KeptModule, Legacy, PageHeat, RegionFunction, StoreLine, TranslationStore } from '../../machine/jit/store.ts';
import type { NativeCode } from './native-code.ts';
import { decodeModule, encodeModule, sumOf } from './translation-file.ts';
import { encodeList, type Entry, TranslationList } from './translation-list.ts';

/** All files of a directory; the least recently used go first. Directories of other builds go when they are not used for so many days. */
const MOST_BYTES = 256 << 20, MOST_REGIONS = 8000, OTHERS_DAYS = 14;
/** Optimizing at the end takes this share of the time that the machine has been there, within these limits. */
const SHARE = 0.15, LEAST_MS = 60, MOST_MS = 3000;
/** A module is written again when so many times as many of its functions are optimized. */
const GROWN = 1.1;
/** Pages whose heat is kept. */
const MOST_HEAT = 20_000;

const days = (): number => Math.floor(Date.now() / 86_400_000);

export class DirTranslations implements TranslationStore {
  readonly #dir: string;
  readonly #list: TranslationList;
  readonly #code: NativeCode;
  readonly #started = performance.now();
  /** Of the machine's own modules those that were made. */
  readonly #own = new Map<string, KeptModule>();

  constructor(dir: string, code: NativeCode) {
    this.#dir = dir;
    this.#code = code;
    this.#list = this.#read();
  }

  linesOf(sum: number): StoreLine[] { return this.#list.linesOf(sum); }
  heatOf(sum: number): PageHeat | undefined { return this.#list.heatOf(sum); }
  get places(): number[] { return this.#list.places; }

  /** The machine's own are files of their names. */
  module(name: string, make: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
    const found = this.#load(`${name}.module`);
    if (found !== null) {
      // Somebody kept it who could not have machine code: one whose realm was hardened before.
      if (!found.hasNative && this.#code.isAvailable) this.#own.set(name, found);
      return found.module;
    }
    const bytes = make(), module = new WebAssembly.Module(bytes);
    this.#own.set(name, { bytes, module, regions: [] });
    return module;
  }

  sizeOf(module: number): number { return this.#list.modules[module]?.regions ?? 0; }

  open(module: number): KeptModule | null {
    const entry = this.#list.modules[module];
    return entry === undefined ? null : this.#load(entry.file);
  }

  #load(name: string): KeptModule & { readonly hasNative: boolean } | null {
    const file = attempt(() => readFileSync(join(this.#dir, name))), found = file === undefined ? null : decodeModule(aligned(file));
    if (found === null) return null;
    const { bytes, regions, native } = found, module = attempt(() => this.#code.deserialize(native, bytes) ?? new WebAssembly.Module(bytes));
    return module === undefined ? null : { bytes, regions, module, hasNative: native.length > 0 };
  }

  keep({ made, merged, opened, heat, own, functionOf }: Legacy): void {
    attempt(() => {
      makeDirectory(this.#dir);
      this.#keepOwn(own);
      const until = performance.now() + Math.min(MOST_MS, Math.max(LEAST_MS, (performance.now() - this.#started) * SHARE)), improved = new Map<string, Entry | null>(), today = days();
      const added = made.map(m => ({ entry: this.#write(m, this.#optimized(m, functionOf, until), today), regions: m.regions }));
      for (const n of merged) improved.set(this.#list.modules[n]!.file, null);
      for (const [n, m] of opened) {
        const entry = this.#list.modules[n]!, functions = this.#optimized(m, functionOf, until);
        if (functions.length > entry.optimized * GROWN) improved.set(entry.file, this.#write(m, functions, today));
        else if (entry.used !== today) improved.set(entry.file, { ...entry, used: today });
      }
      // Others may have written since the start.
      if (added.length > 0 || improved.size > 0 || this.#isWarmer(heat)) this.#writeList(this.#read(), improved, added, heat);
    });
  }

  #keepOwn(own: Legacy['own']): void {
    for (const [name, m] of this.#own) {
      const functions = own.get(name) ?? [];
      for (const f of functions) this.#code.optimize(f);
      this.#replace(`${name}.module`, encodeModule({ ...m, native: this.#code.serialize(m.module, functions) }));
    }
  }

  /** Functions of a module that are optimized, or can be until then. */
  #optimized({ regions }: KeptModule, functionOf: Legacy['functionOf'], until: number): RegionFunction[] {
    const functions = regions.map(functionOf).filter(f => f !== null);
    for (const f of functions) if (performance.now() < until && !this.#code.isOptimized(f)) this.#code.optimize(f);
    return functions.filter(this.#code.isOptimized);
  }

  #write({ bytes, regions, module }: KeptModule, optimized: readonly RegionFunction[], used: number): Entry {
    const data = encodeModule({ regions, bytes, native: this.#code.serialize(module, optimized) }), file = `${sumOf(data).toString(36).replace('-', 'n')}-${process.pid.toString(36)}-${Date.now().toString(36)}.module`;
    this.#replace(file, data);
    return { file, size: data.length, optimized: optimized.length, regions: regions.length, used };
  }

  #writeList(now: TranslationList, improved: ReadonlyMap<string, Entry | null>, added: readonly { entry: Entry; regions: KeptModule['regions'] }[], heat: ReadonlyMap<number, PageHeat>): void {
    // null: merged into another one.
    const before = now.modules.map(e => (improved.has(e.file) ? improved.get(e.file)! : e)), modules = [...before, ...added.map(a => a.entry)];
    const lines = [...now.lines(), ...added.flatMap(({ regions }, i) => regions.map(({ sum, offset, generation, index }, number) => ({ sum, offset, generation, index, module: before.length + i, number })))];
    const order = [...modules.keys()].filter(i => modules[i] !== null).sort((a, b) => modules[b]!.used - modules[a]!.used || b - a), staying: number[] = [];
    let bytes = 0, regions = 0;
    for (const i of order) if ((bytes += modules[i]!.size) <= MOST_BYTES && (regions += modules[i]!.regions) <= MOST_REGIONS) staying.push(i);
    const numbers = new Map(staying.sort((a, b) => a - b).map((i, n) => [i, n]));
    const kept = lines.filter(l => numbers.has(l.module)).map(l => ({ ...l, module: numbers.get(l.module)! }));
    this.#replace('list', encodeList([...numbers.keys()].map(i => modules[i]!), kept, new Map([...now.heat(), ...heat].slice(-MOST_HEAT))));
    const files = new Set([...numbers.keys()].map(i => modules[i]!.file));
    for (const e of now.modules) if (!files.has(e.file)) rmSync(join(this.#dir, e.file), { force: true });
    if (now.isEmpty) this.#removeOthers();
  }

  /** Something has become hot that is not in the list as such: a small change is not worth a new one. */
  #isWarmer(heat: ReadonlyMap<number, PageHeat>): boolean {
    let more = 0;
    for (const [sum, lines] of heat) for (const [line, n] of lines) more += n - (this.#list.heatOf(sum)?.get(line) ?? 0);
    return more > 50;
  }

  /** What builds that are not used any more have left. */
  #removeOthers(): void {
    const parent = dirname(this.#dir), old = Date.now() - OTHERS_DAYS * 86_400_000;
    for (const name of readdirSync(parent)) {
      const list = statSync(join(parent, name, 'list'), { throwIfNoEntry: false });
      if (name !== basename(this.#dir) && list !== undefined && list.mtimeMs < old) rmSync(join(parent, name), { recursive: true, force: true });
    }
  }

  /** Whole, or not at all. */
  #replace(file: string, data: Uint8Array): void {
    const path = join(this.#dir, file), fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, data, { mode: 0o600 });
    renameSync(fresh, path);
  }

  #read(): TranslationList {
    const file = attempt(() => readFileSync(join(this.#dir, 'list')));
    return new TranslationList(file === undefined ? undefined : aligned(file));
  }
}

/** Node's own `recursive` goes round for ever where a directory cannot be made in one that is there, as in /proc. */
function makeDirectory(dir: string): void {
  if (existsSync(dir)) return;
  makeDirectory(dirname(dir));
  mkdirSync(dir, { mode: 0o700 });
}

/** Its own buffer, from the first byte. */
function aligned(file: Buffer): Uint8Array<ArrayBuffer> { return new Uint8Array(file); }

function attempt<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;                           // a full disk, a directory that is not ours: as if nothing were kept
  }
}
