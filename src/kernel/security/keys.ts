// Keys and keyrings (keyrings(7)): objects with a serial number, an owner and a mask of permissions, held by the rings that link them. A key whose
// last link goes is gone. Types: user, logon, keyring.
import { type Errno, EDEADLK, EDQUOT, EINVAL, EKEYEXPIRED, EKEYREVOKED, ELOOP, ENFILE, ENODEV } from '../../abi/errno.ts';
import { KEY_ALL, KEY_READ, KEY_VIEW } from '../../abi/keyctl.ts';
import type { Kernel } from '../kernel.ts';

export type KeyType = 'user' | 'logon' | 'keyring';

/** Octets of the mask: possessor, owner, group, others. */
export const POSSESSOR = 24, OWNER = 16, GROUP = 8;
const MAX_PAYLOAD = 32_767, MAX_DEPTH = 6;
/** proc(5), /proc/sys/kernel/keys: what one user may have. */
const MAX_KEYS = 200, MAX_BYTES = 20_000, ROOT_MAX_KEYS = 1_000_000, ROOT_MAX_BYTES = 25_000_000;
/** Links of a keyring, so that nobody makes it grow for ever. */
const MAX_LINKS = 4096;

export const RING_OF_SESSION = ((KEY_ALL << POSSESSOR) | ((KEY_VIEW | KEY_READ) << OWNER)) >>> 0;
export const RING_OF_TASK = ((KEY_ALL << POSSESSOR) | (KEY_VIEW << OWNER)) >>> 0;

export class Key {
  readonly serial: number;
  readonly type: KeyType;
  readonly description: string;
  uid: number;
  gid: number;
  perm: number;
  payload: Uint8Array = new Uint8Array(0);
  /** Of a keyring, in order of linking. */
  readonly links: Key[] = [];
  /** Rings that link it, and tasks whose ring it is. */
  users = 0;
  revoked = false;
  /** Monotonic ns. */
  expiresNs = Infinity;

  constructor(serial: number, type: KeyType, description: string, owner: { uid: number; gid: number }, perm: number) {
    this.serial = serial;
    this.type = type;
    this.description = description;
    this.uid = owner.uid;
    this.gid = owner.gid;
    this.perm = perm;
  }

  /** Usable? 0, EKEYREVOKED or EKEYEXPIRED. */
  check(nowNs: number): 0 | Errno { return this.revoked ? EKEYREVOKED : nowNs >= this.expiresNs ? EKEYEXPIRED : 0; }
  get bytes(): number { return this.description.length + 1 + (this.type === 'keyring' ? 4 * this.links.length : this.payload.length); }
  find(type: string, description: string): Key | undefined { return this.links.find(k => k.type === type && k.description === description); }
  /** Is `other` this ring, or linked somewhere below it? */
  reaches(other: Key, depth = 0): boolean {
    return this === other || (depth <= MAX_DEPTH && this.links.some(k => k.type === 'keyring' && k.reaches(other, depth + 1)));
  }
}

export class KeyTable {
  private readonly all = new Map<number, Key>();
  /** _uid.N and _uid_ses.N, made on first use and kept. */
  private readonly userRings = new Map<string, Key>();

  /** All keys by serial number, for /proc/keys. */
  list(): Key[] { return [...this.all.values()].sort((a, b) => a.serial - b.serial); }

  /** What a user has, and may have. */
  quota(uid: number): { count: number; bytes: number; maxKeys: number; maxBytes: number } {
    let count = 0, bytes = 0;
    for (const key of this.all.values()) if (key.uid === uid) { count++; bytes += key.bytes; }
    return { count, bytes, maxKeys: uid === 0 ? ROOT_MAX_KEYS : MAX_KEYS, maxBytes: uid === 0 ? ROOT_MAX_BYTES : MAX_BYTES };
  }

  get(serial: number): Key | undefined { return this.all.get(serial); }

  /** A key that nobody holds yet. EDQUOT at the user's limits. */
  make(k: Kernel, type: KeyType, description: string, owner: { uid: number; gid: number }, perm: number, bytes = 0): Key | Errno {
    const quota = this.quota(owner.uid);
    if (quota.count >= quota.maxKeys || quota.bytes + description.length + 1 + bytes > quota.maxBytes) return EDQUOT;
    let serial: number;
    do serial = 3 + k.random.below(0x3fff_fff0); while (this.all.has(serial));
    const key = new Key(serial, type, description, owner, perm);
    this.all.set(serial, key);
    return key;
  }

  /** New contents; EDQUOT if the owner's quota has no room for them. */
  setPayload(key: Key, bytes: Uint8Array): 0 | Errno {
    const quota = this.quota(key.uid);
    if (bytes.length > key.payload.length && quota.bytes + bytes.length - key.payload.length > quota.maxBytes) return EDQUOT;
    key.payload = bytes;
    return 0;
  }

  /** The user's ring, or the ring of sessions that have none: the latter links the former. */
  userRing(k: Kernel, uid: number, which: '_uid' | '_uid_ses'): Key | Errno {
    const name = `${which}.${uid}`;
    const known = this.userRings.get(name);
    if (known !== undefined) return known;
    const perm = (((KEY_ALL & ~0x20) << POSSESSOR) | (KEY_ALL << OWNER)) >>> 0;
    const ring = this.make(k, 'keyring', name, { uid, gid: -1 >>> 0 }, perm);
    if (typeof ring === 'number') return ring;
    this.userRings.set(name, this.hold(ring));
    if (which === '_uid_ses') {
      const user = this.userRing(k, uid, '_uid');
      if (typeof user !== 'number') this.link(ring, user);
    }
    return ring;
  }

  hold(key: Key): Key {
    key.users++;
    return key;
  }

  release(key: Key | null): void {
    if (key === null || --key.users > 0) return;
    this.all.delete(key.serial);
    for (const linked of key.links.splice(0)) this.release(linked);
  }

  /** A key of the same type and description gives way. */
  link(ring: Key, key: Key): 0 | Errno {
    if (key.type === 'keyring' && key.reaches(ring)) return EDEADLK;
    if (key.type === 'keyring' && depthOf(key) >= MAX_DEPTH) return ELOOP;
    const old = ring.find(key.type, key.description);
    if (old === key) return 0;
    if (old === undefined && ring.links.length >= MAX_LINKS) return ENFILE;
    this.hold(key);
    if (old === undefined) ring.links.push(key);
    else {
      ring.links[ring.links.indexOf(old)] = key;
      this.release(old);
    }
    return 0;
  }

  /** Was it linked there? */
  unlink(ring: Key, key: Key): boolean {
    const at = ring.links.indexOf(key);
    if (at < 0) return false;
    ring.links.splice(at, 1);
    this.release(key);
    return true;
  }

  /** Gone from every ring at once (KEYCTL_INVALIDATE). */
  invalidate(key: Key): void {
    key.revoked = true;
    for (const ring of [...this.all.values()]) if (ring.type === 'keyring') this.unlink(ring, key);
  }
}

function depthOf(ring: Key): number {
  let depth = 0;
  for (const k of ring.links) if (k.type === 'keyring') depth = Math.max(depth, 1 + depthOf(k));
  return depth;
}

/** add_key(2), keyctl_update(3): may a key of this type have that name and payload? */
export function checkPayload(type: string, description: string, length: number): 0 | Errno {
  switch (type) {
    case 'user': return length === 0 || length > MAX_PAYLOAD ? EINVAL : 0;
    case 'logon': return length === 0 || length > MAX_PAYLOAD || description.indexOf(':') < 1 ? EINVAL : 0;
    case 'keyring': return length !== 0 ? EINVAL : 0;
    default: return ENODEV;
  }
}
