// A translation store that is an object: what one machine keeps, the next one finds.
import type { KeptModule, Legacy, PageHeat, StoreLine, TranslationStore } from '../../src/machine/jit/store.ts';

export class MemoryStore implements TranslationStore {
  modules: KeptModule[] = [];
  heat = new Map<number, PageHeat>();
  /** Modules that were asked for. */
  opened = 0;
  readonly #own = new Map<string, WebAssembly.Module>();

  linesOf(sum: number): StoreLine[] { return this.#lines.filter(l => l.sum === sum); }
  heatOf(sum: number): PageHeat | undefined { return this.heat.get(sum); }
  get places(): number[] { return this.#lines.map(l => l.index); }

  get #lines(): StoreLine[] {
    return this.modules.flatMap((m, module) => m.regions.map(({ sum, offset, generation, index }, number) => ({ sum, offset, generation, index, module, number })));
  }

  module(name: string, make: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
    let m = this.#own.get(name);
    if (m === undefined) this.#own.set(name, m = new WebAssembly.Module(make()));
    return m;
  }

  open(module: number): KeptModule | null {
    this.opened++;
    return this.modules[module] ?? null;
  }

  sizeOf(module: number): number { return this.modules[module]!.regions.length; }

  keep({ made, merged, heat }: Legacy): void {
    for (const [sum, of] of heat) this.heat.set(sum, new Map(of));
    this.modules = [...this.modules.filter((_, i) => !merged.includes(i)), ...made];
  }
}
