// fs-verity: Debian's fsverity(1) computes the same digests from the bytes as the kernel from its tree; a page that changes in memory is found.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EIO } from '../../src/abi/errno.ts';
import { S_IFREG } from '../../src/abi/stat.ts';
import { TmpfsSuperBlock } from '../../src/fs/tmpfs/super.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import { type AuditRecord, AuditSink } from '../../src/kernel/security/audit.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { TREE_BLOCK, TreeBuilder } from '../../src/lib/hash-tree.ts';
import { noImage, run } from '../cli/images.ts';
import { must, World } from '../devices/world.ts';
import { PATIENCE } from '../patience.ts';

const skip = await noImage('kspace-integrity-bash', ['bash', 'coreutils', 'grep', 'sed', 'mount', 'fsverity', 'cryptsetup-bin', 'ima-evm-utils', 'openssl', 'attr']);

const SCRIPT = `cd /tmp
seq 1 100000 > big; head -c 4096 big > page; head -c 4097 big > more; echo small > small; : > empty; cp big salted
for f in big page more small empty; do
  fsverity enable $f && test "$(fsverity measure $f)" = "sha256:$(fsverity digest --compact $f) $f" && echo same $f
done
fsverity enable --salt=0011aabb salted && fsverity measure salted | grep -c "$(fsverity digest --compact --salt=0011aabb salted)"
fsverity dump_metadata merkle_tree big | wc -c
(echo x >> big) 2>&1; truncate -s 0 big; mv big moved; stat -c %s moved; rm moved
fsverity measure /etc/passwd; fsverity enable page; echo x > new; fsverity enable --hash-alg=sha512 new; fsverity enable --block-size=1024 salted
mount -t tmpfs t /mnt; cp /bin/ls /mnt; fsverity enable /mnt/ls; /mnt/ls /mnt
cat /sys/kernel/security/verity/corrupted; echo 1 > /sys/kernel/security/verity/recheck && echo fine
`;

test('fsverity(1): digests agree, protected files stay as they are and run', { skip, timeout: 120_000 * PATIENCE }, () => {
  const r = run(['run', 'kspace-integrity-bash', '--', 'sh'], { input: SCRIPT });
  assert.equal(r.out, 'same big\nsame page\nsame more\nsame small\nsame empty\n1\n12288\nsh: line 8: big: Operation not permitted\n588895\nls\n0\nfine\n');
  assert.match(r.err, /truncate: .*big.*: Operation not permitted/);
  assert.match(r.err, /FS_IOC_MEASURE_VERITY failed on '\/etc\/passwd': No data available/);
  assert.match(r.err, /FS_IOC_ENABLE_VERITY failed on 'page': File exists/);
  assert.match(r.err, /FS_IOC_ENABLE_VERITY failed on 'new': Package not installed/);
});

class Records extends AuditSink {
  readonly all: AuditRecord[] = [];
  override record(r: AuditRecord): void { this.all.push(r); }
}

test('fs-verity: a page that changes in memory is found by the recheck, and refused when it comes back', () => {
  const w = new World(memoryFs({}));
  const records = new Records();
  w.kernel.security.audit = records;
  const sb = new TmpfsSuperBlock(w.kernel, 'tmpfs', 'tmpfs', {});
  const inode = must(sb.root.inode!.create(w.task, 'f', S_IFREG | 0o644)).get();
  const content = Uint8Array.from({ length: 3 * TREE_BLOCK + 5 }, (_, i) => i * 7 & 0xff);
  must(inode.pages!.write(w.task, new KernelBuffer(content), 0));
  const builder = new TreeBuilder(4, new Uint8Array(0));
  const whole = new Uint8Array(4 * TREE_BLOCK);
  whole.set(content);
  for (let n = 0; n < 4; n++) builder.add(whole, n * TREE_BLOCK);
  assert.equal(inode.enableVerity(w.task, new Uint8Array(0), builder.finish(), new Uint8Array(0)), 0);
  const { verity } = w.kernel.security;
  assert.equal(verity.recheck(w.task), 0);

  const { u8 } = w.kernel.machine.ram, at = inode.pages!.peek(2) * TREE_BLOCK;
  u8[at + 100]! ^= 4;
  assert.equal(verity.recheck(w.task), 1);
  assert.deepEqual(records.all.map(r => [r.event, r['op'], r['device'], r['block']]), [['integrity', 'verify-memory', `fs-verity:tmpfs:${inode.ino}`, 2]]);
  assert.equal(inode.verity!.check(w.task, 2, u8, at), EIO);
  u8[at + 100]! ^= 4;
  assert.equal(inode.verity!.check(w.task, 2, u8, at), 0);
  assert.equal(verity.corrupted, 2);
});
