// What ext2 does when nobody waits for it: steps of its worker.
import { BLOCKED, type Errno, isErr } from '../../abi/errno.ts';
import { isDirectory } from '../../abi/stat.ts';
import type { Task } from '../../kernel/task/task.ts';
import { Work } from '../../kernel/task/worker.ts';
import { TimerTarget } from '../../kernel/time/timers.ts';
import { freeInode } from './alloc.ts';
import { type Ext2Inode, markDeleted } from './inode.ts';
import { freeBlocks } from './map.ts';
import type { Ext2SuperBlock } from './super.ts';
import type { Txn } from './txn.ts';
import { dropXattrs } from './xattr.ts';

/** An inode that nobody uses: written if it lives on, freed with all its blocks if it has no name. */
export class Reap extends Work {
  private readonly inode: Ext2Inode;
  constructor(inode: Ext2Inode) {
    super();
    this.inode = inode;
  }

  step(t: Task): 0 | Errno {
    const { inode } = this;
    const { sb } = inode;
    if (inode.refs === 1 && inode.nlink === 0) {
      const r = erase(t, inode);
      if (r === BLOCKED) return r;
      sb.drop(inode);
    } else if (inode.nlink > 0) {
      const r = inode.flush(t);
      if (r === BLOCKED) return r;
      inode.isUnsaved = false;
      inode.settleAtime();
      sb.maybeClean(inode);
    }
    inode.put();
    return 0;
  }
}

function erase(t: Task, inode: Ext2Inode): 0 | Errno {
  const { sb } = inode;
  const settled = inode.settle(t);
  if (settled !== 0) return settled;
  const x = sb.begin(t);
  return x.end(eraseIn(x, inode)) as 0 | Errno;
}

function eraseIn(x: Txn, inode: Ext2Inode): 0 | Errno {
  const { sb } = inode;
  const { hasPointers } = inode;
  const r = x.touch(inode) || dropXattrs(x, inode) || (hasPointers ? freeBlocks(x, inode, 0) : 0)
    || freeInode(x, inode.ino, isDirectory(inode.mode) ? 'directory' : 'other');
  if (r !== 0) return r;
  inode.size = 0;
  const [block, offset] = sb.inodePlace(inode.ino);
  const raw = x.modify(block);
  if (isErr(raw)) return raw;
  markDeleted(raw, offset, sb.kernel.realtime().sec);
  return 0;
}

/** Write-back after a while. */
export class Flush extends Work {
  private readonly sb: Ext2SuperBlock;
  constructor(sb: Ext2SuperBlock) {
    super();
    this.sb = sb;
  }
  step(t: Task): 0 | Errno {
    const r = this.sb.syncContents(t);
    return r === BLOCKED ? r : this.sb.device.pages.startWrites(t);
  }
}

export class FlushTimer extends TimerTarget {
  private readonly sb: Ext2SuperBlock;
  constructor(sb: Ext2SuperBlock) {
    super();
    this.sb = sb;
  }
  expire(): void { this.sb.flushNow(); }
}

/** Unmounting, after all that was to be done before. */
export class LastSync extends Work {
  private readonly sb: Ext2SuperBlock;
  constructor(sb: Ext2SuperBlock) {
    super();
    this.sb = sb;
  }
  step(t: Task): 0 | Errno { return this.sb.finish(t); }
}
