// Keeps what the translator makes while programs run: the modules, and which code of which file each function came from. It reads page tables and mappings but
// touches nothing, so that programs run as they would without. Names are found afterwards (report.ts).
import { PROT_EXEC } from '../../abi/mman.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import type { Task } from '../../kernel/task/task.ts';
import { renderFile } from '../../kernel/vfs/d-path.ts';
import { CTX_EXIT } from '../../machine/hart/context.ts';
import type { TranslatedFunction, TranslatedModule, TranslationObserver, RegionCounter } from '../../machine/jit/observer.ts';
import { PTE_PPN_SHIFT, PTE_V } from '../../machine/machine.ts';

/** Where the entry of a region is mapped. */
export interface Origin {
  readonly address: number;
  /** As in /proc/PID/maps; '' is anonymous memory: code that the guest has made itself. */
  readonly path: string;
  /** Offset in the file. */
  readonly offset: number;
}

export interface RecordedRegion {
  readonly module: TranslatedModule;
  readonly f: TranslatedFunction;
  /** Null: no process maps the frame any more. */
  readonly origin: Origin | null;
  /** Its part of what its module took, in microseconds. */
  readonly generator: number;
  readonly engine: number;
}

/** Why a region was left, besides by going on elsewhere; by EXIT code (machine/hart/context.ts). */
export const EXIT_NAMES = ['budget', 'fetch', 'undecoded', 'load', 'store', 'atomic', 'slow', 'ecall', 'translated', 'unwind', 'again', 'sample'] as const;
/** The place behind them: it went on elsewhere, by a jump or a return. */
export const WENT_ON = EXIT_NAMES.length;

/** Counts by region. */
class Counter implements RegionCounter {
  readonly entries: number[] = [];
  readonly exits: number[][] = [];
  /** Says why the region that is being left is left. */
  exitCode: () => number = () => WENT_ON;

  entered(id: number): void { this.entries[id] = (this.entries[id] ?? 0) + 1; }
  left(id: number, pc: number): void {
    const why = pc === -1 ? this.exitCode() : WENT_ON, counts = this.exits[id] ??= new Array<number>(WENT_ON + 1).fill(0);
    counts[why]!++;
  }
}

export class TranslationRecorder implements TranslationObserver {
  readonly regions: RecordedRegion[] = [];
  readonly counter: Counter | null;
  readonly #microseconds: () => number;
  #kernel: Kernel | null = null;
  /** As whom paths are seen. */
  #init: Task | null = null;

  /** `microseconds` is a clock; with `counts` every entry and exit is counted. */
  constructor({ microseconds, counts }: { readonly microseconds: () => number; readonly counts: boolean }) {
    this.#microseconds = microseconds;
    this.counter = counts ? new Counter() : null;
  }

  attach(kernel: Kernel, init: Task): void {
    this.#kernel = kernel;
    const { i32 } = kernel.machine.ram, at = kernel.machine.harts[0]!.base + CTX_EXIT >>> 2;
    if (this.counter !== null) this.counter.exitCode = () => i32[at]!;
    this.#init = init;
  }

  microseconds(): number { return this.#microseconds(); }

  translated(module: TranslatedModule, generator: number, engine: number): void {
    const total = module.functions.reduce((n, f) => n + f.region.instructions, 0);
    for (const f of module.functions) {
      const part = f.region.instructions / total;
      this.regions.push({ module, f, origin: this.#originOf(f), generator: generator * part, engine: engine * part });
    }
  }

  /** Looks in the running process first. */
  #originOf(f: TranslatedFunction): Origin | null {
    const k = this.#kernel;
    if (k === null) return null;
    const spaces = new Set([k.current.mm, ...[...k.pids.processes.values()].map(p => p.leader.mm)]);
    for (const mm of spaces) {
      const origin = mm === null ? null : this.#find(mm, f);
      if (origin !== null) return origin;
    }
    return null;
  }

  #find(mm: AddressSpace, { pfn, region }: TranslatedFunction): Origin | null {
    for (const v of mm.vmas()) {
      if ((v.prot & PROT_EXEC) === 0) continue;
      for (let va = v.start; va < v.end; va += 4096) {
        const pte = mm.table.read(va / 4096);
        if ((pte & PTE_V) === 0 || pte >>> PTE_PPN_SHIFT !== pfn) continue;
        const path = v.name !== '' ? v.name : v.file === null ? '' : renderFile(v.file, this.#init!.fs.root);
        return { address: va + region.entry, path, offset: v.offset + va - v.start + region.entry };
      }
    }
    return null;
  }
}
