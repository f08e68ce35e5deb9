// The seam for faster tiers: what a translator must offer to run beside the interpreter.

/**
 * Translated code. It obeys the interpreter's contract: state in the hart context, EXIT codes of context.ts, the same budget tests at the same places, so that a
 * program is preempted at the same instruction whatever got translated when. Where a translation begins the decoded op is H_TRANSLATED with its index.
 */
export interface Tier {
  /** After how many instructions in the interpreter it wants to look at pc. */
  readonly slice: number;
  /** Runs from the context's pc, whose op is H_TRANSLATED, for about `fuel` instructions and leaves pc and CTX_FUEL as the interpreter does. */
  enter(fuel: number): number;
  /** Execution is about to go on in the interpreter at `op`, the decoded form of the instruction at `offset` in the frame. */
  observe(pfn: number, offset: number, op: number, why: Observation): void;
  /** The access of the instruction at `offset` was misaligned within its page, which translated code does not expect of every instruction. */
  misaligned(pfn: number, offset: number): void;
  /** The frame's code is about to change, or its decoded page to go. */
  drop(pfn: number): void;
}

/** What translated code calls at an `ecall`, pc in the context and `fuel` instructions left. Answers how many are left now; 0 or less: come back with the context's exit code. */
export interface EcallGate { ecallFromTier(fuel: number): number }

/** sampled: the interpreter's slice ended here. resumed: translated code was sent back, its fuel spent. left: it jumped here. */
export type Observation = 'sampled' | 'resumed' | 'left';
