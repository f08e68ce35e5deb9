// The translator: finds what is hot, turns it into WebAssembly, keeps the account of what exists. The interpreter counts nothing: it comes back after a slice of
// instructions, always at the target of a taken jump, and where it comes back often is hot. Slices are counted in instructions, so runs are repeatable.
import { CTX_SLICE } from '../hart/context.ts';
import { MADE_ANEW, type ModuleSource } from '../engine.ts';
import type { HartImpl } from '../hart/hart.ts';
import { H_PLT, H_TRANSLATED, H_UNDECODED, OP_IMM } from '../hart/op.ts';
import type { Loss, Observation, Tier, TierHost } from '../hart/tier.ts';
import type { RamImpl } from '../ram.ts';
import { setAnchor } from './anchors.ts';
import { Around } from './around.ts';
import { Batch } from './batch.ts';
import { affordableDepth } from './depth.ts';
import { type Candidate, Frame, lineOf, LINES, type Translation } from './frame.ts';
import { Heat } from './heat.ts';
import { isThroughSaved, takeInCallees } from './inline.ts';
import type { Insn } from './insn.ts';
import { Jumps } from './jumps.ts';
import { Library } from './library.ts';
import { createLinks, type Links } from './link.ts';
import type { RegionCounter, TranslationObserver } from './observer.ts';
import { discover, hasComputedJumps, LARGE_LOOP, offsetsOf, REACH, type RegionShape, shapeOf } from './region.ts';
import { Places } from './places.ts';
import { Sites } from './sites.ts';
import { type KeptModule, type KeptRegion, type PageHeat, type RegionFunction, stretchesOf, type TranslationStore } from './store.ts';

/** on: translates what is hot. eager: whatever is jumped to, at once; for tests. */
export type TranslatorMode = 'on' | 'eager';

/** Instructions between two samples. */
const SLICE = 10_000;
/** Guest instructions in a region. */
const LIMIT = 500;
/** Translated code spent its budget here, in a loop perhaps: worth so many samples. */
const RESUMED = 40;
/** So many may there be; eager more, since most are of what is executed once or twice. */
const MAX_REGIONS = 8192, MAX_EAGER_REGIONS = 32_768;
/** Older engines keep every instance that has imported a table as long as the table (V8 11.3: 20 KiB each): after so many dead regions there is a new one. */
const MAX_DEAD = 1000;
/**
 * Eager: so many regions get a module each. In a crowd they share, the more the more there are: older engines have a copy of the table for each instance,
 * and tell all of them of each region that is put in.
 */
const ALONE = 300, CROWD = 1000, SHARE = 16;
/** So many misaligned accesses of an instruction are worth a translation that expects them. */
const MISALIGNED_OFTEN = 20;
/** Regions are translated anew with targets of computed jumps so often at most. Targets lie so near. */
const GENERATIONS = 4, TARGET_REACH = REACH * 4096;
/** So often a region waits for a look at whom it calls. */
const PATIENCE = 4;
/** Rests between two looks at the computed jumps. */
const SITES_EVERY = 16;

/** `adopted`: regions that an earlier run has translated. */
export interface Statistics { regions: number; instructions: number; bytes: number; dropped: number; modules: number; adopted: number }

/** A region whose function is in the table. */
interface Addition extends Omit<Translation, 'op' | 'site'> { readonly hasSite: boolean; readonly pages: readonly number[]; readonly shape: RegionShape; readonly blocks: readonly number[] }

export class Translator implements Tier {
  readonly statistics: Statistics = { regions: 0, instructions: 0, bytes: 0, dropped: 0, modules: 0, adopted: 0 };
  observer: TranslationObserver | null = null;
  /** Eager: how many regions get a module each. */
  alone = ALONE;
  readonly #ram: RamImpl;
  readonly #host: TierHost;
  readonly #isEager: boolean;
  readonly #limit: number;
  #places!: Places;
  #links!: Links;
  readonly #sites: Sites;
  readonly #depth: number;
  readonly #ecall: (fuel: number) => number;
  readonly #frames = new Map<number, Frame>();
  /** What earlier runs have translated, and which of it is in use, by place. */
  readonly #library: Library | null;
  readonly #adopted = new Set<number>();
  readonly #modules: ModuleSource;
  /** Those with a site. */
  readonly #watched = new Set<Translation>();
  #live = 0;
  /** Released since the table was new. */
  #dead = 0;
  readonly #jumps: Jumps;
  /** Hot, to be translated together: on older engines a module costs as much as a hundred instructions in it. */
  #waiting: Candidate[] = [];
  readonly #heat: Heat;
  #rests = 0;

  constructor(ram: RamImpl, host: TierHost, mode: TranslatorMode, store: TranslationStore | null) {
    this.#ecall = fuel => host.ecallFromTier(fuel);
    this.#ram = ram;
    this.#host = host;
    this.#isEager = mode === 'eager';
    // Small regions are quick to make, and have more edges.
    this.#limit = mode === 'eager' ? 60 : LIMIT;
    this.#sites = new Sites(ram);
    this.#jumps = new Jumps(ram, host.base);
    this.#depth = affordableDepth(ram);
    this.#heat = new Heat(host.engine, this.#isEager);
    this.#modules = store ?? MADE_ANEW;
    this.#library = store === null ? null : new Library(ram, host, store, m => this.#install(m));
    this.#startAfresh();
    this.#startSlice();
  }

  /** Translates what is come to a few times: for tests, whose programs are short. */
  makeCheap(): void { this.#heat.makeCheap(); }

  run(fuel: number): number {
    this.#jumps.enter(this.#host.space, this.#host.changes);
    return this.#links.run(fuel);
  }

  rest(): void {
    if (this.#ram.i32[this.#host.base + CTX_SLICE >>> 2]! <= 0) this.#startSlice();
    if (++this.#rests % SITES_EVERY === 0) this.#lookAtSites();
    if (this.#heat.buysModule(this.#waiting.length) && this.#isBatch() || this.#isEager && this.#waiting.length > 0 && this.statistics.regions < this.alone) this.#translateWaiting();
  }

  observe(vpage: number, pfn: number, offset: number, why: Observation): void {
    const frame = this.#frame(pfn), line = lineOf(offset), samples = why === 'sampled' ? 1 : RESUMED, heat = this.#heat.noticed(samples, frame.heatUp(line, samples));
    if (frame.waiting.has(line)) this.#heat.waited(samples);
    else if ((this.#isEager || heat >= (frame.worth.get(line) ?? this.#heat.interesting(frame.isRemembered))) && !frame.refused.has(offset)) this.#consider(vpage, pfn, offset, heat);
  }

  misaligned(pfn: number, offset: number): void {
    const { misaligned } = this.#frame(pfn), count = (misaligned.get(offset) ?? 0) + 1;
    misaligned.set(offset, count);
    if (count === MISALIGNED_OFTEN) for (const t of [...this.#frame(pfn).translations]) if (holds(t, pfn, offset)) this.#translateAnew(t, t.targets, t.generation);
  }

  drop(pfn: number, why: Loss): void {
    const frame = this.#frames.get(pfn);
    if (frame === undefined) return;
    for (const c of this.#waiting.filter(w => [...w.frames.values()].includes(pfn))) this.#stopWaiting(c);
    for (const t of [...frame.translations]) {
      if (t.pfn !== pfn) this.#frames.get(t.pfn)?.unsteady.add(t.offset);
      if (why === 'changed') this.#library?.changed(t.index);
      this.#release(t);
    }
    this.#frames.delete(pfn);
  }

  /** Eager, a module for each few of many would be too many of them. */
  #isBatch(): boolean { return !this.#isEager || this.#waiting.length * SHARE >= this.#live - CROWD; }

  #startSlice(): void { this.#ram.i32[this.#host.base + CTX_SLICE >>> 2] = this.#isEager ? 1 : SLICE; }

  #frame(pfn: number): Frame {
    let f = this.#frames.get(pfn);
    if (f === undefined) this.#frames.set(pfn, f = new Frame());
    return f;
  }

  #around(vpage: number): Around { return new Around(this.#ram, this.#host, vpage, this.#isEager); }

  /** The code at `offset` has just been run: its surroundings can be seen. */
  #consider(vpage: number, pfn: number, offset: number, heat: number): void {
    const frame = this.#frame(pfn), line = lineOf(offset), around = this.#around(vpage), c = this.#discover(around, offset, [], 0);
    if (c === null) { frame.refused.add(offset); return; }
    const price = this.#heat.priceOf(c.region, { isInLoop: frame.inLoops.has(offset), isRemembered: frame.isRemembered });
    if (this.#isEager || heat >= price && !this.#waitsForCallee(c, around)) this.#enqueue(c, around);
    else frame.worth.set(line, this.#heat.nextLook(heat, price));
  }

  #discover(around: Around, offset: number, targets: readonly number[], generation: number): Candidate | null {
    const limit = this.#limit, { vpage } = around;
    // Entries of procedure linkage tables are executed where they are met (link.ts).
    if (this.#ram.u16[this.#host.decodedPage(around.frameOf(0)) + offset * 4 >>> 1] === H_PLT) return null;
    let region = discover(around, offset, { limit, targets });
    if (region === null) return null;
    if (region.isLoop && region.instructions > LARGE_LOOP && !hasComputedJumps(region)) {
      const isElsewhere = (at: number): boolean => {
        const blocks = this.#frames.get(around.frameOf(at >> 12))?.smallLoops.get(at & 4095);
        return blocks !== undefined && !blocks.has(offset);
      };
      region = discover(around, offset, { limit, targets, isElsewhere }) ?? region;
    }
    const frames = around.framesOf(region.pages);
    return frames === null ? null : { vpage, pfn: frames.get(0)!, offset, region, frames, targets, generation };
  }

  /** Where a computed call goes: where its register points, or did when it was last seen to point to code; NaN if it never was. */
  #calleeOf(call: Insn, around: Around): number {
    const { callees } = this.#frame(around.frameOf(call.at >> 12)), offset = call.at & 4095, now = around.calleeOf(call);
    if (!Number.isNaN(now)) callees.set(offset, now - call.at);
    return call.at + (callees.get(offset) ?? NaN);
  }

  /** A computed call's register has not been seen to point to code: perhaps it will be next time. */
  #waitsForCallee({ region, pfn, offset }: Candidate, around: Around): boolean {
    const { patience } = this.#frame(pfn), waited = patience.get(offset) ?? 0;
    if (waited === PATIENCE || !region.blocks.some(b => isThroughSaved(b) && Number.isNaN(this.#calleeOf(b.insns.at(-1)!, around)))) return false;
    patience.set(offset, waited + 1);
    return true;
  }

  #enqueue(found: Candidate, around: Around): void {
    const { offset, pfn } = found, isSteady = !this.#frame(pfn).unsteady.has(offset);
    const region = isSteady ? takeInCallees(found.region, around, call => this.#calleeOf(call, around)) : found.region, frames = around.framesOf(region.pages);
    if (frames === null) return;
    const c: Candidate = { ...found, region, frames };
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
    // What a store has keeps half of the places at most.
    const batch = this.#waiting.splice(0, this.#places.most);
    this.#heat.bought();
    for (const c of batch) for (const p of c.frames.values()) this.#frames.get(p)?.waiting.clear();
    if (this.#live + batch.length > (this.#isEager ? MAX_EAGER_REGIONS : MAX_REGIONS)) this.#dropAll();
    if (this.#dead > Math.max(MAX_DEAD, this.#live * 4) || !this.#places.has(batch.length)) this.#startAfresh();
    this.#compile(batch);
  }

  /** The regions as functions, all in one module, which puts them into the table. */
  #compile(batch: readonly Candidate[]): void {
    const { observer } = this, started = observer?.microseconds() ?? 0, counter = observer?.counter ?? null;
    const parts = batch.map(c => {
      this.#noteMisaligned(c);
      return { ...c, index: this.#places.take(), id: this.statistics.regions++, hasSite: c.generation < GENERATIONS && c.region.blocks.some(b => b.end === 'indirect') };
    });
    const made = new Batch(this.#ram, this.#host.base, this.#host.engine, parts, observer === null ? 'no' : counter === null ? 'observed' : 'counted');
    const { bytes, functions } = made, written = observer?.microseconds() ?? 0, module = new WebAssembly.Module(bytes);
    this.statistics.bytes += bytes.length;
    this.statistics.modules++;
    this.#instantiate(module, this.#places.table, counter);
    observer?.translated({ bytes, functions }, written - started, observer.microseconds() - written);
    this.#library?.made(made, parts);
    for (const p of parts) {
      this.statistics.instructions += p.region.instructions;
      this.#add({ ...p, shape: shapeOf(p.region), stretches: stretchesOf(p.region), blocks: offsetsOf(p.region), instructions: p.region.instructions, pages: p.region.pages, isKept: false });
    }
  }

  /** For what it does: the functions go into the table. */
  #instantiate(module: WebAssembly.Module, table: WebAssembly.Table, counter: RegionCounter | null): WebAssembly.Instance {
    const { go, leave } = this.#links, counters = counter === null ? {} : { entered: (n: number) => { counter.entered(n); }, left: (n: number, pc: number) => { counter.left(n, pc); } };
    return new WebAssembly.Instance(module, { env: { memory: this.#ram.memory, table, go, leave, ecall: this.#ecall, ...counters } });
  }

  /** A translation is in the table: from now on it is run. */
  #add(q: Addition): void {
    const { pfn, offset, index, frames } = q, site = q.hasSite ? this.#sites.take() : 0, op = this.#host.decodedPage(pfn) + offset * 4;
    setAnchor(this.#ram, index, site, q.pages.map(page => this.#host.decodedPage(frames.get(page)!)));
    const t: Translation = { index, pfn, offset, op, vpage: q.vpage, frames, site, targets: q.targets, generation: q.generation, instructions: q.instructions, stretches: q.stretches, isKept: q.isKept };
    for (const p of frames.values()) this.#frame(p).translations.add(t);
    if (site !== 0 && this.#sites.isWatched(site)) this.#watched.add(t);
    if (q.shape === 'small') this.#frame(pfn).smallLoops.set(offset, new Set(q.blocks.filter(at => at >> 12 === 0)));
    this.#live++;
    unpair(this.#ram, op, offset);
    this.#ram.u16[op >>> 1] = H_TRANSLATED;
    this.#ram.i32[op + OP_IMM >>> 2] = index;
  }

  entered(vpage: number, pfn: number): boolean {
    const frame = this.#frame(pfn);
    if (this.#library === null || frame.isKnown) return false;
    frame.isKnown = true;
    const sum = this.#host.sumOf(pfn), found = this.#library.at(vpage, pfn, sum), heat = this.#library.heatOf(sum);
    if (heat !== undefined) {
      this.#heat.remember();
      frame.recall(heat);
    }
    for (const f of found) this.#adopt(f.region, f.vpage, f.frames);
    return found.length > 0;
  }

  /** A translation of an earlier run fits. It may be in use already, for another frame that looks the same. */
  #adopt(r: KeptRegion, vpage: number, frames: ReadonlyMap<number, number>): void {
    const { offset } = r, pfn = frames.get(0)!;
    for (const f of frames.values()) if (this.#host.decodedPage(f) === 0) return;
    if (this.#adopted.has(r.index) || this.#ram.u16[this.#host.decodedPage(pfn) + offset * 4 >>> 1] === H_TRANSLATED) return;
    this.#adopted.add(r.index);
    this.statistics.adopted++;
    if (r.shape !== 'straight') for (const at of r.blocks) this.#frame(frames.get(at >> 12)!).inLoops.add(at & 4095);
    this.#add({ ...r, vpage, pfn, frames, isKept: true });
  }

  /** A kept module's functions go into the table, if none of their places is taken. */
  #install({ module, regions }: KeptModule): boolean {
    if (!this.#places.claim(regions.map(r => r.index))) return false;
    this.#instantiate(module, this.#places.table, null);
    return true;
  }

  /** At the machine's end: what was made is kept for later runs. */
  keep(): void {
    if (this.#library === null) return;
    if (this.#waiting.length > 0) this.#translateWaiting();
    const heat = new Map<number, PageHeat>();
    for (const [pfn, frame] of this.#frames) if (frame.isKnown && this.#host.decodedPage(pfn) !== 0) heat.set(this.#host.sumOf(pfn), new Map(frame.heat));
    const { run, go, leave } = this.#links, own = new Map([['interpreter', [this.#host.interpret]], [`links-${this.#depth}`, [run, go, leave]]]);
    this.#library.keep({ heat, own, functionOf: r => this.#places.table.get(r.index) as RegionFunction | null }, (module, places) => {
      const table = new WebAssembly.Table({ element: 'anyfunc', initial: places });
      this.#instantiate(module, table, null);
      return table;
    });
  }

  #noteMisaligned({ region, frames }: Candidate): void {
    for (const [page, pfn] of frames) {
      const misaligned = this.#frames.get(pfn)?.misaligned;
      if (misaligned === undefined || misaligned.size === 0) continue;
      for (const b of region.blocks) for (const insn of b.insns) if (insn.at >> 12 === page) insn.isMisaligned = (misaligned.get(insn.at & 4095) ?? 0) >= MISALIGNED_OFTEN;
    }
  }

  /** Regions whose computed jumps often go where they do not know of are translated anew, with those targets. */
  #lookAtSites(): void {
    for (const t of [...this.#watched]) {
      if (this.#sites.count(t.site) < this.#heat.unknownTargets(t.instructions, t.generation) || this.#host.codeFrame(t.vpage) !== t.pfn) continue;
      const targets = [...new Set([...t.targets, ...this.#sites.targets(t.site, TARGET_REACH)])];
      // They lead out of reach, as those of a PLT entry do.
      if (targets.length === t.targets.length) { this.#watched.delete(t); continue; }
      this.#translateAnew(t, targets, t.generation + 1);
    }
  }

  /** With what is known by now. Until then it is interpreted. */
  #translateAnew(t: Translation, targets: readonly number[], generation: number): void {
    const around = this.#around(t.vpage), c = around.frameOf(0) === t.pfn ? this.#discover(around, t.offset, targets, generation) : null;
    this.#release(t);
    if (c !== null) this.#enqueue(c, around);
  }

  #release(t: Translation): void {
    this.#frames.get(t.pfn)?.smallLoops.delete(t.offset);
    this.#ram.u16[t.op >>> 1] = H_UNDECODED;
    if (t.isKept) this.#adopted.delete(t.index);
    else {
      this.#dead++;
      // What may be kept has a place of its own, so that later runs can have all of it.
      if (this.#library === null) this.#places.giveBack(t.index);
    }
    if (t.site !== 0) this.#sites.release(t.site);
    this.#watched.delete(t);
    for (const p of t.frames.values()) this.#frames.get(p)?.translations.delete(t);
    this.#live--;
    this.#jumps.forget();
    this.statistics.dropped++;
  }

  /** With an empty table, linked anew. Not while translated code is on the engine's stack. */
  #startAfresh(): void {
    this.#dropAll();
    this.#library?.reset();
    this.#places = new Places(this.#ram.layout.anchorCount, this.#library?.places ?? []);
    this.#links = createLinks(this.#ram, this.#host.base, { table: this.#places.table, interpret: this.#host.interpret, depth: this.#depth, modules: this.#modules });
    this.#dead = 0;
  }

  #dropAll(): void {
    for (const pfn of [...this.#frames.keys()]) this.drop(pfn, 'evicted');
  }
}

/** An instruction at `offset` of the frame is one of the translation's. */
function holds({ frames, stretches }: Translation, pfn: number, offset: number): boolean {
  for (const [page, f] of frames) {
    const at = page * 4096 + offset;
    if (f === pfn && stretches.some((from, i) => i % 2 === 0 && at >= from && at < from + stretches[i + 1]!)) return true;
  }
  return false;
}

/** The ops in front may execute this one as the second of a pair: they are decoded anew, alone. */
function unpair(ram: RamImpl, op: number, offset: number): void {
  for (const before of [2, 4]) {
    const at = op - before * 4 >>> 1;
    if (before <= offset && ram.u16[at] !== H_TRANSLATED) ram.u16[at] = H_UNDECODED;
  }
}

/** Puts a translator beside the hart's interpreter. `store`: what earlier runs have kept, and where this one keeps what it makes; null: nothing. */
export function addTranslator(hart: HartImpl, ram: RamImpl, mode: TranslatorMode, store: TranslationStore | null = null): Translator {
  const t = new Translator(ram, hart, mode, store);
  hart.setTier(t);
  return t;
}
