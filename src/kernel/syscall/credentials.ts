// User and group ids, groups, capabilities: setresuid(2), setgroups(2), capget(2), capset(2); credentials(7), capabilities(7).
import { EFAULT, EINVAL, EPERM, ESRCH, type Errno, isErr } from '../../abi/errno.ts';
import {
  CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_LINUX_IMMUTABLE, CAP_MAC_OVERRIDE, CAP_MKNOD, CAP_SETGID, CAP_SETPCAP,
  CAP_SETUID, CapUserData, CapUserHeader, _LINUX_CAPABILITY_VERSION_1, _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3,
} from '../../abi/capability.ts';
import type { CapSets, Credentials } from '../security/credentials.ts';
import { changeCredentials } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { int, outInts, ptr, syscall, uint } from './define.ts';

const KEEP = 0xffff_ffff;
const SECBIT_NO_SETUID_FIXUP = 4, SECBIT_KEEP_CAPS = 16;
const NONE: readonly [number, number] = [0, 0];

export const sys_getuid = syscall({ name: 'getuid', args: [], run: t => t.cred.uid });
export const sys_geteuid = syscall({ name: 'geteuid', args: [], run: t => t.cred.euid });
export const sys_getgid = syscall({ name: 'getgid', args: [], run: t => t.cred.gid });
export const sys_getegid = syscall({ name: 'getegid', args: [], run: t => t.cred.egid });

const storeIds = (t: Task, at: readonly number[], ids: readonly number[]): 0 | Errno => {
  for (let i = 0; i < at.length; i++) if (isErr(t.user.storeU32(at[i]!, ids[i]!))) return EFAULT;
  return 0;
};
export const sys_getresuid = syscall({
  name: 'getresuid', args: [outInts('ruid', 1), outInts('euid', 1), outInts('suid', 1)],
  run: (t, r, e, s) => storeIds(t, [r, e, s], [t.cred.uid, t.cred.euid, t.cred.suid]),
});
export const sys_getresgid = syscall({
  name: 'getresgid', args: [outInts('rgid', 1), outInts('egid', 1), outInts('sgid', 1)],
  run: (t, r, e, s) => storeIds(t, [r, e, s], [t.cred.gid, t.cred.egid, t.cred.sgid]),
});

export const sys_setuid = syscall({
  name: 'setuid', args: [uint('uid')],
  run(t, uid) {
    if (uid === KEEP) return EINVAL;
    const c = t.cred;
    if (c.has(CAP_SETUID)) return setUids(t, uid, uid, uid, uid);
    return uid === c.uid || uid === c.suid ? setUids(t, c.uid, uid, c.suid, uid) : EPERM;
  },
});
export const sys_setgid = syscall({
  name: 'setgid', args: [uint('gid')],
  run(t, gid) {
    if (gid === KEEP) return EINVAL;
    const c = t.cred;
    if (c.has(CAP_SETGID)) return setGids(t, gid, gid, gid, gid);
    return gid === c.gid || gid === c.sgid ? setGids(t, c.gid, gid, c.sgid, gid) : EPERM;
  },
});

export const sys_setreuid = syscall({
  name: 'setreuid', args: [uint('ruid'), uint('euid')],
  run(t, r, e) {
    const c = t.cred;
    const all = c.has(CAP_SETUID);
    if (r !== KEEP && !all && r !== c.uid && r !== c.euid) return EPERM;
    if (e !== KEEP && !all && e !== c.uid && e !== c.euid && e !== c.suid) return EPERM;
    const uid = r === KEEP ? c.uid : r, euid = e === KEEP ? c.euid : e;
    const suid = r !== KEEP || (e !== KEEP && e !== c.uid) ? euid : c.suid;
    return setUids(t, uid, euid, suid, euid);
  },
});
export const sys_setregid = syscall({
  name: 'setregid', args: [uint('rgid'), uint('egid')],
  run(t, r, e) {
    const c = t.cred;
    const all = c.has(CAP_SETGID);
    if (r !== KEEP && !all && r !== c.gid && r !== c.egid) return EPERM;
    if (e !== KEEP && !all && e !== c.gid && e !== c.egid && e !== c.sgid) return EPERM;
    const gid = r === KEEP ? c.gid : r, egid = e === KEEP ? c.egid : e;
    const sgid = r !== KEEP || (e !== KEEP && e !== c.gid) ? egid : c.sgid;
    return setGids(t, gid, egid, sgid, egid);
  },
});

export const sys_setresuid = syscall({
  name: 'setresuid', args: [uint('ruid'), uint('euid'), uint('suid')],
  run(t, r, e, s) {
    const c = t.cred;
    const own = [c.uid, c.euid, c.suid];
    if (!c.has(CAP_SETUID) && [r, e, s].some(id => id !== KEEP && !own.includes(id))) return EPERM;
    const euid = e === KEEP ? c.euid : e;
    return setUids(t, r === KEEP ? c.uid : r, euid, s === KEEP ? c.suid : s, euid);
  },
});
export const sys_setresgid = syscall({
  name: 'setresgid', args: [uint('rgid'), uint('egid'), uint('sgid')],
  run(t, r, e, s) {
    const c = t.cred;
    const own = [c.gid, c.egid, c.sgid];
    if (!c.has(CAP_SETGID) && [r, e, s].some(id => id !== KEEP && !own.includes(id))) return EPERM;
    const egid = e === KEEP ? c.egid : e;
    return setGids(t, r === KEEP ? c.gid : r, egid, s === KEEP ? c.sgid : s, egid);
  },
});

/** setfsuid(2): answers the old value, whatever happens. */
export const sys_setfsuid = syscall({
  name: 'setfsuid', args: [uint('fsuid')],
  run(t, id) {
    const c = t.cred;
    if (id !== KEEP && (c.has(CAP_SETUID) || id === c.uid || id === c.euid || id === c.suid || id === c.fsuid)) changeCredentials(t, c.with({ fsuid: id, caps: capsAfterSetfsuid(c, id) }));
    return c.fsuid;
  },
});
export const sys_setfsgid = syscall({
  name: 'setfsgid', args: [uint('fsgid')],
  run(t, id) {
    const c = t.cred;
    if (id !== KEEP && (c.has(CAP_SETGID) || id === c.gid || id === c.egid || id === c.sgid || id === c.fsgid)) changeCredentials(t, c.with({ fsgid: id }));
    return c.fsgid;
  },
});

function setUids(t: Task, uid: number, euid: number, suid: number, fsuid: number): 0 {
  const old = t.cred;
  changeCredentials(t, old.with({ uid, euid, suid, fsuid, caps: capsAfterSetuid(t, old, uid, euid, suid) }));
  return 0;
}

function setGids(t: Task, gid: number, egid: number, sgid: number, fsgid: number): 0 {
  changeCredentials(t, t.cred.with({ gid, egid, sgid, fsgid }));
  return 0;
}

/** capabilities(7), "Effect of user ID changes on capabilities". */
function capsAfterSetuid(t: Task, old: Credentials, uid: number, euid: number, suid: number): CapSets {
  if ((old.securebits & SECBIT_NO_SETUID_FIXUP) !== 0) return old.caps;
  let { effective, permitted, ambient } = old.caps;
  const hadRoot = old.uid === 0 || old.euid === 0 || old.suid === 0;
  if (hadRoot && uid !== 0 && euid !== 0 && suid !== 0) {
    if (!t.process.keepCaps && (old.securebits & SECBIT_KEEP_CAPS) === 0) permitted = NONE;
    effective = NONE;
    ambient = NONE;
  }
  if (old.euid === 0 && euid !== 0) effective = NONE;
  if (old.euid !== 0 && euid === 0) effective = permitted;
  return { ...old.caps, effective, permitted, ambient };
}

const FS_CAPS = [CAP_CHOWN, CAP_MKNOD, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_LINUX_IMMUTABLE, CAP_MAC_OVERRIDE];
const FS_SET: readonly [number, number] = [
  FS_CAPS.reduce((w, c) => (c < 32 ? w | (1 << c) : w), 0), FS_CAPS.reduce((w, c) => (c < 32 ? w : w | (1 << (c - 32))), 0),
];

/** The capabilities that go with file system uid 0 leave and enter the effective set with it. */
function capsAfterSetfsuid(old: Credentials, fsuid: number): CapSets {
  if ((old.securebits & SECBIT_NO_SETUID_FIXUP) !== 0 || (old.fsuid === 0) === (fsuid === 0)) return old.caps;
  const { effective: [lo, hi], permitted } = old.caps;
  const effective: [number, number] = fsuid !== 0 ? [(lo & ~FS_SET[0]) >>> 0, (hi & ~FS_SET[1]) >>> 0]
    : [(lo | (permitted[0] & FS_SET[0])) >>> 0, (hi | (permitted[1] & FS_SET[1])) >>> 0];
  return { ...old.caps, effective };
}

export const sys_getgroups = syscall({
  name: 'getgroups', args: [int('size'), ptr('list')],
  run(t, n, list) {
    const { groups } = t.cred;
    if (n < 0 || (n > 0 && n < groups.length)) return EINVAL;
    if (n === 0) return groups.length;
    const r = t.user.copyOut(list, new Uint8Array(new Uint32Array(groups).buffer));
    return isErr(r) ? r : groups.length;
  },
});

export const sys_setgroups = syscall({
  name: 'setgroups', args: [int('size'), ptr('list')],
  run(t, n, list) {
    const NGROUPS_MAX = 65536;
    if (!t.cred.has(CAP_SETGID)) return EPERM;
    if (n < 0 || n > NGROUPS_MAX) return EINVAL;
    const ids = new Uint32Array(n);
    const r = t.user.copyIn(list, new Uint8Array(ids.buffer));
    if (n > 0 && isErr(r)) return r;
    t.cred = t.cred.with({ groups: [...ids].sort((a, b) => a - b) });
    return 0;
  },
});

/** Reads the header; answers how many data structs follow. An unknown version is answered with the preferred one (capget(2)). */
function capHeader(t: Task, at: number): { pid: number; count: 1 | 2 } | Errno {
  const h = CapUserHeader.view();
  const r = t.user.copyIn(at, h.bytes);
  if (isErr(r)) return r;
  if (h.version === _LINUX_CAPABILITY_VERSION_1) return { pid: h.pid, count: 1 };
  if (h.version === _LINUX_CAPABILITY_VERSION_2 || h.version === _LINUX_CAPABILITY_VERSION_3) return { pid: h.pid, count: 2 };
  const w = t.user.storeU32(at, _LINUX_CAPABILITY_VERSION_3);
  return isErr(w) ? w : EINVAL;
}

export const sys_capget = syscall({
  name: 'capget', args: [ptr('hdrp'), ptr('datap')],
  run(t, hdr, data) {
    const head = capHeader(t, hdr);
    if (isErr(head)) return head === EINVAL && data === 0 ? 0 : head;
    if (head.pid < 0) return EINVAL;
    const target = head.pid === 0 ? t : t.kernel.pids.tasks.get(head.pid);
    if (target === undefined) return ESRCH;
    const { caps } = target.cred;
    const bytes = new Uint8Array(head.count * CapUserData.size);
    const v = CapUserData.view(bytes);
    for (let i = 0; i < head.count; i++) {
      v.at(i * CapUserData.size);
      v.effective = caps.effective[i]!;
      v.permitted = caps.permitted[i]!;
      v.inheritable = caps.inheritable[i]!;
    }
    return t.user.copyOut(data, bytes);
  },
});

type Set64 = readonly [number, number];
const within = (a: Set64, b: Set64): boolean => (a[0] & ~b[0]) === 0 && (a[1] & ~b[1]) === 0;
const or = (a: Set64, b: Set64): Set64 => [a[0] | b[0], a[1] | b[1]];

export const sys_capset = syscall({
  name: 'capset', args: [ptr('hdrp'), ptr('datap')],
  run(t, hdr, data) {
    const head = capHeader(t, hdr);
    if (isErr(head)) return head;
    if (head.pid !== 0 && head.pid !== t.tid) return EPERM;
    const bytes = new Uint8Array(2 * CapUserData.size);
    const r = t.user.copyIn(data, bytes, 0, head.count * CapUserData.size);
    if (isErr(r)) return r;
    const v = CapUserData.view(bytes);
    const read = (field: 'effective' | 'permitted' | 'inheritable'): [number, number] => [v.at(0)[field], v.at(CapUserData.size)[field]];
    const effective = read('effective'), permitted = read('permitted'), inheritable = read('inheritable');
    const c = t.cred.caps;
    if (!within(permitted, c.permitted) || !within(effective, permitted)) return EPERM;
    if (!within(inheritable, or(c.inheritable, t.cred.has(CAP_SETPCAP) ? c.bounding : c.permitted))) return EPERM;
    const ambient: [number, number] = [c.ambient[0] & permitted[0] & inheritable[0], c.ambient[1] & permitted[1] & inheritable[1]];
    changeCredentials(t, t.cred.with({ caps: { ...c, effective, permitted, inheritable, ambient } }));
    return 0;
  },
});
