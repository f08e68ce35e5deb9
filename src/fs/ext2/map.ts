// From pages of a file to blocks of the disk: twelve direct pointers in the inode, then trees of one, two and three levels of pointer blocks.
import { EFBIG, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { allocBlock, freeBlock } from './alloc.ts';
import type { Ext2Inode } from './inode.ts';
import { DIRECT, InodeLayout } from './layout.ts';
import type { Txn } from './txn.ts';

const POINTERS_AT = InodeLayout.offsets.i_block;

/** The block that holds block `logical` of the file, 0: a hole. */
export function findBlock(x: Txn, inode: Ext2Inode, logical: number): Fallible<number> {
  const { perBlock } = x.sb;
  const [place, offset] = x.sb.inodePlace(inode.ino);
  const raw = x.read(place);
  if (isErr(raw)) return raw;
  if (logical < DIRECT) return get(raw, offset + POINTERS_AT + 4 * logical);
  let rest = logical - DIRECT, span = perBlock, level = 1;
  for (; rest >= span; level++) {
    rest -= span;
    span *= perBlock;
    if (level === 3) return EFBIG;
  }
  let at = get(raw, offset + POINTERS_AT + 4 * (DIRECT + level - 1));
  while (level-- > 0) {
    if (at === 0) return 0;
    span /= perBlock;
    const table = x.read(at);
    if (isErr(table)) return table;
    at = get(table, 4 * Math.floor(rest / span));
    rest %= span;
  }
  return at;
}

/** The same, made if it was a hole; `made` is told. The inode must have been touched by the operation. */
export function makeBlock(x: Txn, inode: Ext2Inode, logical: number, goal: number): Fallible<{ block: number; isNew: boolean }> {
  const { perBlock } = x.sb;
  const [place, offset] = x.sb.inodePlace(inode.ino);
  if (logical < DIRECT) return pointer(x, inode, place, offset + POINTERS_AT + 4 * logical, goal, 'data');
  let rest = logical - DIRECT, span = perBlock, level = 1;
  for (; rest >= span; level++) {
    rest -= span;
    span *= perBlock;
    if (level === 3) return EFBIG;
  }
  let table = pointer(x, inode, place, offset + POINTERS_AT + 4 * (DIRECT + level - 1), goal, 'table');
  for (; level > 0; level--) {
    if (isErr(table)) return table;
    span /= perBlock;
    table = pointer(x, inode, table.block, 4 * Math.floor(rest / span), table.isNew ? table.block + 1 : goal, level === 1 ? 'data' : 'table');
    rest %= span;
  }
  return table;
}

/** What the pointer at (`block`, `at`) leads to, made if it is nothing. */
function pointer(x: Txn, inode: Ext2Inode, block: number, at: number, goal: number, what: 'data' | 'table'): Fallible<{ block: number; isNew: boolean }> {
  const now = x.read(block);
  if (isErr(now)) return now;
  const there = get(now, at);
  if (there !== 0) return { block: there, isNew: false };
  const made = allocBlock(x, goal);
  if (isErr(made)) return made;
  const own = x.modify(block);
  if (isErr(own)) return own;
  set(own, at, made);
  inode.blocks += x.sb.blockBytes / 512;
  if (what === 'table') {
    const zeros = x.fresh(made);
    if (isErr(zeros)) return zeros;
  }
  return { block: made, isNew: true };
}

/** Frees all blocks of the file from logical block `first` on (below `end`), and pointer blocks that hold nothing any more. The inode was touched. */
export function freeBlocks(x: Txn, inode: Ext2Inode, first: number, end = Infinity): 0 | Errno {
  const { perBlock } = x.sb;
  const [place, offset] = x.sb.inodePlace(inode.ino);
  let base = 0, span = 1;
  for (let i = 0; i < DIRECT + 3; i++) {
    if (i >= DIRECT) span *= perBlock;
    if (base + span > first && base < end) {
      const r = prunePointer(x, inode, { block: place, at: offset + POINTERS_AT + 4 * i }, Math.max(0, i - DIRECT + 1), base, span, first, end);
      if (isErr(r)) return r;
    }
    base += span;
  }
  return 0;
}

interface Place { readonly block: number; readonly at: number }

/** Prunes what the pointer leads to: a tree of `level` levels for logical blocks [base, base + span). 1: something is left. */
function prunePointer(x: Txn, inode: Ext2Inode, p: Place, level: number, base: number, span: number, first: number, end: number): Fallible<0 | 1> {
  const owner = x.read(p.block);
  if (isErr(owner)) return owner;
  const child = get(owner, p.at);
  if (child === 0) return 0;
  if (base + span <= first || base >= end) return 1;
  if (level > 0) {
    const table = x.read(child);
    if (isErr(table)) return table;
    const { perBlock } = x.sb;
    const step = span / perBlock;
    let left = 0;
    for (let i = 0; i < perBlock; i++) {
      const r = prunePointer(x, inode, { block: child, at: 4 * i }, level - 1, base + i * step, step, first, end);
      if (isErr(r)) return r;
      left |= r;
    }
    if (left !== 0) return 1;
  }
  const own = x.modify(p.block);
  if (isErr(own)) return own;
  set(own, p.at, 0);
  inode.blocks -= x.sb.blockBytes / 512;
  return freeBlock(x, child);
}

const get = (b: Uint8Array, at: number): number => (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;

function set(b: Uint8Array, at: number, value: number): void {
  b[at] = value;
  b[at + 1] = value >>> 8;
  b[at + 2] = value >>> 16;
  b[at + 3] = value >>> 24;
}
