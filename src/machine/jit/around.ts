// What the translator sees of the memory around a hot place: by pages, as distances from that place's.
import { H_UNDECODED } from '../hart/op.ts';
import type { TierHost } from '../hart/tier.ts';
import { CTX_X } from '../machine.ts';
import type { RamImpl } from '../ram.ts';
import type { Insn } from './insn.ts';
import { REACH, type Surroundings } from './region.ts';

export class Around implements Surroundings {
  readonly ram: RamImpl;
  /** Number of the page that the others are counted from. */
  readonly vpage: number;
  readonly #host: TierHost;
  readonly #isEager: boolean;
  readonly #frames = new Map<number, number>();

  /** `isEager`: all code counts as run. */
  constructor(ram: RamImpl, host: TierHost, vpage: number, isEager: boolean) {
    this.ram = ram;
    this.vpage = vpage;
    this.#host = host;
    this.#isEager = isEager;
  }

  frameOf(page: number): number {
    let f = this.#frames.get(page);
    if (f === undefined) this.#frames.set(page, f = this.#host.codeFrame(this.vpage + page));
    return f;
  }

  hasRun(at: number): boolean { return this.#isEager || this.#isDecoded(at); }

  /** Where a computed call's register points now, as an offset, if there is code that has run; else NaN. */
  calleeOf({ rs1, imm }: Insn): number {
    const { i32, u32 } = this.ram, x = this.#host.base + CTX_X + rs1 * 8, at = i32[x + 4 >>> 2]! * 2 ** 32 + u32[x >>> 2]! + imm - this.vpage * 4096;
    return at % 2 === 0 && Math.abs(at) < REACH * 4096 && this.#isDecoded(at) ? at : NaN;
  }

  /** Frames of pages; null if one of them has no decoded page: decoding one may have taken another one's place. */
  framesOf(pages: readonly number[]): ReadonlyMap<number, number> | null {
    const frames = new Map(pages.map(page => [page, this.frameOf(page)]));
    for (const f of frames.values()) if (this.#host.decodedPage(f) === 0) return null;
    return frames;
  }

  #isDecoded(at: number): boolean {
    const pfn = this.frameOf(at >> 12), ops = pfn < 0 ? 0 : this.#host.decodedPage(pfn);
    return ops !== 0 && this.ram.u16[ops + (at & 4095) * 4 >>> 1] !== H_UNDECODED;
  }
}
