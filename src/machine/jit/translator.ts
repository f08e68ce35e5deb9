// The translator: finds what is hot, turns it into WebAssembly, keeps the account of what exists. The interpreter counts nothing: it comes back after a slice of
// instructions, always at the target of a taken jump, and where it comes back often is hot. Slices are counted in instructions, so runs are repeatable.
import type { Engine } from '../engine.ts';
import type { HartImpl } from '../hart/hart.ts';
import { H_TRANSLATED, H_UNDECODED, OP_IMM } from '../hart/op.ts';
import type { EcallGate, Observation, Tier } from '../hart/tier.ts';
import type { RamImpl } from '../ram.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import { regionFunction } from './function.ts';
import { createLinks, GO_PARAMS, type Links, REGION_PARAMS, REGION_RESULTS } from './link.ts';
import type { TranslationObserver } from './observer.ts';
import { PARAM_NAMES } from './region-ops.ts';
import { discover, type Region } from './region.ts';

/** on: translates what is hot. eager: whatever is jumped to, at once; for tests. */
export type TranslatorMode = 'on' | 'eager';

const SLICE = 20_000;
const WEIGHT = { sampled: 8, resumed: 64, left: 1 } as const satisfies Record<Observation, number>;
const THRESHOLD = 64;
/** Guest instructions in a region. */
const LIMIT = 200;
/** Regions in a module, and how long the first of them waits for the others. */
const BATCH = 16, PATIENCE = 400;
const MAX_REGIONS = 8192;
/** So many misaligned accesses of an instruction are worth a translation that expects them. */
const MISALIGNED_OFTEN = 20;
/** Addresses whose heat is remembered. */
const MAX_HEAT = 1 << 16;
const NEVER = -1e9;

interface Translation { readonly index: number; readonly offset: number; readonly op: number }

interface Candidate { readonly pfn: number; readonly offset: number; readonly op: number; readonly region: Region }

export interface Statistics { regions: number; instructions: number; bytes: number; dropped: number }

export class Translator implements Tier {
  readonly slice: number;
  readonly statistics: Statistics = { regions: 0, instructions: 0, bytes: 0, dropped: 0 };
  observer: TranslationObserver | null = null;
  readonly #ram: RamImpl;
  readonly #base: number;
  readonly #engine: Engine;
  readonly #threshold: number;
  readonly #limit: number;
  readonly #table: WebAssembly.Table;
  readonly #links: Links;
  readonly #ecall: (fuel: number) => number;
  readonly #byFrame = new Map<number, Translation[]>();
  readonly #free: number[] = [];
  #used = 0;
  /** Hot, to be translated together: on older engines a module costs as much as a hundred instructions in it. */
  #waiting: Candidate[] = [];
  /** How much longer they wait, in units of heat. */
  #patience = 0;
  /** By physical address. */
  readonly #heat = new Map<number, number>();
  /** How often an instruction's access was misaligned. */
  readonly #misaligned = new Map<number, number>();

  constructor(ram: RamImpl, base: number, engine: Engine, gate: EcallGate, mode: TranslatorMode) {
    this.#engine = engine;
    this.#ecall = fuel => gate.ecallFromTier(fuel);
    this.#ram = ram;
    this.#base = base;
    this.slice = mode === 'eager' ? 1 : SLICE;
    // Small regions are quick to make, and have more edges.
    this.#limit = mode === 'eager' ? 60 : LIMIT;
    this.#threshold = mode === 'eager' ? 1 : THRESHOLD;
    this.#table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
    this.#links = createLinks(ram, base, this.#table);
  }

  enter(fuel: number): number { return this.#links.enter(fuel); }

  observe(pfn: number, offset: number, op: number, why: Observation): void {
    const key = pfn * 4096 + offset, heat = (this.#heat.get(key) ?? 0) + WEIGHT[why];
    if (this.#heat.size > MAX_HEAT) this.#heat.clear();
    this.#heat.set(key, heat);
    if (this.#waiting.length > 0) this.#patience -= WEIGHT[why];
    if (heat >= this.#threshold) {
      const region = discover(this.#ram, pfn, offset, this.#limit);
      this.#heat.set(key, NEVER);
      if (region !== null) this.#waiting.push({ pfn, offset, op, region });
    }
    if (this.#waiting.length >= BATCH || this.#waiting.length > 0 && this.#patience <= 0) this.#translateWaiting();
  }

  misaligned(pfn: number, offset: number): void {
    const key = pfn * 4096 + offset, count = (this.#misaligned.get(key) ?? 0) + 1;
    this.#misaligned.set(key, count);
    if (count !== MISALIGNED_OFTEN) return;
    for (const t of this.#byFrame.get(pfn) ?? []) {
      const region = discover(this.#ram, pfn, t.offset, this.#limit)!;
      if (region.blocks.some(b => b.insns.some(i => i.at === offset))) this.#table.set(t.index, this.#compile([{ pfn, region }])[0]);
    }
  }

  drop(pfn: number): void {
    const list = this.#byFrame.get(pfn);
    for (let i = 0; i < 4096; i += 2) {
      this.#heat.delete(pfn * 4096 + i);
      this.#misaligned.delete(pfn * 4096 + i);
    }
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter(c => c.pfn !== pfn);
    if (list === undefined) return;
    this.#byFrame.delete(pfn);
    this.statistics.dropped += list.length;
    for (const t of list) this.#release(t);
  }

  #translateWaiting(): void {
    const batch = this.#waiting.splice(0), { u16, i32 } = this.#ram;
    this.#patience = this.#threshold === 1 ? 0 : PATIENCE;
    if (this.#used - this.#free.length + batch.length > MAX_REGIONS) this.#dropAll();
    const functions = this.#compile(batch);
    batch.forEach(({ pfn, offset, op }, i) => {
      const index = this.#takeIndex();
      this.#table.set(index, functions[i]);
      unpair(this.#ram, op, offset);
      u16[op >>> 1] = H_TRANSLATED;
      i32[op + OP_IMM >>> 2] = index;
      const list = this.#byFrame.get(pfn), t = { index, offset, op };
      if (list === undefined) this.#byFrame.set(pfn, [t]);
      else list.push(t);
    });
  }

  /** The regions as functions, all in one module. */
  #compile(batch: readonly { readonly pfn: number; readonly region: Region }[]): unknown[] {
    const ram = this.#ram, m = new ModuleBuilder(), { observer } = this, bodies: Body[] = [], started = observer?.microseconds() ?? 0;
    m.importTable();
    const regionType = m.type(REGION_PARAMS, REGION_RESULTS), go = m.importFunction('go', m.type(GO_PARAMS, REGION_RESULTS));
    const ecall = m.importFunction('ecall', m.type([w.i32], [w.i32]));
    const shape = { base: this.#base, ramSize: ram.size, tlbEntries: ram.layout.tlbEntries, engine: this.#engine };
    batch.forEach(({ pfn, region }, i) => {
      for (const b of region.blocks) for (const insn of b.insns) insn.isMisaligned = (this.#misaligned.get(pfn * 4096 + insn.at) ?? 0) >= MISALIGNED_OFTEN;
      bodies.push(regionFunction(region, { shape, linkage: { regionType, go, ecall } }));
      m.function(`f${i}`, regionType, bodies[i]!);
      this.statistics.regions++;
      this.statistics.instructions += region.instructions;
    });
    const bytes = m.finish(ram.wasmPages);
    this.statistics.bytes += bytes.length;
    const made = observer?.microseconds() ?? 0;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: ram.memory, table: this.#table, go: this.#links.go, ecall: this.#ecall } });
    observer?.translated({ bytes, functions: batch.map(({ pfn, region }, i) => ({ name: `f${i}`, pfn, region, bytes: bodies[i]!.length, locals: [...PARAM_NAMES, ...bodies[i]!.localNames], marks: bodies[i]!.marks })) }, made - started, observer.microseconds() - made);
    return batch.map((_, i) => exports[`f${i}`]);
  }

  #takeIndex(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === this.#table.length) this.#table.grow(1024);
    return this.#used++;
  }

  #release(t: Translation): void {
    this.#ram.u16[t.op >>> 1] = H_UNDECODED;
    this.#table.set(t.index, null);
    this.#free.push(t.index);
  }

  #dropAll(): void {
    for (const pfn of [...this.#byFrame.keys()]) this.drop(pfn);
    this.#heat.clear();
  }
}

/** The ops in front may execute this one as the second of a pair: they are decoded anew, alone. */
function unpair(ram: RamImpl, op: number, offset: number): void {
  for (const before of [2, 4]) {
    const at = op - before * 4 >>> 1;
    if (before <= offset && ram.u16[at] !== H_TRANSLATED) ram.u16[at] = H_UNDECODED;
  }
}

/** Puts a translator beside the hart's interpreter. */
export function addTranslator(hart: HartImpl, ram: RamImpl, mode: TranslatorMode): Translator {
  const t = new Translator(ram, hart.base, hart.engine, hart, mode);
  hart.setTier(t);
  return t;
}
