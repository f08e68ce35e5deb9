// FUSE over the whole way (inode, connection, driver, virtio device, back end) onto a directory of this machine; lying servers.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EEXIST, EINVAL, EIO, ENOENT, ENOTEMPTY, type Errno } from '../../abi/errno.ts';
import { FUSE_INIT, FUSE_LOOKUP, FuseInitOut, FuseInHeader, FuseOutHeader } from '../../abi/fuse.ts';
import { memoryFs } from '../../host/memory-fs.ts';
import { DirFs } from '../../host/node/dir-fs.ts';
import { type FuseExchange, type FusePages, FuseTransport } from '../../kernel/device/fuse-transport.ts';
import { instantiate, lookupChild } from '../../kernel/vfs/dentry-cache.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { KernelBuffer } from '../../kernel/vfs/io-buffer.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { must, World } from '../../../test/devices/world.ts';
import type { FuseInode } from './inode.ts';
import { type FuseSuperBlock, mountFuse } from './super.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

function writeAll(w: World, file: OpenFile, text: string | Uint8Array, pos: number): void {
  const data = typeof text === 'string' ? bytes(text) : text;
  assert.equal(file.write(w.task, new KernelBuffer(data), pos), data.length);
}

function readAll(w: World, file: OpenFile, pos = 0, length = 100): string {
  const b = new KernelBuffer(new Uint8Array(length));
  const n = file.read(w.task, b, pos);
  assert.ok(n >= 0, `errno ${-n}`);
  return Buffer.from(b.bytes.subarray(0, n)).toString();
}

function withDirectory(run: (path: string, w: World, sb: FuseSuperBlock, root: Inode) => void): void {
  const path = mkdtempSync(join(tmpdir(), 'kspace-fuse-'));
  try {
    const w = new World(new DirFs(path, { access: 'read-write' }));
    const sb = w.mount();
    run(path, w, sb, sb.root.inode!);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

test('create, write, read, grow, shrink: the host sees every byte at once', () => {
  withDirectory((path, w, _sb, root) => {
    const inode = must(root.create(w.task, 'file', 0o100640)).get();
    const file = must(inode.open(w.task, 2));
    assert.equal(statSync(join(path, 'file')).mode & 0o777, 0o640);
    writeAll(w, file, 'hello', 0);
    assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'hello');
    assert.equal(readAll(w, file), 'hello');
    writeAll(w, file, 'EL', 1);
    assert.equal(readAll(w, file), 'hELlo');
    const big = new Uint8Array(300_000).map((_, i) => i * 31);
    writeAll(w, file, big, 5000);
    assert.deepEqual(new Uint8Array(readFileSync(join(path, 'file'))).subarray(5000), big);
    assert.equal(inode.size, 305_000);
    assert.equal(readAll(w, file, 4, 3), 'o\0\0');
    assert.equal(inode.setattr(w.task, { size: 3 }), 0);
    assert.equal(readAll(w, file), 'hEL');
    assert.equal(statSync(join(path, 'file')).size, 3);
    assert.equal(inode.setattr(w.task, { mode: 0o100600 }), 0);
    assert.equal(inode.mode, 0o100600);
    assert.equal(inode.setattr(w.task, { mtime: { sec: 1_000_000_000, nsec: 0 } }), 0);
    assert.equal(statSync(join(path, 'file')).mtimeMs, 1e12);
    file.put();
    inode.put();
  });
});

test('files can be written when cached pages have taken all memory', () => {
  withDirectory((path, w, _sb, root) => {
    writeFileSync(join(path, 'big'), new Uint8Array(40 << 20));
    const big = must(root.lookup(w.task, 'big')).get();
    const reader = must(big.open(w.task, 0));
    const into = new Uint8Array(1 << 20);
    for (let pos = 0; pos < 40 << 20; pos += into.length) assert.equal(reader.read(w.task, new KernelBuffer(into), pos), into.length);
    const small = must(root.create(w.task, 'small', 0o100644)).get();
    const writer = must(small.open(w.task, 1));
    for (let i = 0; i < 50; i++) {
      writeAll(w, writer, 'x'.repeat(100_000), i * 100_000);
      assert.equal(reader.read(w.task, new KernelBuffer(into), (i % 40) << 20), into.length);
    }
    assert.equal(statSync(join(path, 'small')).size, 5_000_000);
    assert.equal(w.kernel.log.lines.length, 0);
  });
});

test('after a write the server is asked for blocks and times, and our pages stay', () => {
  withDirectory((path, w, _sb, root) => {
    const inode = must(root.create(w.task, 'f', 0o100644)).get() as FuseInode;
    const file = must(inode.open(w.task, 2));
    writeAll(w, file, 'x'.repeat(8192), 0);
    assert.equal(readAll(w, file, 0, 10), 'x'.repeat(10));
    const { pageCount } = inode.pages!;
    assert.ok(pageCount > 0);
    assert.equal(inode.refresh(w.task), 0);
    assert.equal(inode.usedBlocks(), statSync(join(path, 'f')).blocks);
    assert.equal(inode.mtime.sec, Math.floor(statSync(join(path, 'f')).mtimeMs / 1000));
    assert.equal(inode.pages!.pageCount, pageCount);
    utimesSync(join(path, 'f'), 7, 7);
    w.nowNs += 2e9;
    assert.equal(inode.refresh(w.task), 0);
    assert.equal(inode.pages!.pageCount, 0);
    assert.equal(inode.mtime.sec, 7);
  });
});

test('an unlinked file lives on for those who have it open', () => {
  withDirectory((path, w, _sb, root) => {
    const inode = must(root.create(w.task, 'gone', 0o100600)).get();
    const file = must(inode.open(w.task, 2));
    writeAll(w, file, 'before', 0);
    assert.equal(root.unlink(w.task, 'gone', inode), 0);
    w.nowNs += 2e9;
    assert.equal(inode.refresh(w.task), 0);
    assert.equal(inode.nlink, 0);
    writeAll(w, file, 'after!!', 0);
    assert.equal(readAll(w, file), 'after!!');
    assert.equal(inode.setattr(w.task, { size: 2 }), 0);
    assert.equal(readAll(w, file), 'af');
    w.nowNs += 2e9;
    assert.equal(inode.refresh(w.task), 0);
    assert.equal(inode.size, 2);
    // Removed by somebody else while it is open here: the name is stale, the file is not.
    const other = must(root.create(w.task, 'taken', 0o100600)).get();
    const open = must(other.open(w.task, 2));
    writeAll(w, open, 'mine', 0);
    unlinkSync(join(path, 'taken'));
    w.nowNs += 2e9;
    assert.equal(root.lookup(w.task, 'taken'), ENOENT);
    assert.equal(readAll(w, open), 'mine');
    assert.equal(other.refresh(w.task), 0, 'fstat works');
    assert.equal(other.nlink, 0);
  });
});

test('names: mkdir, symlink, link, rename, unlink, rmdir, and their errors', () => {
  withDirectory((_path, w, _sb, root) => {
    const dir = must(root.mkdir(w.task, 'dir', 0o755)).get();
    assert.equal(root.mkdir(w.task, 'dir', 0o755), EEXIST);
    const link = must(dir.symlink(w.task, 'link', 'some/where'));
    assert.equal(link.readlink(w.task), 'some/where');
    const file = must(dir.create(w.task, 'a', 0o100644)).get();
    assert.equal(root.link(w.task, 'b', file), 0);
    assert.equal(file.nlink, 2);
    assert.equal(must(root.lookup(w.task, 'b')), file);
    assert.equal(root.rmdir(w.task, 'dir', dir), ENOTEMPTY);
    assert.equal(dir.rename(w.task, 'a', root, 'c', 0), 0);
    assert.equal(dir.lookup(w.task, 'a'), ENOENT);
    assert.equal(dir.rename(w.task, 'link', root, 'c', 1), EEXIST);
    assert.equal(root.unlink(w.task, 'c', file), 0);
    assert.equal(file.nlink, 1);
    assert.equal(dir.unlink(w.task, 'link', link), 0);
    assert.equal(root.rmdir(w.task, 'dir', dir), 0);
    assert.equal(root.lookup(w.task, 'dir'), ENOENT);
    assert.equal(must(root.mknod(w.task, 'pipe', 0o10600, 0)).mode & 0o170000, 0o10000);
  });
});

test('directories: every entry once, whatever the size of the reader', () => {
  withDirectory((path, w, _sb, root) => {
    const wanted = new Set(['.', '..']);
    for (let i = 0; i < 500; i++) {
      const name = `entry-${'x'.repeat(i % 60)}-${i}`;
      writeFileSync(join(path, name), '');
      wanted.add(name);
    }
    for (const takes of [1, 7, 1000]) {
      const dir = must(root.open(w.task, 0));
      const seen: string[] = [];
      for (;;) {
        let left = takes;
        const before = seen.length;
        const sink = { emit: (name: string) => left-- > 0 && seen.push(name) > 0 };
        assert.equal(dir.readdir(w.task, sink as never), 0);
        if (seen.length === before) break;
      }
      assert.equal(seen.length, wanted.size);
      assert.deepEqual(new Set(seen), wanted);
      dir.put();
    }
  });
});

test('changes behind our back are seen once the answers have expired', () => {
  withDirectory((path, w, sb, root) => {
    writeFileSync(join(path, 'f'), 'old');
    const inode = must(root.lookup(w.task, 'f')).get();
    instantiate(sb.root, 'f', inode);
    const file = must(inode.open(w.task, 0));
    assert.equal(readAll(w, file), 'old');
    writeFileSync(join(path, 'f'), 'newer');
    utimesSync(join(path, 'f'), 5, 5);
    assert.equal(inode.refresh(w.task), 0);
    assert.equal(inode.size, 3);
    w.nowNs += 2e9;
    assert.equal(inode.refresh(w.task), 0);
    assert.equal(readAll(w, file), 'newer');
    assert.equal(must(lookupChild(w.task, sb.root, 'f')).inode, inode);
    unlinkSync(join(path, 'f'));
    writeFileSync(join(path, 'f'), 'another');
    w.nowNs += 2e9;
    const replaced = must(lookupChild(w.task, sb.root, 'f')).inode!;
    assert.notEqual(replaced, inode);
    assert.equal(replaced.size, 7);
    assert.equal(readAll(w, file), 'newer', 'who has the old one open keeps it');
    unlinkSync(join(path, 'f'));
    w.nowNs += 2e9;
    assert.equal(lookupChild(w.task, sb.root, 'f'), ENOENT);
    file.put();
    inode.put();
  });
});

test('what a mapping made dirty is written back, up to the end of the file', () => {
  withDirectory((path, w, _sb, root) => {
    writeFileSync(join(path, 'm'), 'x'.repeat(5000));
    const inode = must(root.lookup(w.task, 'm')).get() as FuseInode;
    const file = must(inode.open(w.task, 2));
    const pfn = must(inode.pages!.getPage(w.task, 1));
    w.kernel.machine.ram.u8.fill(121, pfn * 4096, pfn * 4096 + 4096);
    inode.pages!.markDirty(1);
    assert.equal(file.fsync(w.task, 'all'), 0);
    assert.equal(readFileSync(join(path, 'm'), 'utf8'), 'x'.repeat(4096) + 'y'.repeat(904));
    assert.equal(inode.pages!.dirtyCount, 0);
    file.put();
  });
});

test('inodes that nobody holds are forgotten, and no memory stays behind', () => {
  const w = new World(memoryFs({ '/a': 'one', '/b': 'two' }));
  const sb = w.mount().get();
  const root = sb.root.inode!;
  const warm = must(must(root.lookup(w.task, 'a')).get().open(w.task, 0));
  readAll(w, warm);
  warm.put();
  must(root.lookup(w.task, 'a')).put();
  const free = w.kernel.frames.freeCount;
  for (let i = 0; i < 200; i++) {
    const inode = must(root.lookup(w.task, i % 2 === 0 ? 'a' : 'b')).get();
    const file = must(inode.open(w.task, 0));
    assert.equal(readAll(w, file), i % 2 === 0 ? 'one' : 'two');
    inode.put();
    file.put();
  }
  assert.equal(sb.inodes.size, 1);
  assert.equal(w.kernel.frames.freeCount, free);
});

/** A server that says what it likes. */
class LyingTransport extends FuseTransport {
  override readonly tag = 'x';
  override readonly maxPages = 8;
  readonly reply: (opcode: number, x: FuseExchange) => void;
  constructor(reply: (opcode: number, x: FuseExchange) => void) {
    super();
    this.reply = reply;
  }
  override send(x: FuseExchange | null, request: Uint8Array): 0 | Errno {
    if (x !== null) this.reply(FuseInHeader.view(request).opcode, x);
    return 0;
  }
}

const answer = (x: FuseExchange, len: number, error: number, actual = len): void => {
  const h = FuseOutHeader.view(x.reply);
  h.len = len;
  h.error = error;
  x.finish(actual);
};

test('lying servers: broken replies are EIO, never a throw', () => {
  const w = new World(memoryFs({}));
  const lies: Record<string, (x: FuseExchange) => void> = {
    'no header': x => x.finish(3),
    'longer than what came': x => answer(x, 1000, 0, 20),
    'shorter than a header': x => answer(x, 4, 0, 16),
    'a positive error': x => answer(x, 16, 5),
    'an errno that no program knows': x => answer(x, 16, -600),
    'no result': x => answer(x, 16, 0),
  };
  for (const [what, lie] of Object.entries(lies)) {
    assert.equal(mountFuse(w.task, 'virtiofs', 'x', new LyingTransport((_op, x) => lie(x)), 0), EIO, what);
    const later = new LyingTransport((op, x) => {
      if (op !== FUSE_INIT) return lie(x);
      const init = FuseInitOut.view(x.reply, FuseOutHeader.size);
      init.major = 7;
      init.minor = 38;
      init.max_write = 0xffff_ffff;
      answer(x, FuseOutHeader.size + FuseInitOut.size, 0);
    });
    assert.equal(mountFuse(w.task, 'virtiofs', 'x', later, 0), EIO, what);
  }
  // The same lies once the file system is mounted.
  for (const [what, lie] of Object.entries({ ...lies, 'more than there is room for': (x: FuseExchange) => answer(x, 1 << 20, 0) })) {
    let lying = false;
    const half = new LyingTransport(() => {});
    half.send = (x: FuseExchange | null, request: Uint8Array, length = 0, pages: FusePages | null = null, direction: 'in' | 'out' = 'in') => {
      if (!lying || x === null) return w.transport.send(x, request, length, pages, direction);
      lie(x);
      return 0 as const;
    };
    const root = must(mountFuse(w.task, 'virtiofs', 'x', half, 0)).root.inode!;
    const dir = must(root.open(w.task, 0));
    lying = true;
    assert.equal(root.lookup(w.task, 'a'), EIO, what);
    assert.equal(root.mkdir(w.task, 'a', 0), EIO, what);
    assert.equal(root.setattr(w.task, { mode: 0 }), EIO, what);
    assert.equal(root.open(w.task, 0), EIO, what);
    const end = dir.readdir(w.task, { emit: () => true } as never);
    assert.equal(end, what === 'no result' ? 0 : EIO, what);
  }
  assert.equal(w.kernel.filesystems.get('virtiofs')?.mount(w.task, 'nowhere', 0, '') ?? EINVAL, EINVAL);
});

test('a server whose answers change their type does not confuse inodes', () => {
  const w = new World(memoryFs({ '/a': 'x' }));
  const real = w.transport;
  let spoil = false;
  class Spoiler extends LyingTransport {
    override send(x: FuseExchange | null, request: Uint8Array, length?: number, pages?: FusePages | null, direction?: 'in' | 'out'): 0 | Errno {
      const r = real.send(x, request, length!, pages ?? null, direction!);
      // A LOOKUP reply that says "directory" for the node id of a regular file.
      if (spoil && x !== null && FuseInHeader.view(request).opcode === FUSE_LOOKUP) new DataView(x.reply.buffer).setUint32(16 + 40 + 60, 0o040755, true);
      return r;
    }
  }
  const sb = must(mountFuse(w.task, 'virtiofs', 'x', new Spoiler(() => {}), 0));
  const file = must(sb.root.inode!.lookup(w.task, 'a')).get();
  spoil = true;
  const other = must(sb.root.inode!.lookup(w.task, 'a'));
  assert.notEqual(other, file);
  assert.equal(other.mode & 0o170000, 0o040000);
  assert.equal(file.mode & 0o170000, 0o100000);
});
