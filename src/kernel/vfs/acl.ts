// Access control lists of files: setting and getting them as attributes, and what a new file inherits (acl(5), "Object creation and default ACLs").
import { type Errno, type Fallible, EACCES, ENODATA, EOPNOTSUPP, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_FSETID } from '../../abi/capability.ts';
import { isDirectory, isSymlink, S_ISGID } from '../../abi/stat.ts';
import { isOwnerOrCapable } from '../security/access.ts';
import { aclMode, encodeAcl, inheritAcl, isMinimal, parseAcl, type PosixAcl } from '../security/posix-acl.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from './inode.ts';
import { isProtected } from './attr-flags.ts';

export const ACCESS_ACL = 'system.posix_acl_access', DEFAULT_ACL = 'system.posix_acl_default';

/** The attribute's value; ENODATA without a list. */
export function getAcl(inode: Inode, name: string): Fallible<Uint8Array> {
  if (!inode.hasAcls || isSymlink(inode.mode)) return EOPNOTSUPP;
  const acl = name === ACCESS_ACL ? inode.acl : inode.defaultAcl;
  return acl === null ? ENODATA : encodeAcl(acl);
}

/** setxattr(2) and removexattr(2) (`bytes` null) of a list: its owner's right. The mode follows the list. */
export function setAcl(t: Task, inode: Inode, name: string, bytes: Uint8Array | null): 0 | Errno {
  const acl = bytes === null ? null : parseAcl(bytes);
  if (isErr(acl)) return acl;
  if (isProtected(inode)) return EPERM;
  if (!inode.hasAcls || isSymlink(inode.mode)) return EOPNOTSUPP;
  if (name === DEFAULT_ACL && !isDirectory(inode.mode)) return acl === null ? 0 : EACCES;
  if (!isOwnerOrCapable(t.cred, inode)) return EPERM;
  if (name === DEFAULT_ACL) return inode.setAcls(t, inode.acl, acl);
  return acl === null ? inode.setAcls(t, null, inode.defaultAcl) : setAccess(t, inode, acl);
}

function setAccess(t: Task, inode: Inode, acl: PosixAcl): 0 | Errno {
  const { cred } = t;
  const keepsSgid = cred.inGroup(inode.gid) || cred.has(CAP_FSETID);
  const mode = (inode.mode & ~0o777 & (keepsSgid ? -1 : ~S_ISGID)) | aclMode(acl);
  return inode.setattr(t, { mode, ctime: t.kernel.realtime() }) || inode.setAcls(t, isMinimal(acl) ? null : acl, inode.defaultAcl);
}

/** The permission bits of something new in `dir`: the umask counts only where the directory has no default list. */
export function modeForNew(t: Task, dir: Inode, mode: number): number {
  if (dir.sb.appliesUmask) return mode;
  return dir.defaultAcl === null ? mode & ~t.fs.umask : inheritAcl(dir.defaultAcl, mode).mode;
}

/** The lists of something just made in `dir`, asked for with `mode`. */
export function inheritAcls(t: Task, dir: Inode, made: Inode, mode: number): 0 | Errno {
  if (dir.defaultAcl === null) return 0;
  const { acl } = inheritAcl(dir.defaultAcl, mode);
  const passedOn = isDirectory(made.mode) ? dir.defaultAcl : null;
  return acl === null && passedOn === null ? 0 : made.setAcls(t, acl, passedOn);
}
