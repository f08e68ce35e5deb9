// Hash trees: every block proves itself, no bit can change unseen. Compared with fsverity(1) and veritysetup(8) in test/integrity.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { TREE_BLOCK, TreeBuilder, TreeShape, TreeVerifier } from './hash-tree.ts';
import { toHex } from './sha256.ts';

const SALT = Uint8Array.of(1, 2, 3);
const block = (i: number): Uint8Array => new Uint8Array(TREE_BLOCK).fill(i % 251).fill(i >> 8, 0, 4);

function build(blocks: number): { tree: Uint8Array; root: Uint8Array } {
  const b = new TreeBuilder(blocks, SALT);
  for (let i = 0; i < blocks; i++) b.add(block(i));
  return b.finish();
}

/** Does data block `n` prove itself with what `tree` offers? */
function proves(v: TreeVerifier, tree: Uint8Array, n: number, bytes: Uint8Array): boolean {
  for (let need = v.needs(n); need >= 0; need = v.needs(n)) if (!v.accept(need, tree, need * TREE_BLOCK)) return false;
  return v.check(n, bytes);
}

test('hash tree: the shape is that of dm-verity: the topmost level first', () => {
  assert.deepEqual([0, 1, 2, 128, 129, 16384, 16385].map(n => new TreeShape(n).counts), [[], [], [1], [1], [2, 1], [128, 1], [129, 2, 1]]);
  assert.deepEqual(new TreeShape(16385).first, [3, 1, 0]);
});

test('hash tree: the root is the hash of hashes, nothing has zeros', () => {
  const h = (b: Uint8Array): Buffer => createHash('sha256').update(SALT).update(b).digest();
  const leaves = Buffer.concat([h(block(0)), h(block(1)), new Uint8Array(TREE_BLOCK - 64)]);
  assert.equal(toHex(build(2).root), h(leaves).toString('hex'));
  assert.equal(toHex(build(1).root), h(block(0)).toString('hex'));
  assert.equal(toHex(build(0).root), '0'.repeat(64));
});

for (const blocks of [1, 2, 128, 129, 300]) {
  test(`hash tree: ${blocks} blocks prove themselves, changed ones do not`, () => {
    const { tree, root } = build(blocks);
    const v = new TreeVerifier(blocks, SALT, root);
    for (let i = 0; i < blocks; i++) {
      assert.ok(proves(v, tree, i, block(i)), `block ${i}`);
      const bad = block(i);
      bad[(i * 37) % TREE_BLOCK]! ^= 1 << i % 8;
      assert.ok(!v.check(i, bad), `changed block ${i}`);
    }
    assert.ok(!v.check(blocks, block(blocks)));
  });
}

test('hash tree: no bit of the tree can change unseen', () => {
  const { tree, root } = build(300);
  const used = [32 * 3, 32 * 128, 32 * 128, 32 * 44];   // bytes of hashes; the zeros behind them are hashed, too
  for (let b = 0; b < used.length; b++) {
    for (const at of [0, used[b]! - 1, TREE_BLOCK - 1]) {
      const bad = tree.slice();
      bad[b * TREE_BLOCK + at]! ^= 0x40;
      const n = b <= 1 ? 0 : b === 2 ? 130 : 299;
      assert.ok(!proves(new TreeVerifier(300, SALT, root), bad, n, block(n)), `tree block ${b}, byte ${at}`);
    }
  }
});
