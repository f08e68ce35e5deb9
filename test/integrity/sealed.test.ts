// Sealed images: one flipped bit anywhere (data, tree, index, seal, a page in memory) is noticed, said, and never read as if it were right.
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EINVAL, EIO, type Errno, isErr } from '../../src/abi/errno.ts';
import { SealedType, type SealedSuperBlock } from '../../src/fs/sealed/super.ts';
import { DirFs } from '../../src/host/node/dir-fs.ts';
import { openSealedImage } from '../../src/host/node/sealed-image.ts';
import { S_IFLNK, S_IFREG } from '../../src/host/image-tree.ts';
import { ImageBuilder } from '../../src/image/builder.ts';
import { sealImage, verifyImage } from '../../src/image/seal.ts';
import { findImage } from '../../src/image/store.ts';
import { type AuditRecord, AuditSink } from '../../src/kernel/security/audit.ts';
import type { Inode } from '../../src/kernel/vfs/inode.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { TREE_BLOCK } from '../../src/lib/hash-tree.ts';
import { World } from '../devices/world.ts';

/** Contents that differ from byte to byte and from file to file. */
const bytes = (length: number, salt: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + salt) & 0xff);
/** One file over more blocks than a tree block has hashes, small ones that share blocks, an empty one, one that ends in the middle of a page. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  '/bin/big': bytes(140 * TREE_BLOCK, 1), '/etc/a': bytes(100, 2), '/etc/b': bytes(3000, 3), '/etc/empty': bytes(0, 0), '/lib/odd': bytes(3 * TREE_BLOCK + 17, 4),
};

class Records extends AuditSink {
  readonly all: AuditRecord[] = [];
  override record(r: AuditRecord): void { this.all.push(r); }
}

/** A sealed image in a store of its own. */
function sealed(t: TestContext, keyFile?: string): { dir: string; rootHash: string } {
  const store = mkdtempSync(join(tmpdir(), 'kspace-seal-'));
  t.after(() => rmSync(store, { recursive: true, force: true }));
  const builder = new ImageBuilder(store);
  for (const [path, content] of Object.entries(FILES)) builder.tree.put(path, { mode: S_IFREG | 0o755, ...builder.store(content) });
  builder.tree.put('/sh', { mode: S_IFLNK | 0o777, target: 'bin/big' });
  builder.commit('x', { source: 'test', packages: {} });
  const dir = findImage('x', store)!;
  return { dir, rootHash: sealImage({ dir, keyFile, salt: '0123456789abcdef' }) };
}

/** A machine that sees the image's directory, and what it found wrong. */
class Reader {
  readonly world: World;
  readonly records = new Records();
  readonly sb: SealedSuperBlock | Errno;

  constructor(dir: string, rootHash: string) {
    this.world = new World(new DirFs(dir, { access: 'read-only' }));
    this.world.kernel.security.audit = this.records;
    const type = new SealedType(new Map([['x', this.world.transport]]));
    this.sb = type.mount(this.world.task, 'x', 0, `roothash=${rootHash}`) as SealedSuperBlock | Errno;
  }

  inode(path: string): Inode {
    if (isErr(this.sb)) throw new Error('not mounted');
    let at: Inode = this.sb.root.inode!;
    for (const name of path.split('/').slice(1)) {
      const next = at.lookup(this.world.task, name);
      if (isErr(next)) throw new Error(`${path}: ${-next}`);
      at = next.get();
    }
    return at;
  }

  /** Everything that can be read of a file; EIO at the first page that cannot. */
  read(path: string): Uint8Array | Errno {
    const inode = this.inode(path);
    const out = new Uint8Array(inode.size);
    for (let at = 0; at < out.length; at += TREE_BLOCK) {
      const part = out.subarray(at, Math.min(out.length, at + TREE_BLOCK));
      const n = inode.pages!.read(this.world.task, new KernelBuffer(part), at);
      if (isErr(n)) return n;
    }
    return out;
  }

  get verity(): { verified: number; corrupted: number; recheck(t: unknown): number } { return this.world.kernel.security.verity as never; }
}

function flip(file: string, at: number, bit = at % 8): () => void {
  const good = readFileSync(file), bad = Buffer.from(good);
  bad[at]! ^= 1 << bit;
  writeFileSync(file, bad);
  return () => { writeFileSync(file, good); };
}

test('sealed image: an untouched one reads as it was built, attributes and all', t => {
  const { dir, rootHash } = sealed(t);
  const r = new Reader(dir, rootHash);
  for (const [path, content] of Object.entries(FILES)) assert.deepEqual(r.read(path), content, path);
  assert.equal(r.inode('/sh').readlink(r.world.task), 'bin/big');
  assert.deepEqual([r.inode('/bin').mode, r.inode('/bin/big').mode, r.inode('/bin').nlink], [0o40755, 0o100755, 2]);
  assert.equal(r.verity.corrupted, 0);
  assert.equal(r.verity.recheck(r.world.task), 0);
  assert.deepEqual(verifyImage(dir, {}), { rootHash, damage: [] });
});

test('sealed image: a flipped bit in the data is EIO for that page, with the right record, and for no other page', t => {
  const { dir, rootHash } = sealed(t);
  const data = join(dir, 'data');
  for (const block of [0, 1, 127, 128, 139]) {
    const restore = flip(data, block * TREE_BLOCK + (block * 977) % TREE_BLOCK);
    const r = new Reader(dir, rootHash);
    assert.equal(r.read('/bin/big'), EIO, `block ${block}`);
    const seen = r.records.all[0]!;
    assert.deepEqual([seen.event, seen['module'], seen['op'], seen['device'], seen['block'], seen['res']], ['integrity', 'verity', 'verify-data', 'sealed:x', block, 0]);
    assert.ok(r.verity.corrupted > 0);
    const other = block === 0 ? 1 : block - 1;   // its neighbour, fetched along with it
    const buffer = new Uint8Array(TREE_BLOCK);
    assert.equal(r.inode('/bin/big').pages!.read(r.world.task, new KernelBuffer(buffer), other * TREE_BLOCK), TREE_BLOCK);
    assert.deepEqual(buffer, FILES['/bin/big']!.slice(other * TREE_BLOCK, (other + 1) * TREE_BLOCK));
    assert.deepEqual(r.read('/lib/odd'), FILES['/lib/odd']);
    assert.deepEqual(verifyImage(dir, {}).damage, [`data block ${block} is damaged: big`]);
    restore();
  }
});

test('sealed image: no bit of any file of it can change what is read', t => {
  const { dir, rootHash } = sealed(t);
  for (const name of ['data', 'data.verity', 'index', 'seal']) {
    const { size } = statSync(join(dir, name));
    for (let i = 0; i < 24; i++) {
      const at = Math.floor(size * i / 24) + i % 5;
      const restore = flip(join(dir, name), at);
      const r = new Reader(dir, rootHash);
      if (name === 'index' || name === 'seal' || (name === 'data.verity' && at < TREE_BLOCK)) assert.equal(r.sb, EIO, `${name} ${at}`);
      else for (const [path, content] of Object.entries(FILES)) {
        const got = r.read(path);
        if (got !== EIO) assert.deepEqual(got, content, `${name} ${at} ${path}`);
      }
      assert.ok(isRefused(dir, rootHash), `${name} ${at}`);
      restore();
    }
  }
});

test('sealed image: a page in memory that changed is found by the recheck', t => {
  const { dir, rootHash } = sealed(t);
  for (const [path, page] of [['/bin/big', 5], ['/etc/b', 0], ['/lib/odd', 3]] as const) {
    const r = new Reader(dir, rootHash);
    r.read(path);
    const inode = r.inode(path), pfn = inode.pages!.peek(page);
    r.world.kernel.machine.ram.u8[pfn * TREE_BLOCK + 3]! ^= 0x10;
    assert.equal(r.verity.recheck(r.world.task), 1, path);
    assert.deepEqual(r.records.all.map(a => [a['op'], a['device'], a['block']]), [['verify-memory', `sealed:x:${inode.ino}`, page]]);
  }
});

test('sealed image: another root hash, another image, no root hash are refused', t => {
  const { dir, rootHash } = sealed(t);
  assert.equal(new Reader(dir, '0'.repeat(64)).sb, EIO);
  assert.equal(new Reader(dir, rootHash.slice(1)).sb, EINVAL);
  const data = join(dir, 'data');
  writeFileSync(data, readFileSync(data).subarray(0, 10 * TREE_BLOCK));
  const r = new Reader(dir, rootHash);
  assert.equal(r.read('/bin/big'), EIO);
  assert.match(verifyImage(dir, {}).damage[0]!, /bytes where .* were sealed/);
});

test('sealed image: the signature is of the seal and of the key', t => {
  const keys = mkdtempSync(join(tmpdir(), 'kspace-keys-'));
  t.after(() => rmSync(keys, { recursive: true, force: true }));
  const key = (name: string): string => {
    const file = join(keys, name);
    writeFileSync(file, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    assert.equal(createPrivateKey(readFileSync(file)).asymmetricKeyType, 'ed25519');
    return file;
  };
  const mine = key('mine'), other = key('other');
  const { dir, rootHash } = sealed(t, mine);
  openSealedImage(dir, { keyFile: mine }).close();
  assert.throws(() => openSealedImage(dir, { keyFile: other }), /not signed with the key/);
  assert.throws(() => openSealedImage(dir, { rootHash: '0'.repeat(64) }), new RegExp(`its root hash is ${rootHash}`));
  const restore = flip(join(dir, 'seal.sig'), 33);
  assert.throws(() => openSealedImage(dir, { keyFile: mine }), /not signed with the key/);
  restore();
  sealImage({ dir, keyFile: undefined });
  assert.throws(() => openSealedImage(dir, { keyFile: mine }), /is not signed/);
});

test('sealed image: what the host itself reads of it is checked, too', t => {
  const { dir } = sealed(t);
  const restore = flip(join(dir, 'data'), 141 * TREE_BLOCK);
  const { pack, close } = openSealedImage(dir, {});
  assert.equal(pack.readAt(new Uint8Array(10), 141 * TREE_BLOCK + 5), EIO);
  assert.equal(pack.readAt(new Uint8Array(10), 3), 10);
  close();
  restore();
});

function isRefused(dir: string, rootHash: string): boolean {
  try {
    return verifyImage(dir, { rootHash }).damage.length > 0;
  } catch {
    return true;
  }
}
