// ext2 mounted from a block device: geometry, inodes in memory, what is dirty, and the end. Everything slow that nobody waits for (removing what has no
// name any more, writing back after a while, the last sync) is done by a worker, because it may have to wait for the disk.
import { BLOCKED, EBUSY, EINVAL, EIO, ENOTBLK, ENXIO, EROFS, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { isBlockDevice, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { EXT4_SUPER_MAGIC } from '../../abi/statfs.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { OP_FLUSH } from '../../kernel/block/bio.ts';
import type { BlockDevice } from '../../kernel/block/disk.ts';
import type { Task } from '../../kernel/task/task.ts';
import { Worker } from '../../kernel/task/worker.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../../kernel/vfs/walk.ts';
import { LastSync, Flush, FlushTimer, Reap } from './background.ts';
import { Ext2Dir } from './dir.ts';
import { Ext2File } from './file.ts';
import { type Geometry, readGeometry } from './geometry.ts';
import { checkRecord, type Ext2Inode, Ext2Link, Ext2Special, modeOf } from './inode.ts';
import { ERROR_FS, ROOT_INO, SUPER_OFFSET, SuperBlockLayout, VALID_FS } from './layout.ts';
import { Txn } from './txn.ts';

/** Dirty data goes to the disk after this time (Linux: dirty_writeback_centisecs, dirty_expire_centisecs). */
const FLUSH_NS = 5_000_000_000;
const MAX_COMPLAINTS = 10;

/** `mount -t ext2 /dev/vda DIR`. */
export class Ext2Type extends FileSystemType {
  override readonly name = 'ext2';
  override readonly nodev = false;

  override mount(t: Task, source: string, flags: number, data: string): Fallible<SuperBlock> {
    const device = deviceAt(t, source);
    if (isErr(device)) return device;
    const r = checkOptions(data);
    if (r !== 0) return r;
    if (device.holder instanceof Ext2SuperBlock && device.holder.users > 0) {
      return ((device.holder.flags ^ flags) & MS_RDONLY) === 0 ? device.holder : EBUSY;
    }
    const geometry = readGeometry(t, device);
    if (isErr(geometry)) return geometry;
    const isReadOnly = (flags & MS_RDONLY) !== 0;
    if (!isReadOnly && device.isReadOnly) return EROFS;
    if (!isReadOnly && geometry.isReadOnlyFormat) return EINVAL;
    const sb = new Ext2SuperBlock(t, source, device, geometry, flags & MS_RDONLY);
    const started = sb.start(t);
    return started === 0 ? sb : started;
  }
}

function deviceAt(t: Task, source: string): Fallible<BlockDevice> {
  const path = lookupPath(t, AT_FDCWD, source, LOOKUP_FOLLOW);
  if (isErr(path)) return path;
  const { mode, rdev } = path.dentry.inode!;
  path.put();
  if (!isBlockDevice(mode)) return ENOTBLK;
  return t.kernel.block.find(rdev) ?? ENXIO;
}

/** Options of ext2(5) that say what happens anyway; others are refused. */
function checkOptions(data: string): 0 | Errno {
  const known = /^(errors=(continue|remount-ro)|(no)?user_xattr|noacl|nocheck|check=none|nogrpid|sysvgroups|minixdf|bsddf|nouid32)?$/;
  return data.split(',').every(o => known.test(o)) ? 0 : EINVAL;
}

export class Ext2SuperBlock extends SuperBlock {
  readonly device: BlockDevice;
  readonly geometry: Geometry;
  /** Copies for the hot paths. */
  readonly blockBytes: number;
  readonly perBlock: number;
  readonly blockCount: number;
  readonly firstBlock: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly groups: number;
  readonly inodeSize: number;
  readonly firstInode: number;
  readonly hasTypes: boolean;
  readonly reservedBlocks: number;
  readonly reservedUid: number;
  readonly maxFileBytes: number;
  /** Inodes in memory by number. */
  readonly inodes = new Map<number, Ext2Inode>();
  /** Inodes with something that the disk does not have; held by this list. */
  readonly dirty = new Set<Ext2Inode>();
  readonly worker: Worker;
  private flushTimer = 0;
  /** Of `throttle`: counting many files costs more than a few pages too many. */
  private looks = 0;
  private complaints = 0;
  private isEnding = false;

  constructor(t: Task, source: string, device: BlockDevice, geometry: Geometry, flags: number) {
    super(t.kernel, 'ext2', source, device.rdev);
    this.device = device;
    this.geometry = geometry;
    this.flags |= flags;
    this.blockBytes = geometry.blockBytes;
    this.perBlock = geometry.blockBytes / 4;
    this.blockCount = geometry.blockCount;
    this.firstBlock = geometry.firstBlock;
    this.blocksPerGroup = geometry.blocksPerGroup;
    this.inodesPerGroup = geometry.inodesPerGroup;
    this.groups = geometry.groups;
    this.inodeSize = geometry.inodeSize;
    this.firstInode = geometry.firstInode;
    this.hasTypes = geometry.hasTypes;
    this.reservedBlocks = geometry.reservedBlocks;
    this.reservedUid = geometry.reservedUid;
    const n = this.perBlock;
    this.maxFileBytes = Math.min((12 + n + n * n + n * n * n) * this.blockBytes, (2 ** 32 - 1 - n) * 512);
    this.worker = new Worker(t.kernel, `ext2:${device.name}`);
  }

  get isReadOnly(): boolean { return (this.flags & MS_RDONLY) !== 0; }

  /** Claims the device, finds the root, and notes on the disk that it is in use. */
  start(t: Task): 0 | Errno {
    if (!this.device.claim(this)) return EBUSY;
    const x = this.begin(t);
    const root = x.end(this.load(x, ROOT_INO));
    const r = isErr(root) ? root : !(root instanceof Ext2Dir) ? EIO : this.isReadOnly ? 0 : this.mark(t, 'in use');
    if (r !== 0) {
      this.device.unclaim(this);
      return r;
    }
    this.device.acquire();
    this.setRoot(root as Ext2Dir);
    return 0;
  }

  // --- operations ----------------------------------------------------------------------------------------------------------------------

  /** Begins an operation on the metadata. */
  begin(t: Task): Txn { return new Txn(this, t); }

  /** The inode `ino`, from memory or from the table. */
  load(x: Txn, ino: number): Fallible<Ext2Inode> {
    const known = this.inodes.get(ino);
    if (known !== undefined) return known;
    if ((ino < this.firstInode && ino !== ROOT_INO) || ino > this.geometry.inodeCount) return this.corrupt(`inode ${ino} does not exist`);
    const [block, offset] = this.inodePlace(ino);
    const raw = x.read(block);
    if (isErr(raw)) return raw;
    const bad = checkRecord(raw, offset);
    if (bad !== 0) return this.corrupt(`a name leads to inode ${ino}, which was deleted`);
    const inode = this.newInode(ino, modeOf(raw, offset));
    inode.load(raw, offset);
    this.inodes.set(ino, inode);
    return inode;
  }

  /** An object of the class that the type asks for. */
  newInode(ino: number, mode: number): Ext2Inode {
    switch (mode & S_IFMT) {
      case S_IFDIR: return new Ext2Dir(this, ino, mode);
      case S_IFREG: return new Ext2File(this, ino, mode);
      case S_IFLNK: return new Ext2Link(this, ino, mode);
      default: return new Ext2Special(this, ino, mode);
    }
  }

  // --- where things are ----------------------------------------------------------------------------------------------------------------

  isBlock(block: number): boolean { return block >= this.firstBlock && block < this.blockCount; }

  superPlace(): [block: number, offset: number] { return [Math.floor(SUPER_OFFSET / this.blockBytes), SUPER_OFFSET % this.blockBytes]; }

  groupPlace(group: number): [block: number, offset: number] {
    const at = group * 32;
    return [this.geometry.descriptors + Math.floor(at / this.blockBytes), at % this.blockBytes];
  }

  inodePlace(ino: number): [block: number, offset: number] {
    const group = Math.floor((ino - 1) / this.inodesPerGroup);
    const at = ((ino - 1) % this.inodesPerGroup) * this.inodeSize;
    return [this.geometry.inodeTables[group]! + Math.floor(at / this.blockBytes), at % this.blockBytes];
  }

  /** Of the device's page cache: the page of a block and its sectors in it. */
  partOf(block: number): [index: number, mask: number] {
    const at = block * this.blockBytes;
    return [Math.floor(at / PAGE_SIZE), (2 ** (this.blockBytes / 512) - 1) << ((at % PAGE_SIZE) / 512)];
  }

  /** Blocks near an inode: its group. */
  goalFor(ino: number): number { return this.firstBlock + Math.floor((ino - 1) / this.inodesPerGroup) * this.blocksPerGroup; }

  /** Does the file system itself live in this block? */
  isMetadata(group: number, block: number, ...[blockBitmap, inodeBitmap, inodeTable]: [number, number, number]): boolean {
    const { tableBlocks } = this.geometry;
    return block === blockBitmap || block === inodeBitmap || (block >= inodeTable && block < inodeTable + tableBlocks)
      || block < this.firstBlock + group * this.blocksPerGroup + this.geometry.headBlocks(group);
  }

  /** The disk contradicts itself: said in the log, noted on the disk, EIO. */
  corrupt(what: string): Errno {
    const { kernel } = this;
    if (this.complaints++ < MAX_COMPLAINTS) kernel.log.add(2, kernel.now(), `EXT2-fs (${this.device.name}): error: ${what}`);
    return EIO;
  }

  // --- dirty ---------------------------------------------------------------------------------------------------------------------------

  holdDirty(inode: Ext2Inode): void {
    if (this.dirty.has(inode)) return;
    this.dirty.add(inode.get());
    this.changed();
  }

  /** It has no name any more: nothing of it needs to reach the disk. */
  releaseDirty(inode: Ext2Inode): void {
    if (inode.nlink === 0 && this.dirty.delete(inode)) inode.put();
  }

  /** Writes have ended: perhaps the inode is clean now. */
  maybeClean(inode: Ext2Inode): void {
    if (!inode.isDirty && this.dirty.delete(inode)) inode.put();
  }

  /** Something will have to be written: in a while it is. */
  changed(): void {
    if (this.flushTimer !== 0 || this.isEnding) return;
    this.flushTimer = this.kernel.timers.add(this.kernel.now() + FLUSH_NS, new FlushTimer(this));
  }
  flushNow(): void {
    this.flushTimer = 0;
    if (!this.isEnding) this.worker.add(new Flush(this));
  }

  /** Much that is dirty, in many files: it goes out before there is more. */
  throttle(t: Task): 0 | Errno {
    if (this.dirty.size > 64 && ++this.looks % 16 !== 0) return 0;
    const most = this.kernel.frames.total >> 4;
    let pages = this.device.pages.dirtyCount;
    for (const inode of this.dirty) pages += inode.pages === null ? 0 : inode.pages.dirtyCount;
    return pages < most ? 0 : this.syncContents(t);
  }

  /** Everything to the device, and the device to its medium. */
  override sync(t: Task): 0 | Errno { return this.syncContents(t) || this.syncMetadata(t); }

  /** Files, then what the inodes know. */
  syncContents(t: Task): 0 | Errno {
    if (this.isReadOnly) return 0;
    for (const inode of [...this.dirty]) {
      if (inode instanceof Ext2File && inode.pages.dirtyCount > 0) {
        const r = inode.pages.startWrites(t);
        if (r === BLOCKED) return r;
      }
    }
    let failed: 0 | Errno = 0;
    for (const inode of [...this.dirty]) {
      const r = inode.flush(t);
      if (r === BLOCKED) return r;
      if (r !== 0) failed = r;
      this.maybeClean(inode);
    }
    for (const inode of this.inodes.values()) {
      const r = inode.hasNewAtime && inode.nlink > 0 ? inode.save(t) : 0;
      if (r === BLOCKED) return r;
    }
    return failed;
  }

  syncMetadata(t: Task): 0 | Errno {
    if (this.isReadOnly) return 0;
    const r = this.device.pages.sync(t);
    return r !== 0 ? r : this.device.command(t, OP_FLUSH, 0, 0);
  }

  // --- the end -------------------------------------------------------------------------------------------------------------------------

  /** Nobody uses the inode: forgotten, or given to the worker if something is left to do. */
  evicted(inode: Ext2Inode): void {
    if (this.inodes.get(inode.ino) !== inode) return this.drop(inode);
    const isOrphan = inode.nlink === 0;
    if (this.isReadOnly || this.isEnding || (!isOrphan && !inode.isDirty && !inode.hasNewAtime)) return this.drop(inode);
    this.worker.add(new Reap(inode.get()));
  }

  drop(inode: Ext2Inode): void {
    if (this.inodes.get(inode.ino) === inode) this.inodes.delete(inode.ino);
    inode.pages?.destroy();
  }

  /** s_state, s_mtime, s_mnt_count: whoever finds the disk later knows how it was left. */
  mark(t: Task, how: 'in use' | 'clean'): 0 | Errno {
    const x = this.begin(t);
    const [block, offset] = this.superPlace();
    const raw = x.modify(block);
    if (isErr(raw)) return x.end<0>(raw) as Errno;
    const s = SuperBlockLayout.view(raw, offset);
    const now = this.kernel.realtime().sec >>> 0;
    s.s_wtime = now;
    if (how === 'in use') {
      s.s_state &= ~VALID_FS;
      s.s_mtime = now;
      s.s_mnt_count++;
    } else {
      s.s_state |= this.geometry.wasClean ? VALID_FS : 0;
    }
    if (this.complaints > 0) s.s_state |= ERROR_FS;
    return x.end<0>(0) as 0 | Errno;
  }

  override setAccess(t: Task, access: 'read-write' | 'read-only'): 0 | Errno {
    if (access === 'read-only') return this.isReadOnly ? 0 : this.syncContents(t) || this.mark(t, 'clean') || this.syncMetadata(t);
    if (this.device.isReadOnly) return EROFS;
    return this.geometry.isReadOnlyFormat ? EINVAL : this.mark(t, 'in use');
  }

  override unmount(): void {
    if (this.flushTimer !== 0) this.kernel.timers.cancel(this.flushTimer);
    this.worker.add(new LastSync(this));
  }

  /** The worker's last step. */
  finish(t: Task): 0 | Errno {
    const r = this.isReadOnly || !this.device.disk.isPresent ? 0 : this.setAccess(t, 'read-only');
    if (r === BLOCKED) return r;
    this.isEnding = true;
    for (const inode of [...this.dirty]) {
      this.dirty.delete(inode);
      inode.put();
    }
    this.inodes.clear();
    this.device.unclaim(this);
    this.device.release(t);
    return 0;
  }

  override statfs(t: Task): Fallible<FsStats> {
    const x = this.begin(t);
    const [block, offset] = this.superPlace();
    const raw = x.end(x.read(block));
    if (isErr(raw)) return raw;
    const s = SuperBlockLayout.view(raw, offset);
    const bfree = s.s_free_blocks_count;
    return {
      type: EXT4_SUPER_MAGIC, bsize: this.blockBytes, blocks: this.blockCount - this.geometry.overhead, bfree, bavail: Math.max(0, bfree - this.reservedBlocks),
      files: this.geometry.inodeCount, ffree: s.s_free_inodes_count, namelen: 255,
    };
  }
}

