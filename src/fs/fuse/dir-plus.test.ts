// A list with attributes that nobody took: the lookups that the server has counted are found in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUSE_DIRENTPLUS_ENTRY, FuseDirent, FuseEntryOut, FuseOutHeader } from '../../abi/fuse.ts';
import { latin1Into } from '../../lib/utf8.ts';
import { nodesIn } from './dir-plus.ts';

/** A reply of entries with these names and nodes. */
function replyOf(entries: readonly (readonly [name: string, nodeid: number])[]): Uint8Array {
  const reply = new Uint8Array(4096);
  const entry = FuseEntryOut.view(reply), dirent = FuseDirent.view(reply);
  let at = FuseOutHeader.size;
  for (const [name, nodeid] of entries) {
    entry.at(at).nodeid = nodeid;
    dirent.at(at + FUSE_DIRENTPLUS_ENTRY).namelen = name.length;
    at += FUSE_DIRENTPLUS_ENTRY + FuseDirent.size;
    latin1Into(name, reply, at);
    at += Math.ceil(name.length / 8) * 8;
  }
  return reply.subarray(0, at);
}

test('nodes of a list: without the dots, without entries that bring no attributes, without one that was cut off', () => {
  const reply = replyOf([['.', 7], ['..', 8], ['.hidden', 9], ['name', 5], ['bare', 0], ['a name of more than eight', 6], ['root', 1], ['last', 10]]);
  assert.deepEqual(nodesIn(reply), [9, 5, 6, 10]);
  assert.deepEqual(nodesIn(reply.subarray(0, reply.length - 6)), [9, 5, 6]);
  assert.deepEqual(nodesIn(reply.subarray(0, 40)), []);
});
