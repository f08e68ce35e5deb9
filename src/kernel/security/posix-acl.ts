// POSIX access control lists (acl(5)): the value of system.posix_acl_access and system.posix_acl_default, checked, asked, and kept in step with the
// mode. A list that says no more than the mode is not kept.
import { type Errno, type Fallible, EACCES, EINVAL, EOPNOTSUPP } from '../../abi/errno.ts';
import { ACL_GROUP, ACL_GROUP_OBJ, ACL_MASK, ACL_OTHER, ACL_UNDEFINED_ID, ACL_USER, ACL_USER_OBJ, POSIX_ACL_XATTR_VERSION } from '../../abi/xattr.ts';
import type { Credentials } from './credentials.ts';

export interface AclEntry { readonly tag: number; readonly perm: number; readonly id: number }
/** In the order of their tags, as acl_check(3) wants them. Immutable. */
export type PosixAcl = readonly AclEntry[];

const HEAD = 4, ENTRY = 8, RWX = 7;

/** The list in an attribute's value; null: an empty one, which takes the list away. */
export function parseAcl(bytes: Uint8Array): Fallible<PosixAcl | null> {
  const d = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < HEAD) return EINVAL;
  if (d.getUint32(0, true) !== POSIX_ACL_XATTR_VERSION) return EOPNOTSUPP;
  if ((bytes.length - HEAD) % ENTRY !== 0) return EINVAL;
  if (bytes.length === HEAD) return null;
  const acl: AclEntry[] = [];
  for (let at = HEAD; at < bytes.length; at += ENTRY) {
    const tag = d.getUint16(at, true);
    const named = tag === ACL_USER || tag === ACL_GROUP;
    acl.push({ tag, perm: d.getUint16(at + 2, true), id: named ? d.getUint32(at + 4, true) : ACL_UNDEFINED_ID });
  }
  return isValid(acl) ? acl : EINVAL;
}

export function encodeAcl(acl: PosixAcl): Uint8Array {
  const bytes = new Uint8Array(HEAD + acl.length * ENTRY);
  const d = new DataView(bytes.buffer);
  d.setUint32(0, POSIX_ACL_XATTR_VERSION, true);
  acl.forEach(({ tag, perm, id }, i) => {
    d.setUint16(HEAD + i * ENTRY, tag, true);
    d.setUint16(HEAD + i * ENTRY + 2, perm, true);
    d.setInt32(HEAD + i * ENTRY + 4, id, true);
  });
  return bytes;
}

/** One of each of the three that the mode has, named ones between them, and a mask if there are any of those. */
function isValid(acl: PosixAcl): boolean {
  let last = 0;
  for (const { tag, perm } of acl) {
    if (perm > RWX || tag < last || (tag === last && tag !== ACL_USER && tag !== ACL_GROUP)) return false;
    if (![ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_GROUP, ACL_MASK, ACL_OTHER].includes(tag)) return false;
    last = tag;
  }
  const has = (tag: number): boolean => acl.some(e => e.tag === tag);
  const named = has(ACL_USER) || has(ACL_GROUP);
  return has(ACL_USER_OBJ) && has(ACL_GROUP_OBJ) && has(ACL_OTHER) && (!named || has(ACL_MASK));
}

/** Says no more than nine mode bits can. */
export const isMinimal = (acl: PosixAcl): boolean => acl.length === 3;

const permOf = (acl: PosixAcl, tag: number): number => acl.find(e => e.tag === tag)?.perm ?? 0;
/** Whose permissions the group bits of the mode show. */
const groupTag = (acl: PosixAcl): number => acl.some(e => e.tag === ACL_MASK) ? ACL_MASK : ACL_GROUP_OBJ;

/** The permission bits that go with a list. */
export function aclMode(acl: PosixAcl): number {
  return (permOf(acl, ACL_USER_OBJ) << 6) | (permOf(acl, groupTag(acl)) << 3) | permOf(acl, ACL_OTHER);
}

/** chmod(2): the bits go into the list. */
export function aclAfterChmod(acl: PosixAcl, mode: number): PosixAcl {
  const group = groupTag(acl);
  return acl.map(e => ({ ...e, perm: e.tag === ACL_USER_OBJ ? (mode >> 6) & RWX : e.tag === group ? (mode >> 3) & RWX : e.tag === ACL_OTHER ? mode & RWX : e.perm }));
}

/** What a new file gets from its directory's default list: permissions that both the list and `mode` have. */
export function inheritAcl(acl: PosixAcl, mode: number): { acl: PosixAcl | null; mode: number } {
  const group = groupTag(acl);
  const masked = acl.map(e => ({
    ...e, perm: e.perm & (e.tag === ACL_USER_OBJ ? mode >> 6 : e.tag === group ? mode >> 3 : e.tag === ACL_OTHER ? mode : RWX),
  }));
  return { acl: isMinimal(masked) ? null : masked, mode: (mode & ~0o777) | aclMode(masked) };
}

/** acl(5), "Access check algorithm", for somebody who is not the owner. 0 or EACCES. */
export function aclPermission(acl: PosixAcl, cred: Credentials, gid: number, want: number): 0 | Errno {
  const mask = acl.some(e => e.tag === ACL_MASK) ? permOf(acl, ACL_MASK) : RWX;
  let found = false;
  for (const { tag, perm, id } of acl) {
    if (tag === ACL_USER && id === cred.fsuid) return (perm & mask & want) === want ? 0 : EACCES;
    if (tag === ACL_GROUP_OBJ ? cred.inGroup(gid) : tag === ACL_GROUP && cred.inGroup(id)) {
      found = true;
      if ((perm & want) === want) return (perm & mask & want) === want ? 0 : EACCES;
    }
  }
  return !found && (permOf(acl, ACL_OTHER) & want) === want ? 0 : EACCES;
}
