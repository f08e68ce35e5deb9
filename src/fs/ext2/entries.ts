// Directory entries in their blocks: finding, inserting, removing. Every entry is checked before it is believed.
import { ENOENT, ENOTEMPTY, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import type { Ext2Inode } from './inode.ts';
import { DIRENT_HEADER, direntSize } from './layout.ts';
import { findBlock, makeBlock } from './map.ts';
import type { Txn } from './txn.ts';

const NO_ENTRIES = new Uint8Array(0);

/** Where an entry is: valid until the directory changes. */
export interface Entry {
  readonly ino: number;
  readonly block: number;
  readonly at: number;
  /** The entry before it in its block, -1: it is the first. */
  readonly before: number;
}

/** The length of the entry at `at`, or EIO. */
export function checkEntry(x: Txn, dir: Ext2Inode, raw: Uint8Array, at: number): Fallible<number> {
  const length = raw[at + 4]! | (raw[at + 5]! << 8);
  const nameLength = raw[at + 6]!;
  if (length < 12 || length % 4 !== 0 || at + length > raw.length || direntSize(nameLength) > length) return x.sb.corrupt(`directory ${dir.ino} has a bad entry`);
  return length;
}

export const nameAt = (raw: Uint8Array, at: number, length: number): string => latin1Decode(raw, at, at + length);

/** The entry of that name, or ENOENT. */
export function findEntry(x: Txn, dir: Ext2Inode, name: string): Fallible<Entry> {
  const { blockBytes } = x.sb;
  const n = name.length, first = name.charCodeAt(0);
  for (let logical = 0; logical * blockBytes < dir.size; logical++) {
    const block = findBlock(x, dir, logical);
    if (isErr(block)) return block;
    if (block === 0) continue;
    const raw = x.read(block);
    if (isErr(raw)) return raw;
    for (let at = 0, before = -1; at < blockBytes;) {
      const length = checkEntry(x, dir, raw, at);
      if (isErr(length)) return length;
      if (raw[at + 6] === n && raw[at + 8] === first && inoAt(raw, at) !== 0 && isName(raw, at + DIRENT_HEADER, name)) return { ino: inoAt(raw, at), block, at, before };
      before = at;
      at += length;
    }
  }
  return ENOENT;
}

/** A new entry, in the first gap that is large enough or in a new block. The name is known not to be there; the directory was touched. */
export function insertEntry(x: Txn, dir: Ext2Inode, name: string, ino: number, type: number): 0 | Errno {
  const { blockBytes } = x.sb;
  const need = direntSize(name.length);
  const blocks = dir.size / blockBytes;
  for (let logical = dir.hint; logical < blocks; logical++) {
    const block = findBlock(x, dir, logical);
    if (isErr(block)) return block;
    if (block === 0) continue;
    const raw = x.read(block);
    if (isErr(raw)) return raw;
    const at = findGap(x, dir, raw, need);
    if (isErr(at) && at !== ENOENT) return at;
    if (at === ENOENT) continue;
    const own = x.modify(block);
    if (isErr(own)) return own;
    dir.hint = logical;
    place(x, own, split(own, at), name, ino, type);
    return 0;
  }
  return appendBlock(x, dir, name, ino, type);
}

function findGap(x: Txn, dir: Ext2Inode, raw: Uint8Array, need: number): Fallible<number> {
  for (let at = 0; at < raw.length;) {
    const length = checkEntry(x, dir, raw, at);
    if (isErr(length)) return length;
    const used = inoAt(raw, at) === 0 ? 0 : direntSize(raw[at + 6]!);
    if (length - used >= need) return at;
    at += length;
  }
  return ENOENT;
}

/** Takes the unused end of the entry at `at` away from it: where the new entry goes. Its length field is set. */
function split(raw: Uint8Array, at: number): number {
  if (inoAt(raw, at) === 0) return at;
  const used = direntSize(raw[at + 6]!), length = raw[at + 4]! | (raw[at + 5]! << 8);
  setLength(raw, at, used);
  setLength(raw, at + used, length - used);
  return at + used;
}

function appendBlock(x: Txn, dir: Ext2Inode, name: string, ino: number, type: number): 0 | Errno {
  const { blockBytes } = x.sb;
  const logical = dir.size / blockBytes;
  const made = makeBlock(x, dir, logical, x.sb.goalFor(dir.ino));
  if (isErr(made)) return made;
  const raw = x.fresh(made.block);
  if (isErr(raw)) return raw;
  setLength(raw, 0, blockBytes);
  place(x, raw, 0, name, ino, type);
  dir.size += blockBytes;
  dir.hint = logical;
  return 0;
}

/** The first block of a new directory: '.' and '..'. */
export function startDirectory(x: Txn, dir: Ext2Inode, parent: number): 0 | Errno {
  const r = appendBlock(x, dir, '.', dir.ino, 2);
  return r !== 0 ? r : insertEntry(x, dir, '..', parent, 2);
}

/** The room of a removed entry goes to the one before it; the first of a block stays, empty. */
export function removeEntry(x: Txn, dir: Ext2Inode, e: Entry): 0 | Errno {
  const raw = x.modify(e.block);
  if (isErr(raw)) return raw;
  dir.hint = 0;
  if (e.before < 0) {
    setIno(raw, e.at, 0);
    return 0;
  }
  const length = raw[e.at + 4]! | (raw[e.at + 5]! << 8);
  setLength(raw, e.before, e.at + length - e.before);
  return 0;
}

/** The name leads to another inode. */
export function setEntry(x: Txn, e: Entry, ino: number, type: number): 0 | Errno {
  const raw = x.modify(e.block);
  if (isErr(raw)) return raw;
  setIno(raw, e.at, ino);
  raw[e.at + 7] = x.sb.hasTypes ? type : 0;
  return 0;
}

/** 0, or ENOTEMPTY. */
export function isEmpty(x: Txn, dir: Ext2Inode): 0 | Errno {
  const { blockBytes } = x.sb;
  for (let logical = 0; logical * blockBytes < dir.size; logical++) {
    const block = findBlock(x, dir, logical);
    if (isErr(block)) return block;
    const raw = block === 0 ? NO_ENTRIES : x.read(block);
    if (isErr(raw)) return raw;
    for (let at = 0; at < raw.length;) {
      const length = checkEntry(x, dir, raw, at);
      if (isErr(length)) return length;
      const isDots = raw[at + 8] === 46 && (raw[at + 6] === 1 || (raw[at + 6] === 2 && raw[at + 9] === 46));
      if (inoAt(raw, at) !== 0 && !isDots) return ENOTEMPTY;
      at += length;
    }
  }
  return 0;
}

function place(x: Txn, raw: Uint8Array, at: number, name: string, ino: number, type: number): void {
  setIno(raw, at, ino);
  raw[at + 6] = name.length;
  raw[at + 7] = x.sb.hasTypes ? type : 0;
  for (let i = 0; i < name.length; i++) raw[at + DIRENT_HEADER + i] = name.charCodeAt(i);
}

function isName(raw: Uint8Array, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (raw[at + i] !== name.charCodeAt(i)) return false;
  return true;
}

const inoAt = (b: Uint8Array, at: number): number => (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;

function setIno(b: Uint8Array, at: number, ino: number): void {
  b[at] = ino;
  b[at + 1] = ino >>> 8;
  b[at + 2] = ino >>> 16;
  b[at + 3] = ino >>> 24;
}

function setLength(b: Uint8Array, at: number, length: number): void {
  b[at + 4] = length;
  b[at + 5] = length >>> 8;
}
