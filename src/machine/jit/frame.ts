// What the translator knows of a frame: how hot its addresses are, which translations hold instructions of it. It goes with the frame's decoded page.
import type { Region } from './region.ts';
import type { PageHeat } from './store.ts';

/** What is translated: a region as found in the page `vpage`, and all frames with instructions of it, by distance from that page. */
export interface Candidate {
  readonly vpage: number;
  readonly pfn: number;
  readonly offset: number;
  readonly region: Region;
  readonly frames: ReadonlyMap<number, number>;
  /** Targets of computed jumps that it knows of. */
  readonly targets: readonly number[];
  /** How often it was translated anew because of them. */
  readonly generation: number;
}

/** A region's entry. Its function stands at `index` in the table, and the decoded op at `op` leads there. */
export interface Translation extends Omit<Candidate, 'region'> {
  readonly index: number;
  readonly op: number;
  readonly instructions: number;
  /** Where they lie (store.ts, `stretchesOf`). */
  readonly stretches: readonly number[];
  /** Where its computed jumps record their targets (sites.ts), or 0. */
  readonly site: number;
  /** An earlier run has translated it (library.ts): its function stays in the table. */
  readonly isKept: boolean;
}

/** Heat is counted for stretches of 128 bytes: one function is come to in many places. The place that is come to when the stretch is hot is the entry. */
const LINE = 7;
/** Stretches of a page. */
export const LINES = 4096 >> LINE;
export function lineOf(offset: number): number { return offset >> LINE; }

export class Frame {
  /** Stretch of code -> samples that fell there, and how many make it worth another look. */
  readonly heat = new Map<number, number>();
  readonly worth = new Map<number, number>();
  /** Stretches with instructions of a region that waits for its translation. */
  readonly waiting = new Set<number>();
  /** Offsets that cannot be entries: the hart executes them. */
  readonly refused = new Set<number>();
  /** Offset of an instruction -> how often its access was misaligned. */
  readonly misaligned = new Map<number, number>();
  /** Offset of a computed call -> how far away the code was that its register pointed to; how often a region has waited to see that. */
  readonly callees = new Map<number, number>();
  readonly patience = new Map<number, number>();
  /** Entries of regions in other pages of which code has changed: they take in no callees any more. */
  readonly unsteady = new Set<number>();
  readonly translations = new Set<Translation>();
  /** Earlier runs have executed it. */
  isRemembered = false;
  /** It was looked at for what earlier runs have translated. */
  isKnown = false;
  /** Offsets of blocks in translated loops. Control may be there in the interpreter, but will soon come to the loop's entry. */
  readonly inLoops = new Set<number>();
  /** Entries of small translated loops -> offsets of their blocks: large regions around them leave them alone. */
  readonly smallLoops = new Map<number, ReadonlySet<number>>();

  /** Adds to the heat of a stretch; answers the sum. */
  heatUp(line: number, by: number): number {
    const heat = (this.heat.get(line) ?? 0) + by;
    this.heat.set(line, heat);
    return heat;
  }

  /** Takes the heat that earlier runs have left into account. */
  recall(before: PageHeat): void {
    this.isRemembered = true;
    for (const [line, samples] of before) this.heatUp(line, samples);
  }

  coolDown(line: number): void {
    this.heat.delete(line);
    this.worth.delete(line);
  }
}
