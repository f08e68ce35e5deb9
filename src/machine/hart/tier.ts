// The seam for faster tiers: what a translator must offer to run beside the interpreter.

/**
 * Translated code. It obeys the interpreter's contract: state in the hart context, EXIT codes of context.ts, the same budget tests at the same places (taken branches,
 * jumps, calls, returns), so that a program is preempted at the same instruction whatever got translated when.
 */
export interface Tier {
  /** Runs from the context's pc for about `fuel` instructions and leaves pc and CTX_FUEL as the interpreter does; or answers NOT_TRANSLATED at once. */
  enter(fuel: number): number;
  /** The frame's code is about to change. */
  drop(pfn: number): void;
}

export const NOT_TRANSLATED = -1;
