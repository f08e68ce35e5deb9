// Free space of ext2: blocks and inodes are bits in a bitmap of their group. Blocks are taken near a goal, files near their directory, directories where
// there is room. Numbers are checked before bits are changed: a disk that contradicts itself answers EIO.
import { CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { ENOSPC, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { GroupLayout, SuperBlockLayout } from './layout.ts';
import type { Txn } from './txn.ts';

/** A free block, as close behind `goal` as possible; ENOSPC. Its old contents are garbage. BLOCKED while somebody still writes to it. */
export function allocBlock(x: Txn, goal: number): Fallible<number> {
  const { sb } = x;
  const totals = superOf(x);
  if (isErr(totals)) return totals;
  const reserved = x.t.cred.has(CAP_SYS_RESOURCE) || x.t.cred.fsuid === sb.reservedUid ? 0 : sb.reservedBlocks;
  if (totals.s_free_blocks_count <= reserved) return ENOSPC;
  const start = sb.isBlock(goal) ? goal - sb.firstBlock : 0;
  const first = Math.floor(start / sb.blocksPerGroup);
  for (let i = 0; i <= sb.groups; i++) {
    const group = (first + i) % sb.groups;
    const block = takeBlock(x, group, i === 0 ? start % sb.blocksPerGroup : 0);
    if (block !== 0) return block;
  }
  return ENOSPC;
}

/** 0: the group is full from `from` on. */
function takeBlock(x: Txn, group: number, from: number): Fallible<number> {
  const { sb } = x;
  const place = sb.groupPlace(group);
  const look = x.read(place[0]);
  if (isErr(look)) return look;
  const g = GroupLayout.view(look, place[1]);
  if (g.bg_free_blocks_count === 0) return 0;
  const bitmap = x.read(g.bg_block_bitmap);
  if (isErr(bitmap)) return bitmap;
  const bits = Math.min(sb.blocksPerGroup, sb.blockCount - sb.firstBlock - group * sb.blocksPerGroup);
  const bit = zeroBit(bitmap, from, bits);
  if (bit < 0) return 0;
  const block = sb.firstBlock + group * sb.blocksPerGroup + bit;
  if (sb.isMetadata(group, block, g.bg_block_bitmap, g.bg_inode_bitmap, g.bg_inode_table)) return sb.corrupt(`block ${block} is in use and marked free`);
  const settled = sb.device.pages.settle(x.t, ...pageOf(x, block));
  if (settled !== 0) return settled;
  const r = flip(x, g.bg_block_bitmap, bit) || count(x, group, 'blocks', -1);
  return r === 0 ? block : r;
}

/** Gives a block back. */
export function freeBlock(x: Txn, block: number): 0 | Errno {
  const { sb } = x;
  if (!sb.isBlock(block)) return sb.corrupt(`block ${block} does not exist and is to be freed`);
  const group = Math.floor((block - sb.firstBlock) / sb.blocksPerGroup);
  const place = sb.groupPlace(group);
  const raw = x.read(place[0]);
  if (isErr(raw)) return raw;
  const g = GroupLayout.view(raw, place[1]);
  const bit = (block - sb.firstBlock) % sb.blocksPerGroup;
  const bitmap = x.read(g.bg_block_bitmap);
  if (isErr(bitmap)) return bitmap;
  const isUsed = (bitmap[bit >>> 3]! & (1 << (bit & 7))) !== 0;
  if (!isUsed || sb.isMetadata(group, block, g.bg_block_bitmap, g.bg_inode_bitmap, g.bg_inode_table)) return sb.corrupt(`block ${block} is to be freed, but cannot be`);
  const r = flip(x, g.bg_block_bitmap, bit) || count(x, group, 'blocks', 1);
  if (r === 0) x.forget(block);
  return r;
}

/** A free inode number; `parent` is the directory's. */
export function allocInode(x: Txn, parent: number, kind: 'directory' | 'other'): Fallible<number> {
  const { sb } = x;
  const home = Math.floor((parent - 1) / sb.inodesPerGroup);
  const first = kind === 'directory' ? roomiestGroup(x, home) : home;
  if (isErr(first)) return first;
  for (let i = 0; i < sb.groups; i++) {
    const ino = takeInode(x, (first + i) % sb.groups, kind);
    if (ino !== 0) return ino;
  }
  return ENOSPC;
}

function takeInode(x: Txn, group: number, kind: 'directory' | 'other'): Fallible<number> {
  const { sb } = x;
  const place = sb.groupPlace(group);
  const look = x.read(place[0]);
  if (isErr(look)) return look;
  const g = GroupLayout.view(look, place[1]);
  if (g.bg_free_inodes_count === 0) return 0;
  const bitmap = x.read(g.bg_inode_bitmap);
  if (isErr(bitmap)) return bitmap;
  const from = group === 0 ? sb.firstInode - 1 : 0;
  const bit = zeroBit(bitmap, from, sb.inodesPerGroup);
  if (bit < 0) return 0;
  const r = flip(x, g.bg_inode_bitmap, bit) || count(x, group, 'inodes', -1) || (kind === 'directory' ? count(x, group, 'directories', 1) : 0);
  return r === 0 ? group * sb.inodesPerGroup + bit + 1 : r;
}

export function freeInode(x: Txn, ino: number, kind: 'directory' | 'other'): 0 | Errno {
  const { sb } = x;
  const group = Math.floor((ino - 1) / sb.inodesPerGroup), bit = (ino - 1) % sb.inodesPerGroup;
  const place = sb.groupPlace(group);
  const raw = x.read(place[0]);
  if (isErr(raw)) return raw;
  const map = GroupLayout.view(raw, place[1]).bg_inode_bitmap;
  const bitmap = x.read(map);
  if (isErr(bitmap)) return bitmap;
  if ((bitmap[bit >>> 3]! & (1 << (bit & 7))) === 0) return sb.corrupt(`inode ${ino} is to be freed, but is free`);
  return flip(x, map, bit) || count(x, group, 'inodes', 1) || (kind === 'directory' ? count(x, group, 'directories', -1) : 0);
}

/** For a directory: at home if there is average room, else where most blocks are free. */
function roomiestGroup(x: Txn, home: number): Fallible<number> {
  const { sb } = x;
  const totals = superOf(x);
  if (isErr(totals)) return totals;
  const average = totals.s_free_inodes_count / sb.groups;
  let best = home, most = -1;
  for (let i = 0; i < sb.groups; i++) {
    const group = (home + i) % sb.groups;
    const place = sb.groupPlace(group);
    const raw = x.read(place[0]);
    if (isErr(raw)) return raw;
    const { bg_free_inodes_count: inodes, bg_free_blocks_count: blocks } = GroupLayout.view(raw, place[1]);
    if (inodes === 0 || inodes < average || blocks <= most) continue;
    best = group;
    most = blocks;
  }
  return best;
}

function flip(x: Txn, block: number, bit: number): 0 | Errno {
  const bitmap = x.modify(block);
  if (isErr(bitmap)) return bitmap;
  bitmap[bit >>> 3]! ^= 1 << (bit & 7);
  return 0;
}

function count(x: Txn, group: number, what: 'blocks' | 'inodes' | 'directories', by: 1 | -1): 0 | Errno {
  const { sb } = x;
  const place = sb.groupPlace(group);
  const raw = x.modify(place[0]);
  if (isErr(raw)) return raw;
  const g = GroupLayout.view(raw, place[1]);
  if (what === 'directories') {
    g.bg_used_dirs_count += by;
    return 0;
  }
  const [block, offset] = sb.superPlace();
  const top = x.modify(block);
  if (isErr(top)) return top;
  const s = SuperBlockLayout.view(top, offset);
  if (what === 'blocks') {
    g.bg_free_blocks_count += by;
    s.s_free_blocks_count += by;
  } else {
    g.bg_free_inodes_count += by;
    s.s_free_inodes_count += by;
  }
  return 0;
}

function superOf(x: Txn): Fallible<ReturnType<typeof SuperBlockLayout.view>> {
  const [block, offset] = x.sb.superPlace();
  const raw = x.read(block);
  return isErr(raw) ? raw : SuperBlockLayout.view(raw, offset);
}

function pageOf(x: Txn, block: number): [number, number] {
  const [index] = x.sb.partOf(block);
  return [index, index + 1];
}

/** The first clear bit of [from, end); -1. */
function zeroBit(bitmap: Uint8Array, from: number, end: number): number {
  for (let bit = from; bit < end;) {
    const byte = bitmap[bit >>> 3]!;
    if (byte === 0xff) {
      bit = (bit | 7) + 1;
      continue;
    }
    if ((byte & (1 << (bit & 7))) === 0) return bit;
    bit++;
  }
  return -1;
}

