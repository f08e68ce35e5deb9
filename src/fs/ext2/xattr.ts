// Extended attributes of ext2 (xattr(7)): one block per inode, entries from its start, values from its end (Linux: ext4 documentation, "Extended
// Attributes"). Blocks that several inodes share, as Linux makes them, are read, and copied before they are changed.
import { EEXIST, ENODATA, ENOSPC, EOPNOTSUPP, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { XATTR_CREATE, XATTR_REPLACE } from '../../abi/xattr.ts';
import type { Task } from '../../kernel/task/task.ts';
import { latin1Decode, latin1Encode } from '../../lib/utf8.ts';
import { allocBlock, freeBlock } from './alloc.ts';
import type { Ext2Inode } from './inode.ts';
import type { Txn } from './txn.ts';

const MAGIC = 0xea02_0000, HEADER = 32, ENTRY = 16;
const SPACES: readonly (readonly [number, string])[] = [[1, 'user.'], [4, 'trusted.'], [6, 'security.']];

/** All attributes by name; an operation changes the list and writes the block anew. */
type Attributes = Map<string, Uint8Array>;

export function getXattr(inode: Ext2Inode, t: Task, name: string): Fallible<Uint8Array> {
  const all = readAll(inode, t);
  return isErr(all) ? all : all.get(name) ?? ENODATA;
}

export function listXattrs(inode: Ext2Inode, t: Task): Fallible<string[]> {
  const all = readAll(inode, t);
  return isErr(all) ? all : [...all.keys()];
}

export function setXattr(inode: Ext2Inode, t: Task, name: string, value: Uint8Array, flags: number): 0 | Errno {
  if (!SPACES.some(([, prefix]) => name.startsWith(prefix))) return EOPNOTSUPP;
  return change(inode, t, all => {
    if ((flags & XATTR_CREATE) !== 0 && all.has(name)) return EEXIST;
    if ((flags & XATTR_REPLACE) !== 0 && !all.has(name)) return ENODATA;
    all.set(name, value);
    return 0;
  });
}

export function removeXattr(inode: Ext2Inode, t: Task, name: string): 0 | Errno {
  return change(inode, t, all => (all.delete(name) ? 0 : ENODATA));
}

/** The inode goes: so does its claim on the block. */
export function dropXattrs(x: Txn, inode: Ext2Inode): 0 | Errno {
  if (inode.xattrBlock === 0) return 0;
  const raw = x.read(inode.xattrBlock);
  if (isErr(raw)) return raw;
  const block = inode.xattrBlock;
  inode.xattrBlock = 0;
  inode.blocks -= inode.sb.blockBytes / 512;
  const users = word(raw, 4);
  if (users <= 1) return freeBlock(x, block);
  const own = x.modify(block);
  if (isErr(own)) return own;
  setWord(own, 4, users - 1);
  return 0;
}

function readAll(inode: Ext2Inode, t: Task): Fallible<Attributes> {
  const x = inode.sb.begin(t);
  return x.end(load(x, inode));
}

function load(x: Txn, inode: Ext2Inode): Fallible<Attributes> {
  const all: Attributes = new Map();
  if (inode.xattrBlock === 0) return all;
  const raw = x.read(inode.xattrBlock);
  if (isErr(raw)) return raw;
  if (word(raw, 0) !== MAGIC) return inode.sb.corrupt(`inode ${inode.ino}: block ${inode.xattrBlock} holds no attributes`);
  for (let at = HEADER; at + 4 <= raw.length && word(raw, at) !== 0;) {
    const length = raw[at]!, space = raw[at + 1]!;
    const value = raw[at + 2]! | (raw[at + 3]! << 8), size = word(raw, at + 8);
    if (at + ENTRY + length > raw.length || value + size > raw.length) return inode.sb.corrupt(`inode ${inode.ino}: an attribute lies beyond its block`);
    const prefix = SPACES.find(([n]) => n === space)?.[1];
    if (prefix !== undefined) all.set(prefix + latin1Decode(raw, at + ENTRY, at + ENTRY + length), raw.slice(value, value + size));
    at += (ENTRY + length + 3) & ~3;
  }
  return all;
}

function change(inode: Ext2Inode, t: Task, edit: (all: Attributes) => 0 | Errno): 0 | Errno {
  const x = inode.sb.begin(t);
  return x.end(edited(x, inode, edit)) as 0 | Errno;
}

function edited(x: Txn, inode: Ext2Inode, edit: (all: Attributes) => 0 | Errno): 0 | Errno {
  const all = load(x, inode);
  if (isErr(all)) return all;
  const r = edit(all) || x.touch(inode);
  if (r !== 0) return r;
  inode.ctime = x.sb.kernel.realtime();
  if (all.size === 0) return dropXattrs(x, inode);
  const bytes = layOut(all, inode.sb.blockBytes);
  if (isErr(bytes)) return bytes;
  const target = ownBlock(x, inode);
  if (isErr(target)) return target;
  target.set(bytes);
  return 0;
}

/** A block of its own to write to: the present one unless others share it. */
function ownBlock(x: Txn, inode: Ext2Inode): Fallible<Uint8Array> {
  if (inode.xattrBlock !== 0) {
    const raw = x.read(inode.xattrBlock);
    if (isErr(raw)) return raw;
    if (word(raw, 4) <= 1) return x.modify(inode.xattrBlock);
    const left = dropXattrs(x, inode);
    if (left !== 0) return left;
  }
  const block = allocBlock(x, inode.sb.goalFor(inode.ino));
  if (isErr(block)) return block;
  inode.xattrBlock = block;
  inode.blocks += inode.sb.blockBytes / 512;
  return x.fresh(block);
}

/** Entries sorted by space, length and name, as Linux looks for them; values from the end. ENOSPC if they do not fit. */
function layOut(all: Attributes, blockBytes: number): Fallible<Uint8Array> {
  const out = new Uint8Array(blockBytes);
  const rows = [...all].map(([full, value]) => {
    const [space, prefix] = SPACES.find(([, p]) => full.startsWith(p))!;
    return { space, name: full.slice(prefix.length), value };
  }).sort((a, b) => a.space - b.space || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  let at = HEADER, end = blockBytes, hash = 0;
  for (const { space, name, value } of rows) {
    const size = (ENTRY + name.length + 3) & ~3;
    const start = end - ((value.length + 3) & ~3);
    if (at + size + 4 > start) return ENOSPC;
    if (value.length > 0) end = start;
    out.set(value, end);
    out[at] = name.length;
    out[at + 1] = space;
    const offset = value.length > 0 ? end : 0;
    out[at + 2] = offset;
    out[at + 3] = offset >>> 8;
    setWord(out, at + 8, value.length);
    out.set(latin1Encode(name), at + ENTRY);
    const h = entryHash(name, out, end, value.length);
    setWord(out, at + 12, h);
    hash = (((hash << 16) | (hash >>> 16)) ^ h) >>> 0;
    at += size;
  }
  setWord(out, 0, MAGIC);
  setWord(out, 4, 1);
  setWord(out, 8, 1);
  setWord(out, 12, hash);
  return out;
}

function entryHash(name: string, block: Uint8Array, value: number, length: number): number {
  let h = 0;
  for (let i = 0; i < name.length; i++) h = (((h << 5) | (h >>> 27)) ^ name.charCodeAt(i)) >>> 0;
  for (let i = 0; i < length; i += 4) h = (((h << 16) | (h >>> 16)) ^ word(block, value + i)) >>> 0;
  return h;
}

const word = (b: Uint8Array, at: number): number => (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;

function setWord(b: Uint8Array, at: number, value: number): void {
  b[at] = value;
  b[at + 1] = value >>> 8;
  b[at + 2] = value >>> 16;
  b[at + 3] = value >>> 24;
}
