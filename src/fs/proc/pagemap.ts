// /proc/PID/pagemap (proc_pid_pagemap(5)): eight bytes for each page of the address space: the frame that holds it, or the slot where it is swapped to.
import { type Errno, type Fallible, EINVAL } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { S_IFREG } from '../../abi/stat.ts';
import { KIND_ANON } from '../../kernel/mm/frame-kinds.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import { isPresent, isSwapped, ptePfn, swapSlot } from '../../kernel/mm/page-table.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import type { SuperBlock } from '../../kernel/vfs/super-block.ts';
import { PseudoInode } from '../pseudo/node.ts';
import { mayInspect } from './access.ts';
import { seekIn } from './mem.ts';
import { refreshOwner } from './owner.ts';

const ENTRY = 8, CHUNK = 65536;
/** Pages of the user half of Sv39. */
const PAGES = 2 ** 26;
/** Bits of the high word. */
const PRESENT = 1 << 31, SWAPPED = 1 << 30, FILE_OR_SHARED = 1 << 29, EXCLUSIVE = 1 << 24;
/** Where the offset in the swap area begins, behind its number. */
const SWAP_OFFSET_SHIFT = 5;

export class PagemapInode extends PseudoInode {
  private readonly of: Task;
  constructor(sb: SuperBlock, ino: number, mode: number, of: Task) {
    super(sb, ino, S_IFREG | mode);
    this.of = of;
    refreshOwner(this, of);
  }
  override refresh(): 0 | Errno { return refreshOwner(this, this.of); }
  override open(t: Task, flags: number): Fallible<OpenFile> {
    const denied = mayInspect(t, this.of);
    return denied !== 0 ? denied : new PagemapFile(this, flags, this.of.mm, t.cred.has(CAP_SYS_ADMIN) ? 'frames' : 'no frames');
  }
}

class PagemapFile extends OpenFile {
  private readonly mm: AddressSpace | null;
  /** Frame numbers help attackers: only the administrator, as of opening, sees them. */
  private readonly shows: 'frames' | 'no frames';
  constructor(inode: PagemapInode, flags: number, mm: AddressSpace | null, shows: 'frames' | 'no frames') {
    super(inode, flags);
    this.mm = mm;
    this.shows = shows;
  }
  override get isSeekable(): boolean { return true; }
  override seek(_t: Task, offset: number, whence: number): number | Errno { return seekIn(this, offset, whence); }

  override read(_t: Task, io: IoBuffer, pos: number): number | Errno {
    const { mm } = this;
    if (mm === null || mm.users === 0) return 0;
    if (pos % ENTRY !== 0 || io.remaining % ENTRY !== 0) return EINVAL;
    const first = pos / ENTRY;
    const count = Math.min(io.remaining / ENTRY, CHUNK / ENTRY, PAGES - first);
    if (count <= 0) return 0;
    const words = new Uint32Array(count * 2);
    for (let vpn = mm.table.find(first, first + count); vpn >= 0; vpn = mm.table.find(vpn + 1, first + count)) this.entry(mm, vpn, words, (vpn - first) * 2);
    return io.put(new Uint8Array(words.buffer), 0, count * ENTRY);
  }

  private entry(mm: AddressSpace, vpn: number, words: Uint32Array, at: number): void {
    const pte = mm.table.read(vpn);
    const { frames } = mm;
    if (isSwapped(pte)) {
      const slot = swapSlot(pte), area = frames.swap.areaOf(slot);
      if (this.shows === 'frames') words[at] = ((slot - area.base) << SWAP_OFFSET_SHIFT) | frames.swap.areas.indexOf(area);
      words[at + 1] = SWAPPED;
    } else if (isPresent(pte)) {
      const pfn = ptePfn(pte);
      if (this.shows === 'frames') words[at] = pfn;
      words[at + 1] = PRESENT | (pfn !== frames.zeroPfn && frames.kind[pfn] !== KIND_ANON ? FILE_OR_SHARED : 0) | (frames.maps.count(pfn) === 1 ? EXCLUSIVE : 0);
    }
  }
}
