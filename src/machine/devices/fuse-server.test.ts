// The virtio-fs server against hostile guests: random requests over a real directory never throw, never leave it, and answer within their buffers.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EINVAL, ENOSYS } from '../../abi/errno.ts';
import {
  FUSE_CREATE, FUSE_LOOKUP, FUSE_MKDIR, FUSE_OPENDIR, FUSE_READ, FUSE_READDIRPLUS, FUSE_RENAME2, FUSE_ROOT_ID, FUSE_SYMLINK, FUSE_UNLINK, FuseInHeader, FuseOutHeader,
} from '../../abi/fuse.ts';
import { DirFs } from '../../host/node/dir-fs.ts';
import { Rng } from '../../lib/rng.ts';
import { createRam } from '../ram.ts';
import { FuseServer } from './fuse-server.ts';
import { Chain } from './virtio/queue.ts';

const REQUEST = 0x20_0000, REPLY = 0x24_0000, ROOM = 0x1_0000;
const ram = createRam(8 << 20);

/** A request as the driver would lay it out; `room` bytes for the reply. The error of the reply, or the bytes written if it has none. */
function ask(server: FuseServer, opcode: number, nodeid: number, args: Uint8Array, room = ROOM): number {
  const h = FuseInHeader.view(ram.u8, REQUEST).zero();
  h.len = FuseInHeader.size + args.length;
  h.opcode = opcode;
  h.nodeid = nodeid;
  h.uid = process.getuid!();
  h.gid = process.getgid!();
  ram.u8.set(args, REQUEST + FuseInHeader.size);
  const c = new Chain();
  c.reset(0);
  c.readAddr.push(REQUEST);
  c.readLength.push(h.len);
  c.readBytes = h.len;
  c.writeAddr.push(REPLY);
  c.writeLength.push(room);
  c.writeBytes = room;
  ram.u8.fill(0xee, REPLY + room, REPLY + room + 64);
  const n = server.answer(c);
  assert.ok(n >= 0 && n <= room, `${n} bytes in ${room}`);
  for (let i = 0; i < 64; i++) assert.equal(ram.u8[REPLY + room + i], 0xee, 'beyond the buffer');
  const out = FuseOutHeader.view(ram.u8, REPLY);
  return n < FuseOutHeader.size ? 0 : out.error;
}

const named = (head: number, ...names: string[]): Uint8Array => new Uint8Array([...new Uint8Array(head), ...Buffer.from(names.map(n => `${n}\0`).join(''))]);

function withServer(run: (server: FuseServer, dir: string) => void): void {
  const outer = mkdtempSync(join(tmpdir(), 'kspace-fuse-'));
  const dir = join(outer, 'shown');
  mkdirSync(dir);
  writeFileSync(join(outer, 'secret'), 'secret');
  writeFileSync(join(dir, 'file'), 'content');
  try {
    run(new FuseServer(ram, new DirFs(dir, { access: 'read-write' })), dir);
    assert.deepEqual(readdirSync(outer).sort(), ['secret', 'shown']);
  } finally {
    rmSync(outer, { recursive: true, force: true });
  }
}

test('names that are none never reach the back end', () => {
  withServer(server => {
    for (const name of ['', '.', '..', '../secret', 'a/b', '/etc/passwd']) {
      assert.equal(ask(server, FUSE_LOOKUP, FUSE_ROOT_ID, named(0, name)), EINVAL, `lookup ${name}`);
      assert.equal(ask(server, FUSE_UNLINK, FUSE_ROOT_ID, named(0, name)), EINVAL);
      assert.equal(ask(server, FUSE_MKDIR, FUSE_ROOT_ID, named(8, name)), EINVAL);
      assert.equal(ask(server, FUSE_CREATE, FUSE_ROOT_ID, named(16, name)), EINVAL);
      assert.equal(ask(server, FUSE_RENAME2, FUSE_ROOT_ID, named(16, 'file', name)), EINVAL);
      assert.equal(ask(server, FUSE_SYMLINK, FUSE_ROOT_ID, named(0, name, 'target')), EINVAL);
    }
    assert.equal(ask(server, 77, FUSE_ROOT_ID, new Uint8Array(64)), ENOSYS);
  });
});

test('replies that do not fit are not sent', () => {
  withServer(server => {
    for (const room of [0, 4, 16, 40, 100]) ask(server, FUSE_LOOKUP, FUSE_ROOT_ID, named(0, 'file'), room);
    ask(server, FUSE_OPENDIR, FUSE_ROOT_ID, new Uint8Array(8), 20);
    const args = new Uint8Array(40);
    new DataView(args.buffer).setUint32(16, 0xffff_ffff, true);
    ask(server, FUSE_READDIRPLUS, FUSE_ROOT_ID, args, 64);
    ask(server, FUSE_READ, FUSE_ROOT_ID, args, 64);
  });
});

test('random requests: no throw, nothing outside the directory', () => {
  withServer(server => {
    const rng = new Rng(11);
    const interesting = [0, 1, 2, 3, 4, 0xff, 0x7fff_ffff, 0xffff_ffff];
    for (let round = 0; round < 5000; round++) {
      const args = new Uint8Array(rng.below(200));
      for (let i = 0; i < args.length; i++) args[i] = rng.below(3) === 0 ? rng.below(256) : 0;
      const view = new DataView(args.buffer);
      for (let at = 0; at + 4 <= args.length; at += 4) if (rng.below(2) === 0) view.setUint32(at, interesting[rng.below(interesting.length)]!, true);
      if (args.length > 20 && rng.below(2) === 0) args.set(Buffer.from(['..\0', 'file\0', 'a\0b\0', '../secret\0'][rng.below(4)]!), rng.below(args.length - 16));
      ask(server, rng.below(50), rng.below(4) === 0 ? rng.next() : rng.below(6), args, 16 * rng.below(40));
    }
  });
});
