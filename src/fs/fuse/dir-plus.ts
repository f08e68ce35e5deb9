// FUSE_READDIRPLUS: lists of directories whose entries bring attributes along, each a lookup that the server counts. What they say is kept as if every name had been asked for, so
// that `ls -l` asks nothing more.
import { FUSE_DIRENTPLUS_ENTRY, FUSE_DO_READDIRPLUS, FUSE_READDIRPLUS_AUTO, FUSE_ROOT_ID, FuseDirent, FuseEntryOut, FuseOutHeader } from '../../abi/fuse.ts';
import { isErr } from '../../abi/errno.ts';
import type { Dentry } from '../../kernel/vfs/dentry.ts';
import { learnName } from '../../kernel/vfs/dentry-cache.ts';
import type { FuseInode } from './inode.ts';

const RESULT = FuseOutHeader.size;

/** Is the next part of the list, from `pos` on, to come with attributes? The server may leave it to us: then at the start, and when somebody has looked at what was listed. */
export function wantsPlus(dir: FuseInode, pos: number): boolean {
  const { connection } = dir.sb;
  if (!connection.isLate || !connection.has(FUSE_DO_READDIRPLUS)) return false;
  return !connection.has(FUSE_READDIRPLUS_AUTO) || pos === 0 || dir.isLookedInto;
}

/** The entry at `at` of the reply is `name` in `dir`. */
export function learnEntry(dir: FuseInode, dentry: Dentry, name: string, at: number): void {
  const { sb, sb: { connection } } = dir;
  // An answer that is taken once more was counted when it was taken first. Without a node: the server has nothing to add.
  if (!connection.isFresh || name === '.' || name === '..') return;
  const entry = connection.in.entry.at(at), { nodeid } = entry;
  const found = nodeid === 0 ? null : sb.inodeOf(entry);
  connection.in.entry.at(RESULT);
  if (found === null) return;
  if (isErr(found)) {
    if (nodeid !== FUSE_ROOT_ID) connection.forget(nodeid, 1);
    return;
  }
  found.wasListed = true;
  found.get();
  if (!dentry.unlinked) learnName(dentry, name, found);
  found.put();
}

/** Nodes that a reply, header included, has counted lookups of. */
export function nodesIn(reply: Uint8Array): number[] {
  const entry = FuseEntryOut.view(reply), dirent = FuseDirent.view(reply);
  const nodes: number[] = [];
  for (let at = RESULT; at + FUSE_DIRENTPLUS_ENTRY + FuseDirent.size <= reply.length;) {
    const name = at + FUSE_DIRENTPLUS_ENTRY + FuseDirent.size;
    const { namelen } = dirent.at(at + FUSE_DIRENTPLUS_ENTRY), { nodeid } = entry.at(at);
    if (name + namelen > reply.length) break;
    const isDot = (namelen === 1 || (namelen === 2 && reply[name + 1] === DOT)) && reply[name] === DOT;
    if (nodeid > FUSE_ROOT_ID && !isDot) nodes.push(nodeid);
    at = name + Math.ceil(namelen / 8) * 8;
  }
  return nodes;
}

const DOT = 46;
