// What execve(2) does to credentials: set-user-ID and set-group-ID programs, file capabilities, ambient ones, root, and what a tracer, a
// partner that shares directories or no_new_privs takes back (capabilities(7), "Transformation of capabilities during execve()"). Computed before the point of no return.
import { type Fallible, EPERM } from '../../abi/errno.ts';
import { CAP_SETUID } from '../../abi/capability.ts';
import { MS_NOSUID } from '../../abi/mount.ts';
import { SECBIT_KEEP_CAPS, SECBIT_NOROOT } from '../../abi/prctl.ts';
import { S_ISGID, S_ISUID, S_IXGRP } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import type { Path } from '../vfs/mount.ts';
import type { Credentials } from './credentials.ts';
import { fileCapabilities } from './file-capabilities.ts';

type Set64 = readonly [number, number];
const NONE: Set64 = [0, 0];
const and = (a: Set64, b: Set64): Set64 => [(a[0] & b[0]) >>> 0, (a[1] & b[1]) >>> 0];
const or = (a: Set64, b: Set64): Set64 => [(a[0] | b[0]) >>> 0, (a[1] | b[1]) >>> 0];
const same = (a: Set64, b: Set64): boolean => a[0] === b[0] && a[1] === b[1];
const within = (a: Set64, b: Set64): boolean => (a[0] & ~b[0]) === 0 && (a[1] & ~b[1]) === 0;

export interface ExecChange {
  /** The same object if nothing changes. */
  readonly cred: Credentials;
  /** AT_SECURE: the dynamic linker must not believe the environment (ld.so(8)). */
  readonly secure: boolean;
}

/** The credentials of the new program. EPERM: its file demands capabilities that it cannot get, and would not notice. */
export function execCredentials(t: Task, program: Path): Fallible<ExecChange> {
  const old = t.cred;
  const inode = program.dentry.inode!;
  const setIds = mayBringRights(program) && !t.noNewPrivs;
  let euid = setIds && (inode.mode & S_ISUID) !== 0 ? inode.uid : old.euid;
  let egid = setIds && (inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP) ? inode.gid : old.egid;
  const isSetId = euid !== old.uid || egid !== old.gid;

  const caps = old.caps;
  const file = mayBringRights(program) ? fileCapabilities(t, inode) : null;
  let permitted: Set64 = file === null ? NONE : or(and(file.permitted, caps.bounding), and(file.inheritable, caps.inheritable));
  if (file !== null && file.effective && !within(file.permitted, permitted)) return EPERM;
  let effective = file?.effective === true;
  // A set-user-ID-root program with capabilities of its own gets only those.
  const limited = file !== null && old.uid !== 0 && euid === 0;
  if ((old.securebits & SECBIT_NOROOT) === 0 && !limited && (euid === 0 || old.uid === 0)) {
    permitted = or(caps.bounding, caps.inheritable);
    effective ||= euid === 0;
  }

  const unsafe = t.noNewPrivs || isWatched(t) || isShared(t);
  if (unsafe && (isSetId || !within(permitted, caps.permitted))) {
    if (!old.has(CAP_SETUID) || t.noNewPrivs) {
      euid = old.uid;
      egid = old.gid;
    }
    permitted = and(permitted, caps.permitted);
  }
  const ambient = file !== null || isSetId ? NONE : caps.ambient;
  permitted = or(permitted, ambient);
  const secure = isSetId || (old.uid !== 0 && (effective || !within(permitted, ambient)));
  return { cred: changed(old, { euid, egid, permitted, effective: effective ? permitted : ambient, ambient }), secure };
}

function changed(old: Credentials, n: { euid: number; egid: number; permitted: Set64; effective: Set64; ambient: Set64 }): Credentials {
  const { caps } = old;
  const securebits = old.securebits & ~SECBIT_KEEP_CAPS;
  const sameIds = n.euid === old.euid && old.suid === n.euid && old.fsuid === n.euid && n.egid === old.egid && old.sgid === n.egid && old.fsgid === n.egid;
  const sameCaps = same(n.permitted, caps.permitted) && same(n.effective, caps.effective) && same(n.ambient, caps.ambient);
  if (sameIds && sameCaps && securebits === old.securebits) return old;
  return old.with({
    euid: n.euid, suid: n.euid, fsuid: n.euid, egid: n.egid, sgid: n.egid, fsgid: n.egid, securebits,
    caps: sameCaps ? caps : { ...caps, permitted: n.permitted, effective: n.effective, ambient: n.ambient },
  });
}

const mayBringRights = (program: Path): boolean => ((program.mount.flags | program.mount.sb.flags) & MS_NOSUID) === 0;
/** By a tracer that could not have attached to the program afterwards. */
const isWatched = (t: Task): boolean => t.traced !== null && !t.traced.isPrivileged;
/** Somebody outside the process shares its directories (CLONE_FS): a chroot of theirs would be the program's. */
const isShared = (t: Task): boolean => t.fs.users > [...t.process.threads].filter(other => other.fs === t.fs).length;
