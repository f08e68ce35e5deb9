// Whose keys are whose (keyrings(7), "Possession"): the rings of a thread, its process and its session, the search through them, and what the
// mask of a key allows.
import { type Errno, type Fallible, EACCES, EINVAL, ENOKEY, isErr } from '../../abi/errno.ts';
import * as abi from '../../abi/keyctl.ts';
import type { Task } from '../task/task.ts';
import { GROUP, type Key, OWNER, POSSESSOR, RING_OF_SESSION, RING_OF_TASK } from './keys.ts';

const MAX_DEPTH = 6;

/** The key that a serial number or a KEY_SPEC_* names, if `t` has the permission `need` (KEY_*, 0: none). 'create' makes special rings that are missing. */
export function lookupKey(t: Task, id: number, need: number, missing: 'create' | 'fail'): Fallible<Key> {
  const key = id > 0 ? t.kernel.security.keys.get(id) ?? ENOKEY : specialRing(t, id, missing);
  if (isErr(key)) return key;
  if (need !== 0) {
    if (!allows(t, key, need)) return EACCES;
    const r = key.check(t.kernel.now());
    if (r !== 0) return r;
  }
  return key;
}

function specialRing(t: Task, id: number, missing: 'create' | 'fail'): Fallible<Key> {
  const { keys } = t.kernel.security;
  const own = (name: string, perm: number): Fallible<Key> => {
    const ring = keys.make(t.kernel, 'keyring', name, { uid: t.cred.fsuid, gid: t.cred.fsgid }, perm);
    return isErr(ring) ? ring : keys.hold(ring);
  };
  switch (id) {
    case abi.KEY_SPEC_THREAD_KEYRING: {
      if (t.keyring !== null) return t.keyring;
      const ring = missing === 'fail' ? ENOKEY : own('_tid', RING_OF_TASK);
      return isErr(ring) ? ring : (t.keyring = ring);
    }
    case abi.KEY_SPEC_PROCESS_KEYRING: {
      if (t.process.keyring !== null) return t.process.keyring;
      const ring = missing === 'fail' ? ENOKEY : own('_pid', RING_OF_TASK);
      return isErr(ring) ? ring : (t.process.keyring = ring);
    }
    case abi.KEY_SPEC_SESSION_KEYRING: {
      if (t.process.sessionKeyring !== null) return t.process.sessionKeyring;
      if (missing === 'fail') return keys.userRing(t.kernel, t.cred.uid, '_uid_ses');
      const ring = keys.userRing(t.kernel, t.cred.uid, '_uid_ses');
      return isErr(ring) ? ring : (t.process.sessionKeyring = keys.hold(ring));
    }
    case abi.KEY_SPEC_USER_KEYRING: return keys.userRing(t.kernel, t.cred.uid, '_uid');
    case abi.KEY_SPEC_USER_SESSION_KEYRING: return keys.userRing(t.kernel, t.cred.uid, '_uid_ses');
    case abi.KEY_SPEC_GROUP_KEYRING: return EINVAL;
    case abi.KEY_SPEC_REQKEY_AUTH_KEY: case abi.KEY_SPEC_REQUESTOR_KEYRING: return ENOKEY;
    default: return EINVAL;
  }
}

/** A new session with a ring of its own, or of that name if the caller may search it (keyctl_join_session_keyring(3)). */
export function joinSession(t: Task, name: string | null): Fallible<Key> {
  const { keys } = t.kernel.security;
  const ring = keys.make(t.kernel, 'keyring', name ?? '_ses', { uid: t.cred.uid, gid: t.cred.gid }, RING_OF_SESSION);
  if (isErr(ring)) return ring;
  keys.hold(ring);
  keys.release(t.process.sessionKeyring);
  t.process.sessionKeyring = ring;
  return ring;
}

/** The rings that the task possesses, in the order of search. */
function possessed(t: Task): Key[] {
  const session = t.process.sessionKeyring ?? t.kernel.security.keys.userRing(t.kernel, t.cred.uid, '_uid_ses');
  return [t.keyring, t.process.keyring, session].filter((k): k is Key => k !== null && !isErr(k));
}

/** Does the mask of `key` give `t` all of `need`? A possessor has its octet and one of the others. */
export function allows(t: Task, key: Key, need: number): boolean {
  const { cred } = t;
  let mask = cred.fsuid === key.uid ? key.perm >>> OWNER : cred.inGroup(key.gid) ? key.perm >>> GROUP : key.perm;
  if (possessed(t).some(ring => ring.reaches(key) || holds(ring, key, 0))) mask |= key.perm >>> POSSESSOR;
  return (mask & need) === need;
}

function holds(ring: Key, key: Key, depth: number): boolean {
  return ring.links.includes(key) || (depth < MAX_DEPTH && ring.links.some(k => k.type === 'keyring' && holds(k, key, depth + 1)));
}

/** The first key of that type and description in the ring or below, which `t` may search. The gravest of what was met on the way, else ENOKEY. */
export function searchRing(t: Task, ring: Key, type: string, description: string, depth = 0): Fallible<Key> {
  if (!allows(t, ring, abi.KEY_SEARCH)) return depth === 0 ? EACCES : ENOKEY;
  let result: Errno = ENOKEY;
  for (const key of ring.links) {
    if (key.type !== type || key.description !== description) continue;
    const r = key.check(t.kernel.now());
    if (r === 0 && allows(t, key, abi.KEY_SEARCH)) return key;
    result = r === 0 ? EACCES : r;
  }
  if (depth < MAX_DEPTH) {
    for (const below of ring.links) {
      const found = below.type === 'keyring' ? searchRing(t, below, type, description, depth + 1) : ENOKEY;
      if (!isErr(found)) return found;
      if (found !== ENOKEY) result = found;
    }
  }
  return result;
}

/** request_key(2): thread, process, session. That one of them has no such key counts more than a key of another that cannot be used. */
export function searchOwn(t: Task, type: string, description: string): Fallible<Key> {
  let result: Errno | 0 = 0;
  for (const ring of possessed(t)) {
    const found = searchRing(t, ring, type, description);
    if (!isErr(found)) return found;
    if (result !== ENOKEY) result = found;
  }
  return result || ENOKEY;
}

/** A thread ends, or loads another program. */
export function releaseThreadRing(t: Task): void {
  t.kernel.security.keys.release(t.keyring);
  t.keyring = null;
}

/** exec, exit: the process' ring is not kept. */
export function releaseProcessRing(t: Task): void {
  t.kernel.security.keys.release(t.process.keyring);
  t.process.keyring = null;
}
