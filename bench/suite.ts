// What a benchmark suite is: bench/NAME.ts exports `suite`. Run by tools/bench.mjs.

/** One line of the result. */
export type Report = (what: string, value: number, unit: 'ms' | 'ns' | 'us' | 'MIPS' | 'MB/s' | '1/s' | 'bytes') => void;

export interface Suite {
  readonly name: string;
  run(report: Report): void | Promise<void>;
}
