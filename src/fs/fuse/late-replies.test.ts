// FUSE when answers take their time: calls park, run again, and ask nothing twice.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { must, type TestTask, World } from '../../../test/devices/world.ts';
import { BLOCKED, ENOENT, type Errno, isErr } from '../../abi/errno.ts';
import { FUSE_RELEASE } from '../../abi/fuse.ts';
import { memoryFs } from '../../host/memory-fs.ts';
import { DirFs } from '../../host/node/dir-fs.ts';
import { type FuseExchange, type FusePages, FuseTransport } from '../../kernel/device/fuse-transport.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { KernelBuffer } from '../../kernel/vfs/io-buffer.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { FuseInode } from './inode.ts';

/** Answers come when `deliver` is called. */
class SlowTransport extends FuseTransport {
  override readonly tag = 'x';
  override readonly maxPages: number;
  readonly #inner: FuseTransport;
  readonly #waiting: (() => void)[] = [];
  isSlow = false;
  sent = 0;
  constructor(inner: FuseTransport) {
    super();
    this.#inner = inner;
    this.maxPages = inner.maxPages;
  }
  override send(x: FuseExchange | null, request: Uint8Array, length: number, pages: FusePages | null, direction: 'in' | 'out'): 0 | Errno {
    this.sent++;
    if (!this.isSlow || x === null) return this.#inner.send(x, request, length, pages, direction);
    const copy = request.slice(0, length);
    this.#waiting.push(() => { this.#inner.send(x, copy, length, pages, direction); });
    return 0;
  }
  deliver(): void { for (const go of this.#waiting.splice(0)) go(); }
}

/** Runs `call` as the dispatcher would run a system call again and again, delivering replies in between: its result and the number of runs. */
function restarting(w: World, transport: SlowTransport, call: () => unknown): { result: unknown; runs: number } {
  const t = w.task as unknown as TestTask;
  for (let runs = 1; runs < 100; runs++) {
    const result = call();
    if (result !== BLOCKED) {
      t.restart = null;
      return { result, runs };
    }
    t.record().replayed = 0;
    for (const q of t.parkedOn.splice(0)) q.remove(t);
    transport.deliver();
  }
  throw new Error('it never ends');
}

test('late replies: a call runs again and takes the answers that came, each request is sent once', () => {
  const content = new Uint8Array(20_000).map((_, i) => i * 3);
  const w = new World(memoryFs({ '/dir/sub/file': { content } }));
  const slow = new SlowTransport(w.transport);
  const sb = w.mount(slow);
  slow.isSlow = true;
  slow.sent = 0;
  const walked = restarting(w, slow, () => {
    let at = sb.root.inode!;
    for (const name of ['dir', 'sub', 'file']) {
      const next = at.lookup(w.task, name);
      if (isErr(next)) return next;
      at = next;
    }
    return at;
  });
  assert.equal(walked.runs, 4);
  assert.equal(slow.sent, 3);
  const inode = walked.result as FuseInode;
  inode.get();
  const opened = restarting(w, slow, () => inode.open(w.task, 0));
  const file = opened.result as OpenFile;
  const free = w.kernel.frames.freeCount;
  let into = new KernelBuffer(new Uint8Array(0));
  const read = restarting(w, slow, () => {
    into = new KernelBuffer(new Uint8Array(content.length));
    return file.read(w.task, into, 0);
  });
  assert.equal(read.result, content.length);
  assert.deepEqual(into.bytes, content);
  assert.equal(free - w.kernel.frames.freeCount, 5, 'the pages of the file and nothing else');
  assert.equal(restarting(w, slow, () => sb.root.inode!.lookup(w.task, 'nothing')).result, ENOENT);
});

test('late replies: names learned by an earlier run may be cached, a missing name stays missing until it is made', () => {
  const path = mkdtempSync(join(tmpdir(), 'kspace-fuse-'));
  try {
    const w = new World(new DirFs(path, { access: 'read-write' }));
    writeFileSync(join(path, 'there'), 'x');
    const slow = new SlowTransport(w.transport);
    const root = w.mount(slow).root.inode!;
    slow.isSlow = true;
    slow.sent = 0;
    let cached: unknown = null;
    const made = restarting(w, slow, () => {
      // What the VFS does: a dentry remembers the first answer, a negative one is asked for twice.
      if (cached === null) {
        const r = root.lookup(w.task, 'there');
        if (r === BLOCKED) return r;
        cached = must(r as Inode);
      }
      for (let i = 0; i < 2; i++) {
        const missing = root.lookup(w.task, 'fresh');
        if (missing !== ENOENT) return missing;
      }
      return root.create(w.task, 'fresh', 0o100644);
    });
    assert.ok(made.result instanceof FuseInode);
    assert.equal(made.result.lookups, 1);
    assert.equal((cached as FuseInode).lookups, 1);
    assert.equal(statSync(join(path, 'fresh')).size, 0);
    assert.equal(slow.sent, 4);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});

test('late replies: what a call that is gone has asked for is given back when it comes', () => {
  const w = new World(memoryFs({ '/file': { content: new Uint8Array(9000) } }));
  const slow = new SlowTransport(w.transport);
  const sb = w.mount(slow);
  const t = w.task as unknown as TestTask;
  const leave = (): void => {
    for (const q of t.parkedOn.splice(0)) q.remove(t);
    for (const reply of t.restart!.replies) reply.abandon();
    t.restart = null;
  };
  const posted: number[] = [];
  const { post, forget } = sb.connection;
  sb.connection.post = (opcode, nodeid, length) => { posted.push(opcode); post.call(sb.connection, opcode, nodeid, length); };
  sb.connection.forget = (nodeid, count) => { posted.push(-count); forget.call(sb.connection, nodeid, count); };
  const inode = must(sb.root.inode!.lookup(w.task, 'file') as Inode).get();
  slow.isSlow = true;
  assert.equal(sb.root.inode!.lookup(w.task, 'file'), BLOCKED);
  leave();
  slow.deliver();
  assert.deepEqual(posted.splice(0), [-1], 'a lookup');
  assert.equal(inode.open(w.task, 0), BLOCKED);
  slow.deliver();
  leave();
  assert.deepEqual(posted.splice(0), [FUSE_RELEASE], 'a handle, there before the call went');
  slow.isSlow = false;
  const file = must(inode.open(w.task, 0) as OpenFile);
  slow.isSlow = true;
  const free = w.kernel.frames.freeCount;
  assert.equal(file.read(w.task, new KernelBuffer(new Uint8Array(9000)), 0), BLOCKED);
  leave();
  slow.deliver();
  inode.pages!.destroy();
  assert.equal(w.kernel.frames.freeCount, free, 'frames');
});
