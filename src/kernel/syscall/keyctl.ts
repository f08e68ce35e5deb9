// add_key(2), request_key(2), keyctl(2).
import { type Errno, type Fallible, EACCES, EEXIST, EINVAL, ENODEV, ENOENT, ENOKEY, ENOTDIR, EOPNOTSUPP, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import * as abi from '../../abi/keyctl.ts';
import { joinSession, allows, lookupKey, searchOwn, searchRing } from '../security/keyrings.ts';
import { checkPayload, type Key, type KeyType, RING_OF_TASK } from '../security/keys.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import type { Task } from '../task/task.ts';
import { inBuffer, int, long, oneOf, size, string, syscall } from './define.ts';

const { KEY_LINK, KEY_READ, KEY_SEARCH, KEY_SETATTR, KEY_VIEW, KEY_WRITE } = abi;
const OPERATIONS = Object.fromEntries(Object.entries(abi).filter(([k]) => /^KEYCTL_(?!CAPS|MOVE_)/.test(k))) as Record<string, number>;
const MAX_TYPE = 32, MAX_DESCRIPTION = 4096, MAX_PAYLOAD = 1 << 20;

/** add_key(2). */
export const sys_add_key = syscall({
  name: 'add_key',
  args: [string('type'), string('description'), inBuffer('payload', 3), size('plen'), int('keyring')],
  gaps: 'key types user, logon and keyring',
  run(t, typePtr, descriptionPtr, payload, length, ringId) {
    if (length >= MAX_PAYLOAD) return EINVAL;
    const type = typeName(t, typePtr);
    if (isErr(type)) return type;
    const description = descriptionPtr === 0 ? '' : t.user.string(descriptionPtr, MAX_DESCRIPTION, EINVAL);
    if (isErr(description)) return description;
    if (type === 'keyring' && description[0] === '.') return EPERM;
    const bytes = new Uint8Array(length);
    const r = length > 0 ? t.user.copyIn(payload, bytes) : 0;
    if (r !== 0) return r;
    const ring = lookupKey(t, ringId, KEY_WRITE, 'create');
    if (isErr(ring)) return ring;
    if (ring.type !== 'keyring') return ENOTDIR;
    if (!isType(type)) return ENODEV;
    if (description === '') return EINVAL;
    const bad = checkPayload(type, description, length);
    if (bad !== 0) return bad;
    return add(t, ring, type, description, bytes);
  },
});

/** request_key(2). */
export const sys_request_key = syscall({
  name: 'request_key',
  args: [string('type'), string('description'), string('callout_info'), int('dest_keyring')],
  gaps: 'no upcall to /sbin/request-key: keys that are not there are ENOKEY',
  run(t, typePtr, descriptionPtr, _callout, destination) {
    const type = typeName(t, typePtr);
    if (isErr(type)) return type;
    const description = t.user.string(descriptionPtr, MAX_DESCRIPTION, EINVAL);
    if (isErr(description)) return description;
    if (!isType(type)) return ENOKEY;
    const key = searchOwn(t, type, description);
    if (isErr(key)) return key;
    if (destination === 0) return key.serial;
    const ring = lookupKey(t, destination, KEY_WRITE, 'create');
    if (isErr(ring)) return ring;
    return t.kernel.security.keys.link(ring, key) || key.serial;
  },
});

/** keyctl(2). */
export const sys_keyctl = syscall({
  name: 'keyctl',
  args: [oneOf('operation', OPERATIONS), long('arg2'), long('arg3'), long('arg4'), long('arg5')],
  gaps: 'without Diffie-Hellman, public keys, persistent keyrings, restrictions and watches (EOPNOTSUPP); request-key helpers do not exist, so there is nothing to instantiate',
  run(t, operation, a, b, c, d) {
    const { keys } = t.kernel.security;
    switch (operation) {
      case abi.KEYCTL_GET_KEYRING_ID: return serialOf(lookupKey(t, a | 0, KEY_SEARCH, b !== 0 ? 'create' : 'fail'));
      case abi.KEYCTL_JOIN_SESSION_KEYRING: return join(t, a);
      case abi.KEYCTL_UPDATE: return update(t, a | 0, b, sizeOf(c));
      case abi.KEYCTL_REVOKE: return revoke(t, a | 0);
      case abi.KEYCTL_CHOWN: return changeOwner(t, a | 0, b | 0, c | 0);
      case abi.KEYCTL_SETPERM: return setPermissions(t, a | 0, b >>> 0);
      case abi.KEYCTL_DESCRIBE: return describe(t, a | 0, b, sizeOf(c));
      case abi.KEYCTL_CLEAR: return withRing(t, a | 0, KEY_WRITE, ring => {
        for (const key of [...ring.links]) keys.unlink(ring, key);
        return 0;
      });
      case abi.KEYCTL_LINK: return withRing(t, b | 0, KEY_WRITE, ring => withKey(t, a | 0, KEY_LINK, key => keys.link(ring, key)));
      case abi.KEYCTL_UNLINK: return withRing(t, b | 0, KEY_WRITE, ring => withKey(t, a | 0, 0, key => keys.unlink(ring, key) ? 0 : ENOENT));
      case abi.KEYCTL_MOVE: return withRing(t, b | 0, KEY_WRITE, from => withRing(t, c | 0, KEY_WRITE, to => withKey(t, a | 0, KEY_LINK, key => move(t, key, from, to, d))));
      case abi.KEYCTL_SEARCH: return search(t, a | 0, b, c, d | 0);
      case abi.KEYCTL_READ: return read(t, a | 0, b, sizeOf(c));
      case abi.KEYCTL_SET_TIMEOUT: return withKey(t, a | 0, KEY_SETATTR, key => {
        key.expiresNs = b === 0 ? Infinity : t.kernel.now() + b * 1e9;
        return 0;
      });
      case abi.KEYCTL_INVALIDATE: return withKey(t, a | 0, KEY_SEARCH, key => {
        keys.invalidate(key);
        return 0;
      });
      case abi.KEYCTL_GET_SECURITY: return withKey(t, a | 0, KEY_VIEW, () => (c === 0 || b === 0 ? 1 : t.user.storeU8(b, 0) || 1));
      case abi.KEYCTL_INSTANTIATE: case abi.KEYCTL_INSTANTIATE_IOV: case abi.KEYCTL_NEGATE: case abi.KEYCTL_REJECT: return EPERM;
      case abi.KEYCTL_ASSUME_AUTHORITY: return a === 0 ? 0 : EPERM;
      case abi.KEYCTL_CAPABILITIES: return capabilities(t, a, b);
      default: return EOPNOTSUPP;
    }
  },
});

/** Arguments are longs here, lengths are not. */
const sizeOf = (n: number): number => (n < 0 ? n + 2 ** 64 : n);
const isType = (type: string): type is KeyType => type === 'user' || type === 'logon' || type === 'keyring';
const serialOf = (key: Fallible<Key>): number => isErr(key) ? key : key.serial;

function typeName(t: Task, at: number): Fallible<string> {
  const type = t.user.string(at, MAX_TYPE, EINVAL);
  if (isErr(type)) return type;
  return type === '' ? EINVAL : type[0] === '.' ? EPERM : type;
}

function add(t: Task, ring: Key, type: KeyType, description: string, bytes: Uint8Array): number {
  const { keys } = t.kernel.security;
  const old = type === 'keyring' ? undefined : ring.find(type, description);
  if (old !== undefined) {
    if (!allows(t, old, KEY_WRITE)) return EACCES;
    const r = keys.setPayload(old, bytes);
    if (r !== 0) return r;
    old.revoked = false;
    old.expiresNs = Infinity;
    return old.serial;
  }
  const readable = type === 'logon' ? 0 : KEY_READ << 24;
  const perm = ((RING_OF_TASK & ~(KEY_READ << 24)) | readable) >>> 0;
  const key = keys.make(t.kernel, type, description, { uid: t.cred.fsuid, gid: t.cred.fsgid }, perm, bytes.length);
  if (isErr(key)) return key;
  key.payload = bytes;
  keys.hold(key);
  const r = keys.link(ring, key);
  keys.release(key);
  return r || key.serial;
}

function withKey(t: Task, id: number, need: number, act: (key: Key) => number): number {
  const key = lookupKey(t, id, need, 'create');
  return isErr(key) ? key : act(key);
}
function withRing(t: Task, id: number, need: number, act: (ring: Key) => number): number {
  return withKey(t, id, need, key => key.type === 'keyring' ? act(key) : ENOTDIR);
}

function join(t: Task, namePtr: number): number {
  const name = namePtr === 0 ? null : t.user.string(namePtr, MAX_DESCRIPTION, EINVAL);
  if (isErr(name)) return name;
  if (name !== null && (name === '' || name[0] === '.')) return name === '' ? EINVAL : EPERM;
  return serialOf(joinSession(t, name));
}

function update(t: Task, id: number, payload: number, length: number): number {
  if (length > 4096) return EINVAL;
  const bytes = new Uint8Array(length);
  const r = length > 0 ? t.user.copyIn(payload, bytes) : 0;
  if (r !== 0) return r;
  return withKey(t, id, KEY_WRITE, key => {
    if (key.type === 'keyring') return EOPNOTSUPP;
    const bad = checkPayload(key.type, key.description, length);
    if (bad !== 0) return bad;
    const r = t.kernel.security.keys.setPayload(key, bytes);
    if (r === 0) key.expiresNs = Infinity;
    return r;
  });
}

/** Needs write permission or that to change attributes. */
function revoke(t: Task, id: number): number {
  let key = lookupKey(t, id, KEY_WRITE, 'fail');
  if (key === EACCES) key = lookupKey(t, id, KEY_SETATTR, 'fail');
  if (isErr(key)) return key;
  key.revoked = true;
  return 0;
}

function changeOwner(t: Task, id: number, uid: number, gid: number): number {
  return withKey(t, id, KEY_SETATTR, key => {
    const admin = t.cred.has(CAP_SYS_ADMIN);
    if (!admin && ((uid !== -1 && uid !== key.uid) || (gid !== -1 && gid !== key.gid && !t.cred.inGroup(gid)))) return EACCES;
    if (uid !== -1) key.uid = uid;
    if (gid !== -1) key.gid = gid;
    return 0;
  });
}

function setPermissions(t: Task, id: number, perm: number): number {
  if ((perm & ~0x3f3f_3f3f) !== 0) return EINVAL;
  return withKey(t, id, KEY_SETATTR, key => {
    if (!t.cred.has(CAP_SYS_ADMIN) && key.uid !== t.cred.fsuid) return EACCES;
    key.perm = perm;
    return 0;
  });
}

function describe(t: Task, id: number, to: number, room: number): number {
  const key = lookupKey(t, id, 0, 'fail');
  if (isErr(key)) return key;
  if (!allows(t, key, KEY_VIEW)) return EACCES;
  const text = `${key.type};${shownId(key.uid)};${shownId(key.gid)};${key.perm.toString(16).padStart(8, '0')};${key.description}\0`;
  if (to === 0 || room < text.length) return text.length;
  return t.user.copyOut(to, latin1Encode(text)) || text.length;
}

/** No id at all is shown as the overflow id. */
const shownId = (id: number): number => id === 0xffff_ffff ? 65_534 : id;

/** A possessor may read what it can search for; otherwise the mask must say so. */
function read(t: Task, id: number, to: number, room: number): number {
  const key = lookupKey(t, id, 0, 'fail');
  if (isErr(key)) return key === ENOKEY ? ENOKEY : key;
  const r = key.check(t.kernel.now());
  if (r !== 0) return r;
  if (!allows(t, key, KEY_READ) && !(isPossessed(t, key) && allows(t, key, KEY_SEARCH))) return EACCES;
  if (key.type === 'logon') return EOPNOTSUPP;
  const bytes = key.type === 'keyring' ? new Uint8Array(new Int32Array(key.links.map(k => k.serial)).buffer) : key.payload;
  if (to === 0 || room === 0) return bytes.length;
  if (key.type === 'user' && room < bytes.length) return bytes.length;
  return t.user.copyOut(to, bytes, 0, Math.min(room, bytes.length)) || bytes.length;
}

function isPossessed(t: Task, key: Key): boolean { return searchOwn(t, key.type, key.description) === key; }

function search(t: Task, ringId: number, typePtr: number, descriptionPtr: number, destination: number): number {
  const type = typeName(t, typePtr);
  if (isErr(type)) return type;
  const description = t.user.string(descriptionPtr, MAX_DESCRIPTION, EINVAL);
  if (isErr(description)) return description;
  const ring = lookupKey(t, ringId, KEY_SEARCH, 'fail');
  if (isErr(ring)) return ring;
  if (ring.type !== 'keyring') return ENOTDIR;
  const key = searchRing(t, ring, type, description);
  if (isErr(key) || destination === 0) return serialOf(key);
  return withRing(t, destination, KEY_WRITE, to => allows(t, key, KEY_LINK) ? t.kernel.security.keys.link(to, key) || key.serial : EACCES);
}

function move(t: Task, key: Key, from: Key, to: Key, flags: number): 0 | Errno {
  const { keys } = t.kernel.security;
  if ((flags & ~abi.KEYCTL_MOVE_EXCL) !== 0) return EINVAL;
  if (!from.links.includes(key)) return ENOENT;
  if (from === to) return 0;
  if ((flags & abi.KEYCTL_MOVE_EXCL) !== 0 && to.find(key.type, key.description) !== undefined) return EEXIST;
  const r = keys.link(to, key);
  if (r === 0) keys.unlink(from, key);
  return r;
}

function capabilities(t: Task, to: number, room: number): number {
  const bytes = new Uint8Array([abi.KEYCTL_CAPS0_CAPABILITIES | abi.KEYCTL_CAPS0_INVALIDATE | abi.KEYCTL_CAPS0_MOVE, 0]);
  if (to === 0 || room === 0) return bytes.length;
  return t.user.copyOut(to, bytes, 0, Math.min(room, bytes.length)) || bytes.length;
}
