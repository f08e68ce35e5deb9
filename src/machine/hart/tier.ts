// The seam for faster tiers: what a translator must offer to run beside the interpreter.
import type { Engine } from '../engine.ts';
import type { Interpret } from './interpreter.ts';

/**
 * Translated code. It obeys the interpreter's contract: state in the hart context, EXIT codes of context.ts, the same budget tests at the same places, so that a
 * program is preempted at the same instruction whatever got translated when. Where a translation begins the decoded op is H_TRANSLATED with its index.
 */
export interface Tier {
  /**
   * Runs from the context's pc, translated or not, for about `fuel` instructions, and leaves pc and CTX_FUEL as the interpreter does. Answers an EXIT code;
   * EXIT_SAMPLE if the interpreter's slice of instructions is spent, EXIT_FUEL also from translated code.
   */
  run(fuel: number): number;
  /** The interpreter spends time from `offset` in the frame on, mapped at page `vpage`, which is not translated. */
  observe(vpage: number, pfn: number, offset: number, why: Observation): void;
  /** Nothing is being executed: a time to translate. After each sample and each spent budget. */
  rest(): void;
  /** The page is executed from now on, for all the tier knows for the first time. True: its decoded page has changed, or gone. */
  entered(vpage: number, pfn: number): boolean;
  /** The access of the instruction at `offset` was misaligned within its page, which translated code does not expect of every instruction. */
  misaligned(pfn: number, offset: number): void;
  /** The frame's code is about to change, or only its decoded page to go. */
  drop(pfn: number, why: Loss): void;
}

/** What a tier needs of the hart. */
export interface TierHost {
  readonly engine: Engine;
  readonly base: number;
  readonly interpret: Interpret;
  /**
   * What translated code calls at an `ecall`, pc in the context and `fuel` instructions left. Answers how many are left now; 0 or less: come back with the
   * context's exit code.
   */
  ecallFromTier(fuel: number): number;
  /** Number of the active address space, below TLB_SLOTS. */
  readonly space: number;
  /** Grows when a page, of code or data and in whatever space, is no longer where a look-up has found it. */
  readonly changes: number;
  /** Frame of a virtual page, if it can be fetched from, else -1. It has a decoded page from now on. */
  codeFrame(vpage: number): number;
  /** Address of the frame's decoded page, or 0. */
  decodedPage(pfn: number): number;
  /** Sum of a frame with a decoded page: those of the same content have the same. */
  sumOf(pfn: number): number;
}

/** sampled: the interpreter's slice ended in what was run from here on, or here. resumed: translated code has spent its budget here. */
export type Observation = 'sampled' | 'resumed';

/** changed: what was decoded is no longer the code, or nobody's; evicted: others need the place. */
export type Loss = 'changed' | 'evicted';
