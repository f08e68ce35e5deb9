// What the translator knows of a frame: how hot its addresses are, which translations hold instructions of it. It goes with the frame's decoded page.

/** A region's entry. Its function stands at `index` in the table, and the decoded op at `op` leads there. */
export interface Translation {
  readonly index: number;
  readonly pfn: number;
  readonly offset: number;
  readonly op: number;
  /** The virtual page where it was found, and all frames with instructions of the region, by distance from that. */
  readonly vpage: number;
  readonly frames: ReadonlyMap<number, number>;
  /** Where its computed jumps record their targets (sites.ts), or 0. */
  readonly site: number;
  /** Targets of computed jumps that it knows of. */
  readonly targets: readonly number[];
  /** How often it was translated anew because of them. */
  readonly generation: number;
}

export class Frame {
  /** Stretch of code (translator.ts, `lineOf`) -> samples that fell there. */
  readonly heat = new Map<number, number>();
  /** Offset -> samples that make it worth a translation. */
  readonly worth = new Map<number, number>();
  /** Offset of an instruction -> how often its access was misaligned. */
  readonly misaligned = new Map<number, number>();
  readonly translations = new Set<Translation>();
  /** Offsets of blocks in translated loops. Control may be there in the interpreter, but will soon come to the loop's entry. */
  readonly inLoops = new Set<number>();

  /** Adds to the heat of a stretch; answers the sum. */
  heatUp(line: number, by: number): number {
    const heat = (this.heat.get(line) ?? 0) + by;
    this.heat.set(line, heat);
    return heat;
  }
}
