// Extended attributes (xattr(7)): set, get, list and remove, each by path, by path without following, and by descriptor.
import { type Errno, EINVAL, ENODATA, EOPNOTSUPP, EPERM, ERANGE, E2BIG, EACCES, type Fallible, isErr } from '../../abi/errno.ts';
import { CAP_SETFCAP, CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { IN_ATTRIB } from '../../abi/eventfd.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { XATTR_LIST_MAX, XATTR_NAME_MAX, XATTR_SIZE_MAX } from '../../abi/limits.ts';
import { isDirectory, isRegular, S_ISVTX } from '../../abi/stat.ts';
import { XATTR_CREATE, XATTR_REPLACE } from '../../abi/xattr.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import { IMA_XATTR } from '../integrity/ima.ts';
import { inodePermission, isOwnerOrCapable, MAY_READ, MAY_WRITE, mayWriteThrough } from '../security/access.ts';
import { CAPABILITY_XATTR, checkCapabilities } from '../security/file-capabilities.ts';
import type { Task } from '../task/task.ts';
import { ACCESS_ACL, DEFAULT_ACL, getAcl, setAcl } from '../vfs/acl.ts';
import { pathOf } from '../vfs/anon-inode.ts';
import { isProtected } from '../vfs/attr-flags.ts';
import type { Inode } from '../vfs/inode.ts';
import type { Path } from '../vfs/mount.ts';
import { notifyPath } from '../vfs/notify.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { type Arg, fd, flags, inBuffer, outBuffer, path, size, string, syscall, type Syscall, type SysResult } from './define.ts';
import { contents } from './fs-attr.ts';

/** How a call names its file. */
type By = 'path' | 'link' | 'fd';
const target = (by: By): Arg => by === 'fd' ? fd('fd') : path('path');

const setter = (name: string, by: By): Syscall => syscall({
  name,
  args: [target(by), string('name'), inBuffer('value', 3), size('size'), flags('flags', { XATTR_CREATE, XATTR_REPLACE })],
  run: (t, file, name, value, size, flags) => withPath(t, by, file, p => set(t, p, name, value, size, flags)),
});
const getter = (name: string, by: By): Syscall => syscall({
  name,
  args: [target(by), string('name'), outBuffer('value', 3), size('size')],
  run: (t, file, name, value, size) => withPath(t, by, file, p => get(t, p, name, value, size)),
});
const lister = (name: string, by: By): Syscall => syscall({
  name,
  args: [target(by), outBuffer('list', 2), size('size')],
  run: (t, file, list, size) => withPath(t, by, file, p => listNames(t, p, list, size)),
});
const remover = (name: string, by: By): Syscall => syscall({
  name,
  args: [target(by), string('name')],
  run: (t, file, name) => withPath(t, by, file, p => remove(t, p, name)),
});

export const sys_setxattr = setter('setxattr', 'path');
export const sys_lsetxattr = setter('lsetxattr', 'link');
export const sys_fsetxattr = setter('fsetxattr', 'fd');
export const sys_getxattr = getter('getxattr', 'path');
export const sys_lgetxattr = getter('lgetxattr', 'link');
export const sys_fgetxattr = getter('fgetxattr', 'fd');
export const sys_listxattr = lister('listxattr', 'path');
export const sys_llistxattr = lister('llistxattr', 'link');
export const sys_flistxattr = lister('flistxattr', 'fd');
export const sys_removexattr = remover('removexattr', 'path');
export const sys_lremovexattr = remover('lremovexattr', 'link');
export const sys_fremovexattr = remover('fremovexattr', 'fd');

function withPath(t: Task, by: By, file: number, act: (p: Path) => SysResult): SysResult {
  if (by === 'fd') {
    const f = contents(t, file);
    return isErr(f) ? f : act(pathOf(f));
  }
  const name = t.user.path(file);
  if (isErr(name)) return name;
  const p = lookupPath(t, AT_FDCWD, name, by === 'path' ? LOOKUP_FOLLOW : 0);
  if (isErr(p)) return p;
  const r = act(p);
  p.put();
  return r;
}

function set(t: Task, p: Path, namePtr: number, value: number, size: number, flags: number): SysResult {
  if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) return EINVAL;
  const name = attributeName(t, namePtr);
  if (isErr(name)) return name;
  if (size > XATTR_SIZE_MAX) return E2BIG;
  const bytes = new Uint8Array(size);
  const r = (size > 0 ? t.user.copyIn(value, bytes) : 0) || store(t, p, name, bytes, flags);
  if (r === 0) notifyPath(t, p, IN_ATTRIB);
  return r;
}

function store(t: Task, p: Path, name: string, bytes: Uint8Array, flags: number): 0 | Errno {
  const inode = p.dentry.inode!;
  if (isAclName(name)) return mayWriteThrough(p.mount, inode) || setAcl(t, inode, name, bytes);
  const bad = name === CAPABILITY_XATTR ? checkCapabilities(bytes) : 0;
  return bad || mayChange(t, p, name) || (name === IMA_XATTR ? t.kernel.security.ima.relabel(inode, bytes) : 0) || inode.setxattr(t, name, bytes, flags);
}

function get(t: Task, p: Path, namePtr: number, value: number, size: number): SysResult {
  const name = attributeName(t, namePtr);
  if (isErr(name)) return name;
  const inode = p.dentry.inode!;
  const r = mayRead(t, inode, name);
  if (r !== 0) return r;
  const bytes = isAclName(name) ? getAcl(inode, name) : inode.getxattr(t, name);
  if (isErr(bytes)) return bytes;
  if (size === 0) return bytes.length;
  if (bytes.length > size) return ERANGE;
  return t.user.copyOut(value, bytes) || bytes.length;
}

function listNames(t: Task, p: Path, list: number, size: number): SysResult {
  const inode = p.dentry.inode!;
  const names = inode.listxattr(t);
  if (isErr(names)) return names;
  const lists = [...(inode.acl === null ? [] : [ACCESS_ACL]), ...(inode.defaultAcl === null ? [] : [DEFAULT_ACL])];
  const visible = [...lists, ...names].filter(n => !n.startsWith('trusted.') || t.cred.has(CAP_SYS_ADMIN));
  const bytes = latin1Encode(visible.map(n => `${n}\0`).join(''));
  if (bytes.length > XATTR_LIST_MAX) return E2BIG;
  if (size === 0) return bytes.length;
  if (bytes.length > size) return ERANGE;
  return t.user.copyOut(list, bytes) || bytes.length;
}

function remove(t: Task, p: Path, namePtr: number): SysResult {
  const name = attributeName(t, namePtr);
  if (isErr(name)) return name;
  const inode = p.dentry.inode!;
  const r = isAclName(name) ? mayWriteThrough(p.mount, inode) || setAcl(t, inode, name, null) : mayChange(t, p, name) || inode.removexattr(t, name);
  if (r === 0 && name === IMA_XATTR) t.kernel.security.ima.relabel(inode, null);
  if (r === 0) notifyPath(t, p, IN_ATTRIB);
  return r;
}

/** ERANGE for what is no name; EOPNOTSUPP for name spaces that nobody serves. */
function attributeName(t: Task, at: number): Fallible<string> {
  const name = t.user.string(at, XATTR_NAME_MAX + 1, ERANGE);
  if (isErr(name)) return name;
  if (name === '') return ERANGE;
  if (isAclName(name)) return name;
  const space = name.slice(0, name.indexOf('.') + 1);
  if (space !== 'user.' && space !== 'trusted.' && space !== 'security.') return EOPNOTSUPP;
  return name.length === space.length ? EINVAL : name;
}

function mayChange(t: Task, p: Path, name: string): 0 | Errno {
  const inode = p.dentry.inode!;
  const r = mayWriteThrough(p.mount, inode);
  if (r !== 0) return r;
  if (isProtected(inode)) return EPERM;
  if (name === CAPABILITY_XATTR) return t.cred.has(CAP_SETFCAP) ? 0 : EPERM;
  if (name.startsWith('trusted.')) return t.cred.has(CAP_SYS_ADMIN) ? 0 : EPERM;
  if (name.startsWith('security.')) return t.cred.has(CAP_SYS_ADMIN) ? 0 : EPERM;
  if (!carriesUserAttributes(inode)) return EPERM;
  if (isDirectory(inode.mode) && (inode.mode & S_ISVTX) !== 0 && !isOwnerOrCapable(t.cred, inode)) return EPERM;
  return inodePermission(t.cred, inode, MAY_WRITE);
}

function mayRead(t: Task, inode: Inode, name: string): 0 | Errno {
  if (name.startsWith('trusted.')) return t.cred.has(CAP_SYS_ADMIN) ? 0 : ENODATA;
  if (name.startsWith('security.') || isAclName(name)) return 0;
  if (!carriesUserAttributes(inode)) return ENODATA;
  return inodePermission(t.cred, inode, MAY_READ) === 0 ? 0 : EACCES;
}

const isAclName = (name: string): boolean => name === ACCESS_ACL || name === DEFAULT_ACL;
const carriesUserAttributes = (inode: Inode): boolean => isRegular(inode.mode) || isDirectory(inode.mode);
