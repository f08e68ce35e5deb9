// The memory that a packet socket shares with its program (packet(7), PACKET_RX_RING): pages that are all there from the beginning and stay there, so that a
// frame can be written when it comes, whoever runs. The program is not trusted: nothing that it writes is used but the status words.
import { type Errno, type Fallible, ENOMEM, isErr } from '../../../abi/errno.ts';
import { PAGE_SIZE } from '../../../machine/machine.ts';
import { ShmemCache } from '../../mm/shmem.ts';
import type { Task } from '../../task/task.ts';

export class RingPages extends ShmemCache {
  override get staysInMemory(): boolean { return true; }
}

export class RingMemory {
  readonly pages: RingPages;
  readonly bytes: number;
  private readonly pfns: Int32Array;
  private readonly u8: Uint8Array;
  private readonly u32: Uint32Array;

  /** `bytes`: whole pages, zeros. ENOMEM. */
  static create(t: Task, bytes: number): Fallible<RingMemory> {
    const { frames, machine } = t.kernel;
    if (bytes / PAGE_SIZE > frames.freeCount / 2) return ENOMEM;
    const pages = new RingPages(frames, null, bytes, null, 'at once');
    pages.hold();
    const pfns = new Int32Array(bytes / PAGE_SIZE);
    for (let i = 0; i < pfns.length; i++) {
      const pfn: number | Errno = pages.getPage(t, i);
      if (isErr(pfn)) {
        pages.release();
        return pfn;
      }
      pfns[i] = pfn;
    }
    return new RingMemory(pages, bytes, pfns, machine.ram);
  }

  private constructor(pages: RingPages, bytes: number, pfns: Int32Array, ram: { readonly u8: Uint8Array; readonly u32: Uint32Array }) {
    this.pages = pages;
    this.bytes = bytes;
    this.pfns = pfns;
    this.u8 = ram.u8;
    this.u32 = ram.u32;
  }

  get isMapped(): boolean { return this.pages.mappings.size > 0; }

  /** A word at a multiple of four. */
  get(at: number): number { return this.u32[(this.pfns[at >>> 12]! * PAGE_SIZE + (at & 4095)) >>> 2]!; }
  set(at: number, word: number): void { this.u32[(this.pfns[at >>> 12]! * PAGE_SIZE + (at & 4095)) >>> 2] = word; }

  put(at: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const inPage = (at + done) & 4095;
      const n = Math.min(PAGE_SIZE - inPage, bytes.length - done);
      this.u8.set(bytes.subarray(done, done + n), this.pfns[(at + done) >>> 12]! * PAGE_SIZE + inPage);
      done += n;
    }
  }

  /** The socket is done with it; mappings keep it. */
  release(): void { this.pages.release(); }
}
