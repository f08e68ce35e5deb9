// Swapping to a file of a file system on a disk (swapon(2)): where its blocks are is asked once, then the disk below is read and written, past the page
// cache and the file system. As long as that goes on, nobody may write to the file, cut it or take its name away.
import type { Errno } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { SwapArea } from '../mm/swap-area.ts';
import type { Inode } from '../vfs/inode.ts';
import { type Bio, BioBuilder, type IoBatch, type OP_READ, type OP_WRITE, SECTOR_SHIFT } from './bio.ts';
import type { BlockDevice } from './disk.ts';
import { BlockSwap } from './swap-store.ts';

export class FileSwap extends BlockSwap {
  override readonly pages: number;
  private readonly inode: Inode;
  /** The file's blocks on the device, in order; no holes. */
  private readonly blocks: Uint32Array;
  private readonly blockBytes: number;

  constructor(device: BlockDevice, inode: Inode, blocks: Uint32Array, blockBytes: number) {
    super(device);
    this.inode = inode;
    this.blocks = blocks;
    this.blockBytes = blockBytes;
    this.pages = Math.floor(blocks.length * blockBytes / PAGE_SIZE);
  }

  /** Runs of neighbouring blocks. */
  override get extents(): number {
    let n = 1;
    for (let i = 1; i < this.blocks.length; i++) if (this.blocks[i] !== this.blocks[i - 1]! + 1) n++;
    return n;
  }

  override open(area: SwapArea): 0 | Errno {
    this.inode.isSwapFile = true;
    return super.open(area);
  }
  override close(): void { this.inode.isSwapFile = false; }

  protected override bios(op: typeof OP_READ | typeof OP_WRITE, page: number, addr: number, batch: IoBatch): readonly Bio[] {
    const { blocks, blockBytes } = this;
    const perPage = PAGE_SIZE / blockBytes, first = page * perPage;
    const builder = new BioBuilder(op, batch, this.device.disk.limits);
    for (let i = 0; i < perPage; i++) builder.add(blocks[first + i]! * (blockBytes >> SECTOR_SHIFT), addr + i * blockBytes, blockBytes);
    return builder.finish();
  }
}
