// The translator: finds what is hot, turns it into WebAssembly, keeps the account of what exists. The interpreter counts nothing: it comes back after a slice of
// instructions, always at the target of a taken jump, and where it comes back often is hot. Slices are counted in instructions, so runs are repeatable.
import { CTX_SLICE } from '../hart/context.ts';
import type { HartImpl } from '../hart/hart.ts';
import { H_TRANSLATED, H_UNDECODED, OP_IMM } from '../hart/op.ts';
import type { Observation, Tier, TierHost } from '../hart/tier.ts';
import type { RamImpl } from '../ram.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { affordableDepth } from './depth.ts';
import { LEAVE_PARAMS } from './exit-info.ts';
import { type Candidate, Frame, lineOf, LINES, type Translation } from './frame.ts';
import { regionFunction } from './function.ts';
import { dependsOnStatus } from './float-facts.ts';
import { Heat } from './heat.ts';
import { createLinks, GO_PARAMS, type Links, REGION_PARAMS, REGION_RESULTS } from './link.ts';
import type { TranslatedFunction, TranslationObserver } from './observer.ts';
import { PARAM_NAMES } from './region-ops.ts';
import { discover, REACH, type Region } from './region.ts';
import { addRuns } from './runs.ts';
import { Sites } from './sites.ts';

/** on: translates what is hot. eager: whatever is jumped to, at once; for tests. */
export type TranslatorMode = 'on' | 'eager';

/** Instructions between two samples. */
const SLICE = 10_000;
/** Guest instructions in a region. */
const LIMIT = 500;
/** A loop of more leaves out the translated ones in it: the engine gives those all its registers. */
const LARGE_LOOP = 100;
/** Translated code spent its budget here, in a loop perhaps: worth so many samples. */
const RESUMED = 40;
/** So many may there be; eager more, since most are of what is executed once or twice. */
const MAX_REGIONS = 8192, MAX_EAGER_REGIONS = 32_768;
/** Older engines keep every instance that has imported a table as long as the table (V8 11.3: 20 KiB each): after so many dead regions there is a new one. */
const MAX_DEAD = 1000;
/**
 * Eager: so many regions get a module each; where there are more, they share, the more the more there are: older engines have a copy of the table for each
 * instance, and tell all of them of each region that is put in.
 */
const ALONE = 300, SHARE = 16;
/** So many misaligned accesses of an instruction are worth a translation that expects them. */
const MISALIGNED_OFTEN = 20;
/** Regions are translated anew with targets of computed jumps so often at most. Targets lie so near. */
const GENERATIONS = 4, TARGET_REACH = REACH * 4096;
/** Rests between two looks at the computed jumps. */
const SITES_EVERY = 16;

export interface Statistics { regions: number; instructions: number; bytes: number; dropped: number; modules: number }

export class Translator implements Tier {
  readonly statistics: Statistics = { regions: 0, instructions: 0, bytes: 0, dropped: 0, modules: 0 };
  observer: TranslationObserver | null = null;
  /** Eager: how many regions get a module each. */
  alone = ALONE;
  readonly #ram: RamImpl;
  readonly #host: TierHost;
  readonly #isEager: boolean;
  readonly #limit: number;
  #table!: WebAssembly.Table;
  #links!: Links;
  readonly #sites: Sites;
  readonly #depth: number;
  readonly #ecall: (fuel: number) => number;
  readonly #frames = new Map<number, Frame>();
  readonly #free: number[] = [];
  /** Those with a site. */
  readonly #watched = new Set<Translation>();
  #used = 0;
  #live = 0;
  /** Released since the table was new. */
  #dead = 0;
  /** Hot, to be translated together: on older engines a module costs as much as a hundred instructions in it. */
  #waiting: Candidate[] = [];
  readonly #heat: Heat;
  #rests = 0;

  constructor(ram: RamImpl, host: TierHost, mode: TranslatorMode) {
    this.#ecall = fuel => host.ecallFromTier(fuel);
    this.#ram = ram;
    this.#host = host;
    this.#isEager = mode === 'eager';
    // Small regions are quick to make, and have more edges.
    this.#limit = mode === 'eager' ? 60 : LIMIT;
    this.#sites = new Sites(ram);
    this.#depth = affordableDepth(ram);
    this.#heat = new Heat(host.engine, this.#isEager);
    this.#startAfresh();
    this.#startSlice();
  }

  /** Translates what is come to a few times: for tests, whose programs are short. */
  makeCheap(): void { this.#heat.makeCheap(); }

  run(fuel: number): number { return this.#links.run(fuel); }

  rest(): void {
    if (this.#ram.i32[this.#host.base + CTX_SLICE >>> 2]! <= 0) this.#startSlice();
    if (++this.#rests % SITES_EVERY === 0) this.#lookAtSites();
    if (this.#heat.buysModule(this.#waiting.length) && this.#isBatch() || this.#isEager && this.#waiting.length > 0 && this.statistics.regions < this.alone) this.#translateWaiting();
  }

  observe(vpage: number, pfn: number, offset: number, why: Observation): void {
    const frame = this.#frame(pfn), line = lineOf(offset), samples = why === 'sampled' ? 1 : RESUMED, heat = this.#heat.noticed(samples, frame.heatUp(line, samples));
    if (frame.waiting.has(line)) this.#heat.waited(samples);
    else if ((this.#isEager || heat >= (frame.worth.get(line) ?? this.#heat.interesting)) && !frame.refused.has(offset)) this.#consider(vpage, pfn, offset, heat);
  }

  misaligned(pfn: number, offset: number): void {
    const { misaligned } = this.#frame(pfn), count = (misaligned.get(offset) ?? 0) + 1;
    misaligned.set(offset, count);
    // What holds the instruction is translated anew when it is hot again.
    if (count === MISALIGNED_OFTEN) for (const t of [...this.#frame(pfn).translations]) this.#release(t);
  }

  drop(pfn: number): void {
    const frame = this.#frames.get(pfn);
    if (frame === undefined) return;
    for (const c of this.#waiting.filter(w => [...w.frames.values()].includes(pfn))) this.#stopWaiting(c);
    for (const t of [...frame.translations]) this.#release(t);
    this.#frames.delete(pfn);
  }

  /** Eager, a module for each few would be too many of them. */
  #isBatch(): boolean { return !this.#isEager || this.#waiting.length * SHARE >= this.#live; }

  #startSlice(): void { this.#ram.i32[this.#host.base + CTX_SLICE >>> 2] = this.#isEager ? 1 : SLICE; }

  #frame(pfn: number): Frame {
    let f = this.#frames.get(pfn);
    if (f === undefined) this.#frames.set(pfn, f = new Frame());
    return f;
  }

  /** The code at `offset` has just been run: its surroundings can be seen. */
  #consider(vpage: number, pfn: number, offset: number, heat: number): void {
    const frame = this.#frame(pfn), line = lineOf(offset), c = this.#discover(vpage, offset, [], 0);
    if (c === null) { frame.refused.add(offset); return; }
    const price = this.#heat.priceOf(c.region, frame.inLoops.has(offset));
    if (this.#isEager || heat >= price) this.#enqueue(c);
    else frame.worth.set(line, this.#heat.nextLook(heat, price));
  }

  #discover(vpage: number, offset: number, targets: readonly number[], generation: number): Candidate | null {
    const ram = this.#ram, found = new Map<number, number>();
    const frameOf = (page: number): number => {
      let f = found.get(page);
      if (f === undefined) found.set(page, f = this.#host.codeFrame(vpage + page));
      return f;
    };
    const hasRun = (at: number): boolean => {
      const ops = this.#host.decodedPage(frameOf(at >> 12));
      return this.#isEager || ops !== 0 && ram.u16[ops + (at & 4095) * 4 >>> 1] !== H_UNDECODED;
    };
    const isSmallLoop = (at: number): boolean => {
      const blocks = this.#frames.get(frameOf(at >> 12))?.smallLoops.get(at & 4095);
      return blocks !== undefined && !blocks.has(offset);
    };
    let region = discover({ ram, frameOf, hasRun, isElsewhere: null, targets }, offset, this.#limit);
    if (region === null) return null;
    if (region.isLoop && region.instructions > LARGE_LOOP && !hasComputedJumps(region)) region = discover({ ram, frameOf, hasRun, isElsewhere: isSmallLoop, targets }, offset, this.#limit) ?? region;
    const frames = new Map(region.pages.map(page => [page, found.get(page)!]));
    // Decoding one page may have taken another one's place.
    for (const f of frames.values()) if (this.#host.decodedPage(f) === 0) return null;
    return { vpage, pfn: frames.get(0)!, offset, region, frames, targets, generation };
  }

  #enqueue(c: Candidate): void {
    this.#waiting.push(c);
    this.#frame(c.pfn).coolDown(lineOf(c.offset));
    this.#mark(c);
    if (c.region.isLoop) for (const b of c.region.blocks) if (b.end !== 'dispatch') this.#frame(c.frames.get(b.firstPage)!).inLoops.add(b.at & 4095);
  }

  /** Its stretches are not considered again while it waits. */
  #mark({ region, frames }: Candidate): void {
    for (const { insns } of region.blocks) {
      if (insns.length === 0) continue;
      const last = lineOf(insns.at(-1)!.at);
      for (let line = lineOf(insns[0]!.at); line <= last; line++) this.#frame(frames.get(Math.floor(line / LINES))!).waiting.add(line & LINES - 1);
    }
  }

  #stopWaiting(c: Candidate): void {
    this.#waiting.splice(this.#waiting.indexOf(c), 1);
    for (const p of c.frames.values()) this.#frames.get(p)?.waiting.clear();
    for (const other of this.#waiting) this.#mark(other);
  }

  #translateWaiting(): void {
    const batch = this.#waiting.splice(0);
    this.#heat.bought();
    for (const c of batch) for (const p of c.frames.values()) this.#frames.get(p)?.waiting.clear();
    if (this.#live + batch.length > (this.#isEager ? MAX_EAGER_REGIONS : MAX_REGIONS)) this.#dropAll();
    if (this.#dead > Math.max(MAX_DEAD, this.#live * 4)) this.#startAfresh();
    this.#compile(batch);
  }

  /** The regions as functions, all in one module, which puts them into the table. */
  #compile(batch: readonly Candidate[]): void {
    const ram = this.#ram, { base } = this.#host, m = new ModuleBuilder(), { observer } = this, started = observer?.microseconds() ?? 0;
    m.importTable();
    const regionType = m.type(REGION_PARAMS, REGION_RESULTS), go = m.importFunction('go', m.type(GO_PARAMS, REGION_RESULTS));
    const ecall = m.importFunction('ecall', m.type([w.i32], [w.i32])), leave = m.importFunction('leave', m.type(LEAVE_PARAMS, REGION_RESULTS));
    const counter = observer?.counter ?? null;
    const entered = counter === null ? 0 : m.importFunction('entered', m.type([w.i32], [])), left = counter === null ? 0 : m.importFunction('left', m.type([w.i32, w.i32], []));
    const made: Translation[] = [], functions: TranslatedFunction[] = [];
    const shape = { base, ramSize: ram.size, tlbEntries: ram.layout.tlbEntries, engine: this.#host.engine };
    for (const c of batch) {
      const { vpage, pfn, offset, region, frames, targets, generation } = c;
      this.#noteMisaligned(c);
      const graph = addRuns(region.blocks[0]!);
      const hasComputed = generation < GENERATIONS && region.blocks.some(b => b.end === 'indirect');
      const site = hasComputed ? this.#sites.take() : 0, index = this.#takeIndex();
      const versions = dependsOnStatus(region), linkage = { regionType, go, ecall, leave, self: m.nextFunction + (versions ? 1 : 0), fetchTlb: ram.layout.fetchTlb, opsOf: (page: number) => this.#host.decodedPage(frames.get(page)!), site };
      const otherwise = versions ? m.function(`o${index}`, regionType, regionFunction(region, graph, { shape, linkage, version: 'other', otherwise: undefined }), observer !== null) : undefined;
      const id = this.statistics.regions++;
      const body = regionFunction(region, graph, { shape, linkage, version: versions ? 'nx' : 'any', otherwise, counting: counter === null ? undefined : { id, entered, left } }), name = `r${index}`;
      m.element(index, m.function(name, regionType, body, observer !== null));
      if (observer !== null) functions.push({ id, name, pfn, region, bytes: body.length, locals: [...PARAM_NAMES, ...body.localNames], marks: body.marks });
      this.statistics.instructions += region.instructions;
      const op = this.#host.decodedPage(pfn) + offset * 4;
      const t: Translation = { index, pfn, offset, op, vpage, frames, site, targets, generation, instructions: region.instructions };
      for (const p of frames.values()) this.#frame(p).translations.add(t);
      if (site !== 0) this.#watched.add(t);
      made.push(t);
      if (isSmall(region)) this.#frame(pfn).smallLoops.set(offset, new Set(region.blocks.filter(b => b.firstPage === 0).map(b => b.at)));
      this.#live++;
    }
    const bytes = m.finish(ram.wasmPages), written = observer?.microseconds() ?? 0;
    this.statistics.bytes += bytes.length;
    this.statistics.modules++;
    instantiate(bytes, { env: { memory: ram.memory, table: this.#table, go: this.#links.go, leave: this.#links.leave, ecall: this.#ecall, ...counter === null ? {} : { entered: (n: number) => { counter.entered(n); }, left: (n: number, pc: number) => { counter.left(n, pc); } } } });
    observer?.translated({ bytes, functions }, written - started, observer.microseconds() - written);
    for (const t of made) this.#link(t);
  }

  #noteMisaligned({ region, frames }: Candidate): void {
    for (const [page, pfn] of frames) {
      const misaligned = this.#frames.get(pfn)?.misaligned;
      if (misaligned === undefined || misaligned.size === 0) continue;
      for (const b of region.blocks) for (const insn of b.insns) if (insn.at >> 12 === page) insn.isMisaligned = (misaligned.get(insn.at & 4095) ?? 0) >= MISALIGNED_OFTEN;
    }
  }

  #link({ op, offset, index }: Translation): void {
    unpair(this.#ram, op, offset);
    this.#ram.u16[op >>> 1] = H_TRANSLATED;
    this.#ram.i32[op + OP_IMM >>> 2] = index;
  }

  /** Regions whose computed jumps often go where they do not know of are translated anew, with those targets. */
  #lookAtSites(): void {
    for (const t of [...this.#watched]) {
      if (this.#sites.count(t.site) < this.#heat.unknownTargets(t.instructions, t.generation) || this.#host.codeFrame(t.vpage) !== t.pfn) continue;
      const targets = [...new Set([...t.targets, ...this.#sites.targets(t.site, TARGET_REACH)])];
      // They lead out of reach, as those of a PLT entry do.
      if (targets.length === t.targets.length) { this.#watched.delete(t); continue; }
      const c = this.#discover(t.vpage, t.offset, targets, t.generation + 1);
      this.#release(t);
      if (c !== null) this.#enqueue(c);
    }
  }

  #takeIndex(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === this.#table.length) this.#table.grow(1024);
    return this.#used++;
  }

  #release(t: Translation): void {
    this.#frames.get(t.pfn)?.smallLoops.delete(t.offset);
    this.#ram.u16[t.op >>> 1] = H_UNDECODED;
    this.#table.set(t.index, null);
    this.#free.push(t.index);
    this.#sites.release(t.site);
    this.#watched.delete(t);
    for (const p of t.frames.values()) this.#frames.get(p)?.translations.delete(t);
    this.#live--;
    this.#dead++;
    this.statistics.dropped++;
  }

  /** With an empty table, linked anew. Not while translated code is on the engine's stack. */
  #startAfresh(): void {
    this.#dropAll();
    this.#table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
    this.#links = createLinks(this.#ram, this.#host.base, this.#table, this.#host.interpret, this.#depth);
    this.#free.length = this.#used = this.#dead = 0;
  }

  #dropAll(): void {
    for (const pfn of [...this.#frames.keys()]) this.drop(pfn);
  }
}

function isSmall(region: Region): boolean { return region.isLoop && region.instructions <= LARGE_LOOP && !hasComputedJumps(region); }

/** An interpreter, probably: a loop that is one, whatever its size. */
function hasComputedJumps({ blocks }: Region): boolean { return blocks.some(b => b.end === 'indirect' || b.end === 'dispatch'); }

/** For what instantiation does: the functions go into the table. */
function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: ConstructorParameters<typeof WebAssembly.Instance>[1]): WebAssembly.Instance {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
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
  const t = new Translator(ram, hart, mode);
  hart.setTier(t);
  return t;
}
