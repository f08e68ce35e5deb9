// System V IPC (sysvipc(7)): what message queues, semaphore sets and shared memory segments have in common: ids, keys, owners, permissions.
// An id is a slot and a sequence number, so that the id of a removed object does not soon name another.
import { type Errno, type Fallible, EACCES, EEXIST, EIDRM, EINVAL, ENOENT, ENOSPC, EPERM } from '../../abi/errno.ts';
import { CAP_IPC_OWNER, CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE, type IpcPerm } from '../../abi/ipc.ts';
import type { ViewOf } from '../../lib/struct.ts';
import type { Credentials } from '../security/credentials.ts';
import type { Task } from '../task/task.ts';

const SLOTS = 32768;
export const IPC_R = 4, IPC_W = 2;

/** One object, struct ipc_perm. */
export abstract class SysvObject {
  readonly id: number;
  readonly key: number;
  readonly cuid: number;
  readonly cgid: number;
  uid: number;
  gid: number;
  /** Permission bits; shared memory adds SHM_DEST. */
  mode: number;
  /** Seconds of CLOCK_REALTIME. */
  ctime: number;
  /** IPC_RMID: whoever waits learns EIDRM. */
  removed = false;

  constructor(t: Task, id: number, key: number, mode: number) {
    this.id = id;
    this.key = key;
    this.uid = this.cuid = t.cred.euid;
    this.gid = this.cgid = t.cred.egid;
    this.mode = mode & 0o777;
    this.ctime = t.kernel.realtime().sec;
  }

  get seq(): number { return Math.floor(this.id / SLOTS); }

  /** May `t` do what `want` (IPC_R | IPC_W) says? */
  permits(t: Task, want: number): boolean {
    const c = t.cred;
    const shift = c.euid === this.cuid || c.euid === this.uid ? 6 : inGroup(c, this.cgid) || inGroup(c, this.gid) ? 3 : 0;
    return ((this.mode >> shift) & want) === want || c.has(CAP_IPC_OWNER);
  }

  /** IPC_SET and IPC_RMID: owner or creator. */
  isOwner(t: Task): boolean { return t.cred.euid === this.uid || t.cred.euid === this.cuid || t.cred.has(CAP_SYS_ADMIN); }

  storePerm(p: ViewOf<typeof IpcPerm>): void {
    p.key = this.key;
    p.uid = this.uid;
    p.gid = this.gid;
    p.cuid = this.cuid;
    p.cgid = this.cgid;
    p.mode = this.mode;
    p.seq = this.seq;
  }

  /** IPC_SET. */
  setPerm(t: Task, p: ViewOf<typeof IpcPerm>): void {
    this.uid = p.uid;
    this.gid = p.gid;
    this.mode = (this.mode & ~0o777) | (p.mode & 0o777);
    this.ctime = t.kernel.realtime().sec;
  }
}

const inGroup = (c: Credentials, gid: number): boolean => c.egid === gid || c.groups.includes(gid);

/** All objects of one kind. */
export abstract class SysvTable<T extends SysvObject> {
  private readonly slots: (T | null)[] = [];
  private readonly byKey = new Map<number, T>();
  private readonly max: number;
  private sequence = 0;

  constructor(max: number) { this.max = max; }

  protected abstract make(t: Task, id: number, key: number, mode: number, size: number): Fallible<T>;
  /** An object of that key is there: does it suit the caller's size? */
  protected abstract checkSize(object: T, size: number): 0 | Errno;

  get count(): number { return this.slots.reduce((n, o) => n + (o === null ? 0 : 1), 0); }
  /** Highest slot in use, for *_INFO. */
  get highestIndex(): number { return Math.max(0, this.slots.length - 1); }
  *all(): IterableIterator<T> { for (const o of this.slots) if (o !== null) yield o; }

  /** semget(2), msgget(2), shmget(2): the id. */
  get(t: Task, key: number, size: number, flags: number): number | Errno {
    const there = key === IPC_PRIVATE ? undefined : this.byKey.get(key);
    if (there === undefined) {
      if (key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0) return ENOENT;
      return this.create(t, key, size, flags);
    }
    if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) return EEXIST;
    const e = this.checkSize(there, size);
    if (e !== 0) return e;
    const want = ((flags >> 6) | (flags >> 3) | flags) & 7;
    return there.permits(t, want) ? there.id : EACCES;
  }

  private create(t: Task, key: number, size: number, flags: number): number | Errno {
    let slot = this.slots.indexOf(null);
    if (slot < 0) slot = this.slots.length;
    if (slot >= this.max) return ENOSPC;
    const object = this.make(t, this.sequence * SLOTS + slot, key, flags, size);
    if (typeof object === 'number') return object;
    this.sequence = (this.sequence + 1) % 65536;
    this.slots[slot] = object;
    if (key !== IPC_PRIVATE) this.byKey.set(key, object);
    return object.id;
  }

  /** The object of an id: EINVAL if there never was one, EIDRM if the slot has a new tenant. */
  find(id: number): Fallible<T> {
    if (id < 0) return EINVAL;
    const o = this.slots[id % SLOTS] ?? null;
    if (o === null) return EINVAL;
    return o.id === id ? o : EIDRM;
  }

  /** *_STAT: by slot. */
  at(index: number): Fallible<T> { return this.slots[index] ?? EINVAL; }

  findFor(t: Task, id: number, want: number): Fallible<T> {
    const o = this.find(id);
    if (typeof o === 'number') return o;
    return o.permits(t, want) ? o : EACCES;
  }

  findOwned(t: Task, id: number): Fallible<T> {
    const o = this.find(id);
    if (typeof o === 'number') return o;
    return o.isOwner(t) ? o : EPERM;
  }

  /** No key and no id lead to it any more. */
  remove(o: T): void {
    o.removed = true;
    this.unkey(o);
    this.slots[o.id % SLOTS] = null;
    while (this.slots.length > 0 && this.slots[this.slots.length - 1] === null) this.slots.pop();
  }

  /** shmctl IPC_RMID of an attached segment: only the key goes. */
  unkey(o: T): void { if (this.byKey.get(o.key) === o) this.byKey.delete(o.key); }
}
