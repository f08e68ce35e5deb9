// IMA: the policy language, the measurement list as Debian's evmctl(1) judges it, appraisal by hash and by signature, violations, and a bit that flips in memory.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { O_RDONLY } from '../../src/abi/fcntl.ts';
import { S_IFREG } from '../../src/abi/stat.ts';
import { TmpfsSuperBlock } from '../../src/fs/tmpfs/super.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import { IMA_APPRAISE, IMA_AUDIT, IMA_MAY_EXEC, IMA_MAY_READ, IMA_MEASURE, IMA_SIGNATURE_REQUIRED, imaActions, type ImaFunc, parseImaPolicy } from '../../src/kernel/integrity/ima-policy.ts';
import { type AuditRecord, AuditSink } from '../../src/kernel/security/audit.ts';
import type { Inode } from '../../src/kernel/vfs/inode.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { Path } from '../../src/kernel/vfs/mount.ts';
import { instantiate } from '../../src/kernel/vfs/dentry-cache.ts';
import { TREE_BLOCK } from '../../src/lib/hash-tree.ts';
import { noImage, run } from '../cli/images.ts';
import { must, World } from '../devices/world.ts';
import { PATIENCE } from '../patience.ts';

const skip = await noImage('kspace-integrity-bash', ['bash', 'coreutils', 'grep', 'sed', 'mount', 'fsverity', 'cryptsetup-bin', 'ima-evm-utils', 'openssl', 'attr']);
const opts = { skip, timeout: 120_000 * PATIENCE };

function scratch(t: TestContext, files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-ima-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

/** Who asks about which file. */
function decide(policy: string, who: { uid?: number; euid?: number; owner?: number; fs?: string }, func: ImaFunc, mask: number): number {
  const rules = parseImaPolicy(policy);
  if (typeof rules === 'string') throw new Error(rules);
  const task = { cred: { uid: who.uid ?? 0, euid: who.euid ?? who.uid ?? 0, gid: 0, egid: 0 } };
  const inode = { mode: S_IFREG, uid: who.owner ?? 0, gid: 0, sb: { fsType: who.fs ?? 'ext2' } };
  return imaActions(rules, task as never, inode as unknown as Inode, func, mask);
}

test('ima policy: the first rule that matches decides, for each kind of action', () => {
  const policy = 'dont_measure fsmagic=0x9fa0\n# comment\n\nmeasure func=FILE_CHECK mask=^MAY_READ uid=0\naudit func=BPRM_CHECK\nappraise fowner=7 appraise_type=imasig\ndont_appraise fowner>5\nappraise fowner>3';
  assert.equal(decide(policy, {}, 'FILE_CHECK', IMA_MAY_READ), IMA_MEASURE);
  assert.equal(decide(policy, {}, 'FILE_CHECK', IMA_MAY_READ | 2), IMA_MEASURE);
  assert.equal(decide(policy, { uid: 5 }, 'FILE_CHECK', IMA_MAY_READ), 0);
  assert.equal(decide(policy, { fs: 'proc' }, 'FILE_CHECK', IMA_MAY_READ), 0);
  assert.equal(decide(policy, { uid: 1 }, 'BPRM_CHECK', IMA_MAY_EXEC), IMA_AUDIT);
  assert.equal(decide(policy, { uid: 1, owner: 7 }, 'MMAP_CHECK', IMA_MAY_EXEC), IMA_APPRAISE | IMA_SIGNATURE_REQUIRED);
  assert.equal(decide(policy, { uid: 1, owner: 6 }, 'MMAP_CHECK', IMA_MAY_EXEC), 0);
  assert.equal(decide(policy, { uid: 1, owner: 4 }, 'MMAP_CHECK', IMA_MAY_EXEC), IMA_APPRAISE);
  assert.equal(decide('measure mask=MAY_READ', {}, 'FILE_CHECK', IMA_MAY_READ | 2), 0);
  assert.equal(decide('measure fsname=tmpfs euid=3', { fs: 'tmpfs', uid: 1, euid: 3 }, 'FILE_CHECK', IMA_MAY_READ), IMA_MEASURE);
  assert.equal(decide('measure func=MODULE_CHECK', {}, 'FILE_CHECK', IMA_MAY_READ), 0);
});

test('ima policy: what is no rule is named', () => {
  for (const bad of ['mesure', 'measure func=X', 'measure mask=READ', 'measure uid=root', 'measure uid=1 uid=2', 'measure colour=red', 'measure appraise_type=imasig', 'measure fsmagic=zz', 'measure func<FILE_CHECK', 'measure template=ima-sig']) {
    assert.equal(parseImaPolicy(`measure uid=0\n${bad}\n`), bad);
  }
});

test('ima: evmctl(1) replays the measurement list to the register, and finds no entry wrong', opts, t => {
  const r = run(['run', '--ima-policy', 'tcb', '-v', `${scratch(t, { 'me.sh': `cd /sys/kernel/security/ima
awk '{ sub(":", "", $1); printf "PCR-%02d:", $1; for (i = 1; i <= 64; i += 2) printf " %s", substr($2, i, 2); print "" }' ../tpm0/pcr-sha256 > /tmp/pcrs
evmctl ima_measurement --pcrs sha256,/tmp/pcrs -v binary_runtime_measurements 2>&1 | grep -c Matched
wc -l < ascii_runtime_measurements > /dev/null; read n < runtime_measurements_count; test $n -gt 5 && test $n = $(wc -l < ascii_runtime_measurements); echo $?
head -1 ascii_runtime_measurements | cut -d' ' -f1,3,5
grep -c ' /usr/bin/bash$' ascii_runtime_measurements
test "$(grep ' /s/me.sh$' ascii_runtime_measurements | cut -d' ' -f4)" = sha256:$(sha256sum < /s/me.sh | cut -d' ' -f1); echo $?
echo one > /tmp/x; exec 3>>/tmp/x; cat /tmp/x; cat violations; exec 3>&-
exec 4</tmp/x; echo two >> /tmp/x; cat violations; exec 4<&-; cat /tmp/x > /dev/null; grep -c ' /tmp/x$' ascii_runtime_measurements
echo measure func=NONSENSE > policy; echo $?; echo audit uid=99 > policy; tail -1 policy
` })}:/s`, 'kspace-integrity-bash', '--', 'sh', '/s/me.sh']);
  assert.equal(r.out, '1\n0\n10 ima-ng boot_aggregate\n1\n0\none\n1\n2\n4\n1\naudit uid=99\n', r.err);
});

const APPRAISE = `appraise func=FILE_CHECK fowner=1000
appraise func=BPRM_CHECK fowner=2000 appraise_type=imasig
audit func=FILE_CHECK mask=MAY_READ fowner=3000
`;
const LABELS = `cd /tmp; echo hi > f
evmctl ima_hash -a sha256 f > /dev/null; chown 1000 f; cat f; echo more >> f; cat f; echo read $?
test $(getfattr --only-values -n security.ima f | od -An -tx1 | tr -d ' \\n') = 0404$(sha256sum < f | cut -d' ' -f1); echo label $?
setfattr -n security.ima -v 0x0404aabb f; cat f; echo wrong $?; setfattr -n security.ima -v 0x99aabb f; echo nonsense $?
setfattr -x security.ima f; cat f; echo removed $?
cp /bin/true p; chown 2000 p; ./p; echo unsigned $?; evmctl ima_hash -a sha256 p > /dev/null; ./p; echo hash $?
evmctl ima_sign -a sha256 --key /s/rsa.pem p > /dev/null; ./p; echo signed $?
evmctl ima_sign -a sha256 --key /s/other.pem p > /dev/null; ./p; echo other key $?
evmctl ima_sign -a sha1 --key /s/rsa.pem p > /dev/null; ./p; echo sha1 $?; echo >> p; ./p; echo changed $?
echo z > a; chown 3000 a; cat a
`;

test('ima: files are appraised by hash and by signature, labels follow what is written, refusals say why', opts, t => {
  const pem = (): string => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;
  const dir = scratch(t, { policy: APPRAISE, 'labels.sh': LABELS, 'rsa.pem': pem(), 'other.pem': pem() });
  const r = run(['run', '--ima-policy', join(dir, 'policy'), '--ima-key', join(dir, 'rsa.pem'), '--audit-log', join(dir, 'log'), '-v', `${dir}:/s`, 'kspace-integrity-bash', '--', 'sh', '/s/labels.sh']);
  assert.equal(r.out, 'hi\nhi\nmore\nread 0\nlabel 0\nwrong 1\nnonsense 1\nremoved 1\nunsigned 126\nhash 126\nsigned 0\nother key 126\nsha1 0\nchanged 126\nz\n', r.err);
  const records = readFileSync(join(dir, 'log'), 'latin1').trim().split('\n').map(l => JSON.parse(l) as Record<string, unknown>);
  assert.ok(records.every(a => a['event'] === 'integrity' && a['module'] === 'ima'));
  assert.deepEqual(records.map(a => (a['op'] === 'rule' ? `rule ${String(a['file'])}` : `${String(a['cause'])} ${String(a['name'])}`)), [
    'invalid-hash /tmp/f', 'missing-hash /tmp/f', 'IMA-signature-required /tmp/p', 'IMA-signature-required /tmp/p', 'invalid-signature /tmp/p', 'invalid-signature /tmp/p', 'rule /tmp/a',
  ]);
});

test('ima: a policy or a key that cannot be used is refused before anything runs', opts, t => {
  const dir = scratch(t, { bad: 'measure uid=root\n', 'no.pem': 'hello' });
  assert.match(run(['run', '--ima-policy', join(dir, 'bad'), '--', 'true']).err, /this rule cannot be understood: measure uid=root/);
  assert.match(run(['run', '--ima-key', join(dir, 'no.pem'), '--', 'true']).err, /the IMA key .* cannot be used/);
});

class Records extends AuditSink {
  readonly all: AuditRecord[] = [];
  override record(r: AuditRecord): void { this.all.push(r); }
}

test('ima: a bit of a measured file that flips in memory is found, one that a writer changed is not', () => {
  const w = new World(memoryFs({}));
  const records = new Records(), { security } = w.kernel;
  security.audit = records;
  const sb = new TmpfsSuperBlock(w.kernel, 'tmpfs', 'tmpfs', {});
  const mount = w.kernel.mounts.mountRoot(sb, 0);
  const root = new Path(mount, mount.root).get();
  Object.assign(w.kernel, { init: { leader: { fs: { root } } } });
  const inode = must(sb.root.inode!.create(w.task, 'code', S_IFREG | 0o755));
  const write = (text: string): void => { must(inode.pages!.write(w.task, new KernelBuffer(new TextEncoder().encode(text)), TREE_BLOCK)); };
  write('some code');
  security.ima.load('measure func=FILE_CHECK mask=MAY_READ');
  const path = new Path(mount, instantiate(sb.root, 'code', inode)).get();
  const open = (): void => {
    const file = must(inode.open(w.task, O_RDONLY));
    file.path = path.get();
    assert.equal(security.ima.filePostOpen(w.task, path, file, 'open'), 0);
  };
  open();
  assert.match(security.ima.list.ascii, / boot_aggregate\n10 [0-9a-f]{40} ima-ng sha256:[0-9a-f]{64} \/code\n$/);
  assert.equal(security.verity.recheck(w.task), 0);

  const { u8 } = w.kernel.machine.ram, at = inode.pages!.peek(1) * TREE_BLOCK;
  u8[at + 2]! ^= 1;
  inode.pages!.getPage(w.task, 0);
  assert.equal(security.verity.recheck(w.task), 1);
  assert.deepEqual(records.all.map(r => [r['op'], r['device']]), [['verify-memory', `ima:tmpfs:${inode.ino}`]]);
  u8[at + 2]! ^= 1;
  assert.equal(security.verity.recheck(w.task), 0);

  write('other code');
  w.nowNs += 1e9;
  inode.mtime = w.kernel.realtime();
  assert.equal(security.verity.recheck(w.task), 0);
  open();
  assert.equal(security.ima.list.count, 3);
});
