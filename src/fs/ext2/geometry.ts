// The shape of an ext2 file system, read once from its super block and group descriptors and checked: what does not add up is not mounted (EINVAL).
import { EINVAL, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { BlockDevice } from '../../kernel/block/disk.ts';
import type { Task } from '../../kernel/task/task.ts';
import {
  EXT2_MAGIC, GroupLayout, INCOMPAT_FILETYPE, RO_COMPAT_EXTRA_ISIZE, RO_COMPAT_LARGE_FILE, RO_COMPAT_SPARSE_SUPER, SUPER_OFFSET, SuperBlockLayout,
  VALID_FS,
} from './layout.ts';

const RO_KNOWN = RO_COMPAT_SPARSE_SUPER | RO_COMPAT_LARGE_FILE | RO_COMPAT_EXTRA_ISIZE;

export class Geometry {
  readonly blockBytes: number;
  readonly blockCount: number;
  readonly firstBlock: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly inodeCount: number;
  readonly groups: number;
  readonly inodeSize: number;
  readonly firstInode: number;
  readonly hasTypes: boolean;
  readonly reservedBlocks: number;
  readonly reservedUid: number;
  /** Has features that may be read but not written with. */
  readonly isReadOnlyFormat: boolean;
  readonly wasClean: boolean;
  /** First block of the group descriptors, and how many there are. */
  readonly descriptors: number;
  readonly descriptorBlocks: number;
  readonly reservedDescriptors: number;
  /** Blocks of one group's inode table. */
  readonly tableBlocks: number;
  /** By group. */
  readonly inodeTables: number[] = [];
  private readonly isSparse: boolean;

  constructor(s: ReturnType<typeof SuperBlockLayout.view>) {
    this.blockBytes = 1024 << s.s_log_block_size;
    this.blockCount = s.s_blocks_count;
    this.firstBlock = s.s_first_data_block;
    this.blocksPerGroup = s.s_blocks_per_group;
    this.inodesPerGroup = s.s_inodes_per_group;
    this.inodeCount = s.s_inodes_count;
    this.inodeSize = s.s_rev_level === 0 ? 128 : s.s_inode_size;
    this.firstInode = s.s_rev_level === 0 ? 11 : s.s_first_ino;
    this.hasTypes = (s.s_feature_incompat & INCOMPAT_FILETYPE) !== 0;
    this.reservedBlocks = s.s_r_blocks_count;
    this.reservedUid = s.s_def_resuid;
    this.isReadOnlyFormat = s.s_rev_level > 0 && (s.s_feature_ro_compat & ~RO_KNOWN) !== 0;
    this.wasClean = (s.s_state & VALID_FS) !== 0;
    this.groups = Math.ceil((this.blockCount - this.firstBlock) / this.blocksPerGroup);
    this.descriptors = this.firstBlock + 1;
    this.descriptorBlocks = Math.ceil(this.groups * GroupLayout.size / this.blockBytes);
    this.reservedDescriptors = s.s_reserved_gdt_blocks;
    this.tableBlocks = Math.ceil(this.inodesPerGroup * this.inodeSize / this.blockBytes);
    this.isSparse = (s.s_feature_ro_compat & RO_COMPAT_SPARSE_SUPER) !== 0;
  }

  /** Blocks at the start of a group that hold copies of super block and descriptors. */
  headBlocks(group: number): number { return this.hasCopies(group) ? 1 + this.descriptorBlocks + this.reservedDescriptors : 0; }

  /** What the file system needs for itself: statfs(2) does not count it. */
  get overhead(): number {
    let n = this.firstBlock + this.groups * (2 + this.tableBlocks);
    for (let g = 0; g < this.groups; g++) n += this.headBlocks(g);
    return n;
  }

  /** With sparse_super: groups 0, 1 and the powers of 3, 5 and 7. */
  private hasCopies(group: number): boolean {
    if (!this.isSparse || group <= 1) return true;
    for (const base of [3, 5, 7]) {
      let n = base;
      while (n < group) n *= base;
      if (n === group) return true;
    }
    return false;
  }
}

/** Reads and checks. EINVAL: no ext2, or one with features that we must not touch; BLOCKED while the disk answers. */
export function readGeometry(t: Task, device: BlockDevice): Fallible<Geometry> {
  if (device.bytes < 2 * SUPER_OFFSET) return EINVAL;
  const head = bytesAt(t, device, SUPER_OFFSET, SuperBlockLayout.size);
  if (isErr(head)) return head;
  const s = SuperBlockLayout.view(head);
  const complaint = check(s, device.bytes);
  if (complaint !== null) {
    if (complaint !== '') t.kernel.log.add(3, t.kernel.now(), `EXT2-fs (${device.name}): ${complaint}`);
    return EINVAL;
  }
  const g = new Geometry(s);
  const r = readGroups(t, device, g);
  return r === 0 ? g : r;
}

/** null: fine; '': not ext2 at all. */
function check(s: ReturnType<typeof SuperBlockLayout.view>, deviceBytes: number): string | null {
  if (s.s_magic !== EXT2_MAGIC) return '';
  if (s.s_log_block_size > 2) return `blocks of ${1024 * 2 ** s.s_log_block_size} bytes are not supported`;
  const blockBytes = 1024 << s.s_log_block_size;
  if (s.s_rev_level > 0 && (s.s_feature_incompat & ~INCOMPAT_FILETYPE) !== 0) return `unknown features 0x${s.s_feature_incompat.toString(16)}`;
  const inodeSize = s.s_rev_level === 0 ? 128 : s.s_inode_size;
  if (inodeSize < 128 || inodeSize > blockBytes || (inodeSize & (inodeSize - 1)) !== 0) return `inodes of ${inodeSize} bytes`;
  const bits = 8 * blockBytes;
  if (s.s_blocks_per_group === 0 || s.s_blocks_per_group > bits || s.s_inodes_per_group === 0 || s.s_inodes_per_group > bits) return 'bad group sizes';
  if (s.s_first_data_block !== (blockBytes === 1024 ? 1 : 0) || s.s_blocks_count <= s.s_first_data_block) return 'bad geometry';
  if (s.s_blocks_count * blockBytes > deviceBytes) return `bad geometry: ${s.s_blocks_count} blocks do not fit on the device`;
  const groups = Math.ceil((s.s_blocks_count - s.s_first_data_block) / s.s_blocks_per_group);
  return groups * s.s_inodes_per_group === s.s_inodes_count && (s.s_rev_level === 0 || s.s_first_ino >= 11) ? null : 'bad number of inodes';
}

function readGroups(t: Task, device: BlockDevice, g: Geometry): 0 | Errno {
  const table = bytesAt(t, device, g.descriptors * g.blockBytes, g.groups * GroupLayout.size);
  if (isErr(table)) return table;
  const isInside = (block: number, count: number): boolean => block >= g.firstBlock && block + count <= g.blockCount;
  for (let i = 0; i < g.groups; i++) {
    const d = GroupLayout.view(table, i * GroupLayout.size);
    if (!isInside(d.bg_block_bitmap, 1) || !isInside(d.bg_inode_bitmap, 1) || !isInside(d.bg_inode_table, g.tableBlocks)) return EINVAL;
    g.inodeTables.push(d.bg_inode_table);
  }
  return 0;
}

function bytesAt(t: Task, device: BlockDevice, offset: number, length: number): Fallible<Uint8Array> {
  const out = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const at = offset + done;
    if (at >= device.bytes) return EINVAL;
    const pfn = device.pages.getPage(t, Math.floor(at / PAGE_SIZE));
    if (isErr(pfn)) return pfn;
    const n = Math.min(PAGE_SIZE - at % PAGE_SIZE, length - done), from = pfn * PAGE_SIZE + at % PAGE_SIZE;
    out.set(device.pages.frames.ram.u8.subarray(from, from + n), done);
    done += n;
  }
  return out;
}
