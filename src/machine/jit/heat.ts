// What is hot enough to be translated, and when: an account in samples, each of which stands for a slice of interpreted instructions. A thing is bought when as
// much has been lost by not having it as it costs ("ski rental": never worse than twice the best, whatever comes). Bought are waking up, once; modules;
// instructions. Asleep, the translator takes only what pays many times over, such as a tight loop: programs of a second that run a little of everything are
// left alone. The account knows no clock, so what is translated when is the same in every run.
import type { Engine } from '../engine.ts';
import type { Region } from './region.ts';

/** Prices in samples, of 40 us each where the interpreter takes 4 ns an instruction. Found by measurement (docs/bench.md). */
interface Prices {
  /** Waking up: what a program without hot places costs to translate, the engine's compiling of the translator itself (half a second) included. */
  readonly waking: number;
  /** A module with nothing in it. */
  readonly module: number;
  readonly region: number;
  /** Generating and compiling an instruction. */
  readonly instruction: number;
}

/** V8 11.3 (Node 20), and engines that compile modules lazily or quickly (V8 13.6, Node 24). */
const SLOW_MODULES: Prices = { waking: 40_000, module: 60, region: 40, instruction: 2 };
const FAST_MODULES: Prices = { waking: 40_000, module: 10, region: 30, instruction: 1 };
const NEARLY_NOTHING: Prices = { waking: 0, module: 1, region: 4, instruction: 0.05 };
/** Asleep, a region is translated for so many times its price. */
const ASLEEP = 4;

/**
 * In pages that earlier runs have executed, too, the heat of all runs counts, and what that buys is kept. It costs so much more: a place that is a little warm in each run is
 * optimized at the end because it is kept, not because it is hot, and takes half as long then. Other pages may be code that the program makes anew each time.
 */
const KEPT = 2;

/** A place in a translated loop must be so much hotter to become an entry itself. */
const IN_LOOP = 4;
/** Where a stretch's region was too dear: it is looked at again when so much hotter, since it may be come to elsewhere, in a smaller region. */
const LOOK_AGAIN = 2;
/** So many computed jumps to unknown targets are worth another translation, and so many for each of its instructions. */
const UNKNOWN_TARGETS = 2000, UNKNOWN_TARGETS_AN_INSTRUCTION = 40;
/** Regions that wait together, at most: more are no cheaper. */
const BATCH = 32;

export class Heat {
  #prices: Prices;
  /** Those of pages that earlier runs have executed. */
  #kept: Prices;
  #isAwake: boolean;
  /** Samples in interesting stretches while asleep, and in what waits for its module. */
  #missed = 0;
  #waited = 0;

  constructor(engine: Engine, startsAwake: boolean) {
    this.#kept = this.#prices = engine.fastModules ? FAST_MODULES : SLOW_MODULES;
    this.#isAwake = startsAwake;
  }

  /** The program has been run before, and what is bought now is kept: it will be run again. */
  remember(): void {
    if (this.#kept !== this.#prices) return;
    this.#isAwake = true;
    const { waking, module, region, instruction } = this.#prices;
    this.#kept = { waking, module: module * KEPT, region: region * KEPT, instruction: instruction * KEPT };
  }

  /** From now on everything is bought that is come to a few times. */
  makeCheap(): void {
    this.#isAwake = true;
    this.#kept = this.#prices = NEARLY_NOTHING;
  }

  /** How hot a stretch of code must be to be looked at, unless a look at it said something else. `isRemembered`: earlier runs have executed its page. */
  interesting(isRemembered: boolean): number { return this.#pricesOf(isRemembered).region; }

  /** Samples fell into a stretch that has this heat now: what it counts for. */
  noticed(samples: number, heat: number): number {
    if (this.#isAwake) return heat;
    if (heat >= this.#prices.region) this.#missed += samples;
    this.#isAwake = this.#missed >= this.#prices.waking;
    return this.#isAwake ? heat : heat / ASLEEP;
  }

  /** Samples fell into what waits to be translated. */
  waited(samples: number): void { this.#waited += samples; }

  /** What a region costs. */
  priceOf(region: Region, { isInLoop, isRemembered }: { readonly isInLoop: boolean; readonly isRemembered: boolean }): number {
    const prices = this.#pricesOf(isRemembered);
    return (prices.region + Math.ceil(region.instructions * prices.instruction)) * (isInLoop ? IN_LOOP : 1);
  }

  #pricesOf(isRemembered: boolean): Prices { return isRemembered ? this.#kept : this.#prices; }

  /** When to look again at a stretch that has this heat now and did not suffice for `price`. */
  nextLook(heat: number, price: number): number { return Math.min(price, Math.ceil(heat * LOOK_AGAIN)); }

  /** Whether `waiting` regions wait no longer. */
  buysModule(waiting: number): boolean { return waiting >= BATCH || waiting > 0 && this.#waited >= this.#kept.module; }

  bought(): void { this.#waited = 0; }

  /** Computed jumps of a region to targets that it does not know, before it is made anew with them for the nth time. */
  unknownTargets(instructions: number, generation: number): number { return UNKNOWN_TARGETS + UNKNOWN_TARGETS_AN_INSTRUCTION * instructions << generation; }
}
