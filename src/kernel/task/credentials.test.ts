// Credentials through execve(2) and the set*id calls: credentials(7), capabilities(7), prctl(2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAP_CHOWN, CAP_KILL, CAP_NET_RAW, CAP_SETPCAP } from '../../abi/capability.ts';
import { EINVAL, EPERM, isErr } from '../../abi/errno.ts';
import { MS_NOSUID } from '../../abi/mount.ts';
import * as pr from '../../abi/prctl.ts';
import { call, FakeKernel } from '../ipc/test-util.ts';
import { execCredentials } from '../security/exec-credentials.ts';
import { sys_capset, sys_setfsuid, sys_setgid, sys_setregid, sys_setresuid, sys_setreuid, sys_setuid } from '../syscall/credentials.ts';
import { sys_prctl } from '../syscall/prctl.ts';
import type { Path } from '../vfs/mount.ts';
import { changeCredentials } from './credentials.ts';
import type { Task } from './task.ts';

const KEEP = 0xffff_ffff;
const program = (mode: number, uid = 0, gid = 0, flags = 0): Path =>
  ({ dentry: { inode: { mode, uid, gid } }, mount: { flags, sb: { flags: 0 } } }) as unknown as Path;
const exec = (t: Task, p: Path): void => {
  const change = execCredentials(t, p);
  assert.ok(!isErr(change));
  changeCredentials(t, change.cred);
};
/** Nobody has too many tasks. */
const kernel = (): FakeKernel => Object.assign(new FakeKernel(), { tasksOf: () => 0 });
const ids = (t: Task): number[] => [t.cred.uid, t.cred.euid, t.cred.suid, t.cred.fsuid];

test('a set-user-ID program runs as its owner, with all capabilities if that is root, and cannot be dumped', () => {
  const t = kernel().spawn(1000);
  t.pdeathsig = 9;
  exec(t, program(0o4755, 0));
  assert.deepEqual(ids(t), [1000, 0, 0, 0]);
  assert.ok(t.cred.has(CAP_KILL));
  assert.deepEqual([t.process.dumpable, t.pdeathsig], [0, 0]);
});

test('without gain nothing changes: the parent-death signal stays', () => {
  const t = kernel().spawn(1000);
  t.pdeathsig = 9;
  const before = t.cred;
  exec(t, program(0o755, 0));
  assert.equal(t.cred, before);
  assert.deepEqual([t.process.dumpable, t.pdeathsig], [1, 9]);
});

test('nosuid mounts and no_new_privs take set-user-ID away; set-group-ID means nothing without group execution', () => {
  const k = kernel();
  for (const [p, privs] of [[program(0o4755, 0, 0, MS_NOSUID), false], [program(0o4755), true], [program(0o2745, 0, 5), false]] as const) {
    const t = k.spawn(1000);
    t.noNewPrivs = privs;
    exec(t, p);
    assert.deepEqual([t.cred.euid, t.cred.egid], [1000, 1000]);
  }
  const t = k.spawn(1000);
  exec(t, program(0o2755, 0, 5));
  assert.deepEqual([t.cred.gid, t.cred.egid, t.cred.sgid], [1000, 5, 5]);
});

test('ambient capabilities survive a plain program and not a set-user-ID one', () => {
  const k = kernel(), t = k.spawn(0);
  const lo = 1 << CAP_NET_RAW;
  t.cred = t.cred.with({ caps: { ...t.cred.caps, inheritable: [lo, 0] } });
  assert.equal(call(t, sys_prctl, pr.PR_CAP_AMBIENT, pr.PR_CAP_AMBIENT_RAISE, CAP_NET_RAW), 0);
  assert.equal(call(t, sys_prctl, pr.PR_CAP_AMBIENT, pr.PR_CAP_AMBIENT_RAISE, CAP_KILL), EPERM);
  assert.equal(call(t, sys_prctl, pr.PR_CAP_AMBIENT, pr.PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 1), EINVAL);
  t.cred = t.cred.with({ uid: 1000, euid: 1000, suid: 1000, fsuid: 1000 });
  exec(t, program(0o755));
  assert.ok(t.cred.has(CAP_NET_RAW) && !t.cred.has(CAP_KILL));
  exec(t, program(0o4755, 7));
  assert.ok(!t.cred.has(CAP_NET_RAW));
});

test('setuid: root changes all ids and loses its capabilities, others only switch among their own', () => {
  const k = kernel(), t = k.spawn(0);
  assert.equal(call(t, sys_setuid, KEEP), EINVAL);
  assert.equal(call(t, sys_setuid, 1000), 0);
  assert.deepEqual(ids(t), [1000, 1000, 1000, 1000]);
  assert.ok(!t.cred.has(CAP_KILL));
  assert.deepEqual(t.cred.caps.permitted, [0, 0]);
  assert.equal(call(t, sys_setuid, 0), EPERM);
  assert.equal(call(t, sys_setgid, 7), EPERM);
});

test('PR_SET_KEEPCAPS keeps the permitted set over the change', () => {
  const t = kernel().spawn(0);
  call(t, sys_prctl, pr.PR_SET_KEEPCAPS, 1);
  call(t, sys_setuid, 1000);
  assert.ok(!t.cred.has(CAP_KILL));
  assert.notDeepEqual(t.cred.caps.permitted, [0, 0]);
});

test('setreuid and setresuid: the saved id follows as credentials(7) says', () => {
  const k = kernel(), t = k.spawn(0);
  assert.equal(call(t, sys_setreuid, KEEP, 1000), 0);
  assert.deepEqual(ids(t), [0, 1000, 1000, 1000]);
  assert.equal(call(t, sys_setreuid, 1000, 0), 0);
  assert.deepEqual(ids(t), [1000, 0, 0, 0]);
  assert.ok(t.cred.has(CAP_KILL));
  assert.equal(call(t, sys_setresuid, 1, 2, 3), 0);
  assert.deepEqual(ids(t), [1, 2, 3, 2]);
  assert.equal(call(t, sys_setresuid, 3, 1, 2), 0);
  assert.equal(call(t, sys_setresuid, 9, KEEP, KEEP), EPERM);
  assert.equal(call(t, sys_setregid, 9, KEEP), EPERM);
});

test('setfsuid answers the old id and takes the file capabilities along', () => {
  const t = kernel().spawn(0);
  assert.equal(call(t, sys_setfsuid, 1000), 0);
  assert.ok(!t.cred.has(CAP_CHOWN) && t.cred.has(CAP_KILL));
  assert.equal(call(t, sys_setfsuid, 0), 1000);
  assert.ok(t.cred.has(CAP_CHOWN));
  t.cred = t.cred.with({ uid: 5, euid: 5, suid: 5, fsuid: 5, caps: { ...t.cred.caps, effective: [0, 0] } });
  assert.equal(call(t, sys_setfsuid, 77), 5);
  assert.equal(t.cred.fsuid, 5);
});

test('securebits: locked bits stay, unknown ones and the unprivileged are refused', () => {
  const t = kernel().spawn(0);
  const set = (bits: number): number | 'parked' => call(t, sys_prctl, pr.PR_SET_SECUREBITS, bits);
  assert.equal(set(0x3), 0);
  assert.equal(set(0x0), EPERM);
  assert.equal(set(0x103), EPERM);
  assert.equal(set(0x7), 0);
  assert.equal(call(t, sys_prctl, pr.PR_GET_SECUREBITS), 7);
  t.cred = t.cred.with({ caps: { ...t.cred.caps, effective: [0, 0] } });
  assert.equal(set(0x7), EPERM);
});

test('capset: permitted only shrinks, effective stays within it', () => {
  const k = kernel(), t = k.spawn(0);
  const AT = 64;
  const set = (effective: number, permitted: number, inheritable = 0): number | 'parked' => {
    k.user.storeU32(AT, 0x20080522);
    k.user.storeU32(AT + 4, 0);
    [effective, permitted, inheritable, 0, 0, 0].forEach((w, i) => k.user.storeU32(AT + 8 + 4 * i, w));
    return call(t, sys_capset, AT, AT + 8);
  };
  const bit = 1 << CAP_SETPCAP;
  assert.equal(set(bit, bit), 0);
  assert.equal(set(bit | 1, bit), EPERM);
  assert.equal(set(bit, bit | 1), EPERM);
  assert.equal(set(0, 0), 0);
});
