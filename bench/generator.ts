// Suite generator: what it costs to make WebAssembly of guest instructions, from discovery to the bytes of a module, without the engine's part. Programs of
// test/guest are not run: their functions are found by the calls that lead to them, and each is a region. cold: the first instructions that this process translates.
// warm: the median over all regions, each in its best round. Another program: --elf FILE.
import { readFileSync } from 'node:fs';
import { FlatMachine } from '../src/machine/hart/flat.ts';
import { Batch } from '../src/machine/jit/batch.ts';
import { discover, type Region } from '../src/machine/jit/region.ts';
import type { Suite } from './suite.ts';

const PROGRAMS = ['fuse-device', 'escape-proc', 'keyrings', 'fuse-files'];
const COLD = 2000, LIMIT = 500, ROUNDS = 8;

interface Made { readonly entry: number; readonly instructions: number; readonly us: number; readonly bytes: number }

export const suite: Suite = {
  name: 'generator',
  run(report) {
    const at = process.argv.indexOf('--elf');
    const files = at < 0 ? PROGRAMS.map(n => `${process.env['KSPACE_ROOT'] ?? ''}test/guest/bin/${n}`) : [process.argv[at + 1]!];
    const programs = files.map(f => new Program(f));
    let left = COLD;
    const cold = sum(programs.flatMap(p => {
      const made = p.translate(left);
      left -= sum(made).instructions;
      return made;
    }));
    report(`generator, cold (first ${cold.instructions} instructions)`, cold.us / cold.instructions, 'us');
    const best = programs.map(p => p.translate(Infinity));
    for (let round = 1; round < ROUNDS; round++) programs.forEach((p, i) => { best[i] = p.translate(Infinity).map((m, k) => (m.us < best[i]![k]!.us ? m : best[i]![k]!)); });
    const all = best.flat(), costs = all.map(m => m.us / m.instructions).sort((a, b) => a - b), { instructions, bytes } = sum(all);
    report(`generator, warm (${all.length} regions, ${instructions} instructions)`, costs[costs.length >> 1]!, 'us');
    report('wasm by guest instruction', bytes / instructions, 'bytes');
  },
};

function sum(all: readonly Made[]): Omit<Made, 'entry'> {
  return all.reduce((s, m) => ({ instructions: s.instructions + m.instructions, us: s.us + m.us, bytes: s.bytes + m.bytes }), { instructions: 0, us: 0, bytes: 0 });
}

/** A program in memory, to be read by the translator only. */
class Program {
  readonly #m = new FlatMachine(16 << 20);
  readonly #entry: number;
  readonly #frames = new Map<number, number>();

  constructor(file: string) { this.#entry = this.#m.loadElf(readFileSync(file)); }

  /** Makes regions of functions, from the program's entry on, until there are so many instructions. */
  translate(limit: number): Made[] {
    const made: Made[] = [], entries = new Set([this.#entry]);
    let instructions = 0;
    for (const entry of entries) {
      if (instructions >= limit) break;
      const start = performance.now(), page = Math.floor(entry / 4096), region = this.#discover(page, entry & 4095);
      if (region === null) continue;
      const bytes = this.#module(page, region).length;
      made.push({ entry, instructions: region.instructions, us: (performance.now() - start) * 1000, bytes });
      instructions += region.instructions;
      for (const b of region.blocks) if (b.end === 'call' && b.insns.at(-1)!.insn!.name === 'jal') entries.add(page * 4096 + b.target);
    }
    return made;
  }

  #frame(page: number): number {
    let f = this.#frames.get(page);
    if (f === undefined) this.#frames.set(page, f = this.#m.hart.mmu.translate(page * 4096, 0) >> 12);
    return f;
  }

  #discover(page: number, offset: number): Region | null {
    return discover({ ram: this.#m.ram, frameOf: n => this.#frame(page + n), hasRun: () => true }, offset, { limit: LIMIT });
  }

  /** As the translator does it for a region by itself. */
  #module(page: number, region: Region): Uint8Array {
    const { ram, hart } = this.#m, vpage = page, pfn = this.#frame(page), frames = new Map(region.pages.map(p => [p, this.#frame(page + p)]));
    return new Batch(ram, hart.base, hart.engine, [{ vpage, pfn, offset: region.entry, region, frames, targets: [], generation: 0, index: 0, id: 0, hasSite: false }], 'no').bytes;
  }
}
