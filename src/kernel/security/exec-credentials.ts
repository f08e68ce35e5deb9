// What execve(2) does to credentials: set-user-ID and set-group-ID programs, and the capability rules of capabilities(7).
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import { MS_NOSUID } from '../../abi/mount.ts';
import { S_ISGID, S_ISUID, S_IXGRP } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import type { Path } from '../vfs/mount.ts';
import type { CapSets, Credentials } from './credentials.ts';

const SECBIT_NOROOT = 1;
const ALL: readonly [number, number] = [0xffff_ffff, 0x1ff];
type Set64 = readonly [number, number];
const and = (a: Set64, b: Set64): Set64 => [(a[0] & b[0]) >>> 0, (a[1] & b[1]) >>> 0];
const or = (a: Set64, b: Set64): Set64 => [(a[0] | b[0]) >>> 0, (a[1] | b[1]) >>> 0];
const same = (a: Set64, b: Set64): boolean => a[0] === b[0] && a[1] === b[1];
const NONE: Set64 = [0, 0];

/** The credentials of the new program; the same object if nothing changes. */
export function execCredentials(t: Task, program: Path): Credentials {
  const old = t.cred;
  const inode = program.dentry.inode!;
  const honoured = mayHonour(t, program) && !isWatched(t);
  const euid = honoured && (inode.mode & S_ISUID) !== 0 ? inode.uid : old.euid;
  const egid = honoured && (inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP) ? inode.gid : old.egid;
  const gained = euid !== old.euid || egid !== old.egid;
  const caps = transform(old, euid, gained);
  if (!gained && caps === old.caps && old.suid === euid && old.fsuid === euid && old.sgid === egid && old.fsgid === egid) return old;
  if (gained) t.process.dumpable = 0;
  return old.with({ euid, suid: euid, fsuid: euid, egid, sgid: egid, fsgid: egid, caps });
}

/** The program would have gained ids but for its tracer: it runs as its caller, yet in secure mode (execve(2), ld.so(8)). */
export function lostSetIds(t: Task, program: Path): boolean {
  const { mode, uid, gid } = program.dentry.inode!;
  if (!isWatched(t) || !mayHonour(t, program)) return false;
  return ((mode & S_ISUID) !== 0 && uid !== t.cred.euid) || ((mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP) && gid !== t.cred.egid);
}

const mayHonour = (t: Task, program: Path): boolean => ((program.mount.flags | program.mount.sb.flags) & MS_NOSUID) === 0 && !t.noNewPrivs;
/** By a tracer that could not have attached to the program afterwards. */
const isWatched = (t: Task): boolean => t.traced !== null && !t.traced.tracer.cred.has(CAP_SYS_PTRACE);

function transform(old: Credentials, euid: number, gained: boolean): CapSets {
  const c = old.caps;
  const asRoot = (old.securebits & SECBIT_NOROOT) === 0 && (euid === 0 || old.uid === 0);
  const ambient = gained ? NONE : c.ambient;
  const permitted = asRoot ? or(and(ALL, c.bounding), c.inheritable) : ambient;
  const effective = asRoot && euid === 0 ? permitted : ambient;
  if (same(permitted, c.permitted) && same(effective, c.effective) && same(ambient, c.ambient)) return c;
  return { ...c, permitted, effective, ambient };
}
