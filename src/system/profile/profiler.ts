// Takes the samples of a profile: registers, the top of the stack and what is mapped executable, copied while the guest stands still. Nothing is read from
// files and no page is faulted in, so that the guest runs as it would without; names and callers are found afterwards (unwinder.ts).
import { PROT_EXEC } from '../../abi/mman.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import type { Task } from '../../kernel/task/task.ts';
import { renderFile } from '../../kernel/vfs/d-path.ts';
import { ACCESS_READ, CTX_PC, type Hart } from '../../machine/machine.ts';
import { SampledHart, type Sampler } from './sampled-hart.ts';

/** Callers further up the stack than this are not seen. */
const STACK_BYTES = 16384;
/** When so many are there, every other one goes and the interval doubles. */
const MOST_SAMPLES = 8192;
const PAGE = 4096;

/** An executable mapping. `path` as in /proc/PID/maps; '' is anonymous memory: code that the guest has made itself. */
export interface Module { readonly start: number; readonly end: number; readonly offset: number; readonly path: string }

export interface Sample {
  /** 'name' of the task, and its ids. */
  readonly task: string;
  readonly pid: number;
  readonly tid: number;
  readonly pc: number;
  /** x0..x31. */
  readonly x: Float64Array;
  /** Memory from sp upwards. */
  readonly stack: Uint8Array;
  readonly modules: readonly Module[];
  /** Instructions retired since power-on. */
  readonly instret: number;
}

export class Profiler implements Sampler {
  readonly hart: SampledHart;
  samples: Sample[] = [];
  #kernel: Kernel | null = null;
  /** As whom paths are seen. */
  #init: Task | null = null;
  /** Equal lists of modules are one. */
  readonly #lists = new Map<string, readonly Module[]>();

  constructor(hart: Hart, interval: number) { this.hart = new SampledHart(hart, this, interval); }

  /** Instructions between two samples. */
  get interval(): number { return this.hart.interval; }

  /** From here on samples are taken. */
  attach(kernel: Kernel, init: Task): void {
    this.#kernel = kernel;
    this.#init = init;
  }

  sample(hart: Hart): void {
    const k = this.#kernel, t = k?.current;
    if (k === null || t === undefined || t.mm === null) return;
    const x = new Float64Array(32);
    for (let i = 0; i < 32; i++) x[i] = word(hart.x, 2 * i);
    this.samples.push({
      task: t.name, pid: t.process.pid, tid: t.tid, pc: word(hart.x, CTX_PC >> 2), x, stack: this.#stack(hart, k, x[2]!), modules: this.#modules(t.mm),
      instret: hart.instret,
    });
    if (this.samples.length < MOST_SAMPLES) return;
    this.samples = this.samples.filter((_, i) => i % 2 === 1);
    this.hart.interval *= 2;
  }

  #stack(hart: Hart, k: Kernel, sp: number): Uint8Array {
    const copy = new Uint8Array(STACK_BYTES), { u8 } = k.machine.ram;
    let done = 0;
    while (done < STACK_BYTES) {
      const at = sp + done, paddr = hart.mmu.translate(at, ACCESS_READ);
      if (paddr < 0) break;
      const n = Math.min(STACK_BYTES - done, PAGE - at % PAGE);
      copy.set(u8.subarray(paddr, paddr + n), done);
      done += n;
    }
    return copy.slice(0, done);
  }

  #modules(mm: AddressSpace): readonly Module[] {
    const list: Module[] = [];
    for (const v of mm.vmas()) {
      if ((v.prot & PROT_EXEC) === 0) continue;
      const path = v.name !== '' ? v.name : v.file === null ? '' : renderFile(v.file, this.#init!.fs.root);
      list.push({ start: v.start, end: v.end, offset: v.offset, path });
    }
    const key = list.map(m => `${m.start} ${m.end} ${m.path}`).join('\n');
    const known = this.#lists.get(key);
    if (known === undefined) this.#lists.set(key, list);
    return known ?? list;
  }
}

const word = (x: Int32Array, i: number): number => (x[i + 1]! >>> 0) * 2 ** 32 + (x[i]! >>> 0);
