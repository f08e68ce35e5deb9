// Credentials of a task (credentials(7), capabilities(7)). Immutable: a change makes a new object, so that sharing is safe.
import type { LandlockDomain } from './landlock/domain.ts';

export interface CapSets {
  /** Each set as two 32-bit words: capabilities 0-31 and 32-63. */
  readonly effective: readonly [number, number];
  readonly permitted: readonly [number, number];
  readonly inheritable: readonly [number, number];
  readonly bounding: readonly [number, number];
  readonly ambient: readonly [number, number];
}

type Fields = Omit<Credentials, 'with' | 'has' | 'inGroup'>;

export class Credentials {
  readonly uid: number; readonly euid: number; readonly suid: number; readonly fsuid: number;
  readonly gid: number; readonly egid: number; readonly sgid: number; readonly fsgid: number;
  readonly groups: readonly number[];
  readonly caps: CapSets;
  readonly securebits: number;
  /** What it has restricted itself to (landlock(7)); null: nothing. */
  readonly landlock: LandlockDomain | null;

  constructor(c: Fields) {
    this.uid = c.uid; this.euid = c.euid; this.suid = c.suid; this.fsuid = c.fsuid;
    this.gid = c.gid; this.egid = c.egid; this.sgid = c.sgid; this.fsgid = c.fsgid;
    this.groups = c.groups;
    this.caps = c.caps;
    this.securebits = c.securebits;
    this.landlock = c.landlock;
  }
  with(change: Partial<Fields>): Credentials { return new Credentials({ ...this, ...change }); }
  /** Is capability `cap` (CAP_*) effective? */
  has(cap: number): boolean { return ((this.caps.effective[cap >>> 5]! >>> (cap & 31)) & 1) !== 0; }
  /** fsgid or a supplementary group. */
  inGroup(gid: number): boolean { return this.fsgid === gid || this.groups.includes(gid); }
}

const ALL: readonly [number, number] = [0xffff_ffff, 0x1ff];
const NONE: readonly [number, number] = [0, 0];

/** Plain user or root with all capabilities, as a login would make it; `bounding` leaves it only those. */
export function credentialsFor(uid: number, gid: number, groups: readonly number[] = [], bounding: readonly [number, number] = ALL): Credentials {
  const has = uid === 0 ? bounding : NONE;
  return new Credentials({
    uid, euid: uid, suid: uid, fsuid: uid, gid, egid: gid, sgid: gid, fsgid: gid, groups, securebits: 0, landlock: null,
    caps: { effective: has, permitted: has, inheritable: NONE, bounding, ambient: NONE },
  });
}
