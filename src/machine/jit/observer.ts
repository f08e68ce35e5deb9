// What a tool may watch of the translator: golden tests and `kspace jit dump`. Nothing is called and nothing kept when no observer is set.
import type { Region } from './region.ts';

export interface TranslationObserver {
  /** Told of every entry and exit of every region, which then are slower; or null. */
  readonly counter: RegionCounter | null;
  /** A clock in microseconds: the machine has none of its own. */
  microseconds(): number;
  /** A module has been made, in `generator` microseconds, and compiled by the engine, in `engine`. */
  translated(module: TranslatedModule, generator: number, engine: number): void;
}

export interface RegionCounter {
  entered(id: number): void;
  /** `pc`: low word of where it goes on, -1 if the context says why it was left. */
  left(id: number, pc: number): void;
}

export interface TranslatedModule {
  readonly bytes: Uint8Array;
  readonly functions: readonly TranslatedFunction[];
}

export interface TranslatedFunction {
  /** What the counter calls it. */
  readonly id: number;
  /** As the module exports it. */
  readonly name: string;
  /** Frame of the entry's page. */
  readonly pfn: number;
  readonly region: Region;
  /** Size of its code. */
  readonly bytes: number;
  /** Parameters and locals by index, '' where they have no name. */
  readonly locals: readonly string[];
  /** Which code is whose: body.ts. */
  readonly marks: readonly number[];
}
