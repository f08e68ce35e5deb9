// /dev/zram0: a disk in the machine's own memory whose pages are compressed (Linux, Documentation/admin-guide/blockdev/zram.rst). As a swap area it makes
// memory seem larger: pages of one repeated word cost nothing, others their LZ4 block, and what does not compress a whole frame.
import { EIO, type Errno, ENOTTY } from '../abi/errno.ts';
import { decompress, Lz4 } from '../lib/lz4.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import { type Bio, OP_DISCARD, OP_READ, OP_WRITE, OP_ZERO } from '../kernel/block/bio.ts';
import { BlockDriver, Disk } from '../kernel/block/disk.ts';
import type { Request } from '../kernel/block/scheduler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { KIND_KERNEL } from '../kernel/mm/frame-kinds.ts';
import type { Frames } from '../kernel/mm/frames.ts';
import { MAX_OBJECT, ZPool } from '../kernel/mm/zpool.ts';

const MAJOR = 251;
const SECTORS_PER_PAGE = PAGE_SIZE / 512;
const LIMITS = {
  maxSectors: 2048, maxSegments: 128, maxDiscardSectors: 2 ** 22, maxZeroSectors: 2 ** 22, logicalBlock: PAGE_SIZE, physicalBlock: PAGE_SIZE, cache: 'write-through' as const,
};
/** How a page is kept. */
const EMPTY = 0, SAME = 1, COMPRESSED = 2, HUGE = 3;

/** A disk of `bytes`, which must be whole pages. */
export function addZram(kernel: Kernel, bytes: number): Disk {
  kernel.block.registerMajor(MAJOR, 'zram');
  const disk = new Zram(kernel, bytes).disk;
  kernel.block.add(disk, 'no table');
  kernel.log.add(6, kernel.now(), `zram: Added device: zram0 of ${bytes / 1024}K`);
  return disk;
}

export class Zram extends BlockDriver {
  readonly disk: Disk;
  private readonly frames: Frames;
  private readonly pool: ZPool;
  private readonly lz4 = new Lz4();
  private readonly how: Uint8Array;
  /** SAME: the word. COMPRESSED: the pool's handle. HUGE: the frame. */
  private readonly what: Int32Array;
  private readonly length: Uint16Array;
  private readonly page = new Uint8Array(PAGE_SIZE);
  private readonly words: Int32Array;
  private readonly coded = new Uint8Array(MAX_OBJECT);
  /** mm_stat of Linux: bytes stored, bytes after compression. */
  storedBytes = 0;
  codedBytes = 0;

  constructor(kernel: Kernel, bytes: number) {
    super();
    this.frames = kernel.frames;
    this.pool = new ZPool(kernel.frames);
    this.words = new Int32Array(this.page.buffer);
    const pages = bytes / PAGE_SIZE;
    this.how = new Uint8Array(pages);
    this.what = new Int32Array(pages);
    this.length = new Uint16Array(pages);
    this.disk = new Disk(kernel, this, { name: 'zram0', major: MAJOR, firstMinor: 0, minors: 1, sectors: pages * SECTORS_PER_PAGE, limits: LIMITS, access: 'read-write' });
  }

  override start(r: Request): 'started' {
    let status: 0 | Errno = 0;
    for (const bio of r.bios) status = this.serve(bio) || status;
    this.disk.ended(r, status);
    return 'started';
  }

  override ioctl(): Errno { return ENOTTY; }
  override slotFreed(page: number): void { this.drop(page); }

  private serve(bio: Bio): 0 | Errno {
    if (bio.op === OP_DISCARD || bio.op === OP_ZERO) return this.clear(bio.sector, bio.sectors);
    let at = bio.sector * 512, status: 0 | Errno = 0;
    for (let i = 0; i < bio.addrs.length && (bio.op === OP_READ || bio.op === OP_WRITE); i++) {
      for (let done = 0; done < bio.lengths[i]!;) {
        const n = Math.min(PAGE_SIZE - at % PAGE_SIZE, bio.lengths[i]! - done);
        status = this.transfer(bio.op, at, bio.addrs[i]! + done, n) || status;
        at += n;
        done += n;
      }
    }
    return status;
  }

  /** `n` bytes within one page of the disk. */
  private transfer(op: typeof OP_READ | typeof OP_WRITE, at: number, paddr: number, n: number): 0 | Errno {
    const { u8 } = this.frames.ram;
    const index = Math.floor(at / PAGE_SIZE), offset = at % PAGE_SIZE;
    if (op === OP_READ) {
      if (!this.load(index)) return EIO;
      u8.set(this.page.subarray(offset, offset + n), paddr);
      return 0;
    }
    if (n < PAGE_SIZE && !this.load(index)) return EIO;
    this.page.set(u8.subarray(paddr, paddr + n), offset);
    return this.store(index);
  }

  private clear(sector: number, sectors: number): 0 {
    const end = Math.floor((sector + sectors) / SECTORS_PER_PAGE);
    for (let i = Math.ceil(sector / SECTORS_PER_PAGE); i < end; i++) this.drop(i);
    return 0;
  }

  /** Into `this.page`. */
  private load(index: number): boolean {
    const what = this.what[index]!;
    switch (this.how[index]) {
      case SAME: this.words.fill(what); return true;
      case HUGE: this.page.set(this.frames.ram.u8.subarray(what * PAGE_SIZE, (what + 1) * PAGE_SIZE)); return true;
      case COMPRESSED: {
        const length = this.length[index]!;
        this.pool.load(what, this.coded, length);
        return decompress(this.coded, 0, length, this.page, 0, PAGE_SIZE) === PAGE_SIZE;
      }
      default: this.page.fill(0); return true;
    }
  }

  /** From `this.page`. Without memory the old contents stay, and the writer hears of it. */
  private store(index: number): 0 | Errno {
    if (this.isSame()) {
      this.drop(index);
      return this.keep(index, SAME, this.words[0]!, 0);
    }
    const length = this.lz4.compress(this.page, 0, PAGE_SIZE, this.coded);
    if (length > 0) {
      const handle = this.pool.store(this.coded, length);
      if (handle < 0) return EIO;
      this.drop(index);
      return this.keep(index, COMPRESSED, handle, length);
    }
    const { frames } = this;
    // When memory is short this would gain nothing: the page goes to the next swap area, or stays.
    const pfn = frames.freeCount > frames.high ? frames.allocRaw(KIND_KERNEL) : -1;
    if (pfn < 0) return EIO;
    frames.ram.u8.set(this.page, pfn * PAGE_SIZE);
    this.drop(index);
    return this.keep(index, HUGE, pfn, PAGE_SIZE);
  }

  private keep(index: number, how: number, what: number, length: number): 0 {
    this.how[index] = how;
    this.what[index] = what;
    this.length[index] = length;
    this.storedBytes += PAGE_SIZE;
    this.codedBytes += length;
    return 0;
  }

  private drop(index: number): void {
    const how = this.how[index];
    if (how === EMPTY) return;
    if (how === COMPRESSED) this.pool.free(this.what[index]!);
    else if (how === HUGE) this.frames.put(this.what[index]!);
    this.storedBytes -= PAGE_SIZE;
    this.codedBytes -= this.length[index]!;
    this.how[index] = EMPTY;
  }

  private isSame(): boolean {
    const { words } = this;
    const first = words[0]!;
    for (let i = 1; i < words.length; i++) if (words[i] !== first) return false;
    return true;
  }
}
