// Landlock's data (landlock(7)): rulesets are edited through a descriptor, and a domain is the chain of rulesets a task has restricted itself by.
// Layers never merge: every one of them must grant a right by itself.
import type { Inode } from '../../vfs/inode.ts';
import * as abi from '../../../abi/landlock.ts';

/** Rights on files, of which directories have no meaning for the rest. */
export const ALL_FS = 2 * abi.LANDLOCK_ACCESS_FS_IOCTL_DEV - 1;
export const ALL_NET = abi.LANDLOCK_ACCESS_NET_BIND_TCP | abi.LANDLOCK_ACCESS_NET_CONNECT_TCP;
export const ALL_SCOPES = abi.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | abi.LANDLOCK_SCOPE_SIGNAL;
export const FILE_RIGHTS = abi.LANDLOCK_ACCESS_FS_EXECUTE | abi.LANDLOCK_ACCESS_FS_WRITE_FILE | abi.LANDLOCK_ACCESS_FS_READ_FILE
  | abi.LANDLOCK_ACCESS_FS_TRUNCATE | abi.LANDLOCK_ACCESS_FS_IOCTL_DEV;
export const MAX_LAYERS = 16;
/** So many rules may a ruleset have: they hold inodes. */
export const MAX_RULES = 1 << 16;

export class Rules {
  readonly handledFs: number;
  readonly handledNet: number;
  readonly scoped: number;
  /** Rights beneath each of these; the inodes are held. */
  readonly fs = new Map<Inode, number>();
  readonly ports = new Map<number, number>();

  constructor(handledFs: number, handledNet: number, scoped: number) {
    this.handledFs = handledFs;
    this.handledNet = handledNet;
    this.scoped = scoped;
  }

  allow(inode: Inode, rights: number): void {
    const old = this.fs.get(inode);
    if (old === undefined) inode.get().landlockRules++;
    // What the ruleset does not handle is never asked of it.
    this.fs.set(inode, (old ?? 0) | rights);
  }
  allowPort(port: number, rights: number): void { this.ports.set(port, (this.ports.get(port) ?? 0) | rights); }

  /** A domain keeps what the ruleset is now; later rules do not count for it. */
  copy(): Rules {
    const c = new Rules(this.handledFs, this.handledNet, this.scoped);
    for (const [inode, rights] of this.fs) c.allow(inode, rights);
    for (const [port, rights] of this.ports) c.ports.set(port, rights);
    return c;
  }
  release(): void {
    for (const inode of this.fs.keys()) {
      inode.landlockRules--;
      inode.put();
    }
    this.fs.clear();
  }
}

/** One layer, with those below. A task's credentials hold the newest. */
export class LandlockDomain {
  readonly parent: LandlockDomain | null;
  readonly rules: Rules;
  readonly depth: number;
  /** Does any layer handle rights on files? Then the mount tree must stay as it is. */
  readonly handlesFs: boolean;
  readonly handlesNet: number;
  readonly scoped: number;
  /** Tasks that are in it, and domains that restrict it further: its rules hold inodes. */
  private users = 1;

  constructor(parent: LandlockDomain | null, rules: Rules) {
    this.parent = parent;
    this.rules = rules;
    this.depth = parent === null ? 1 : parent.depth + 1;
    this.handlesFs = rules.handledFs !== 0 || parent?.handlesFs === true;
    this.handlesNet = rules.handledNet | (parent?.handlesNet ?? 0);
    this.scoped = rules.scoped | (parent?.scoped ?? 0);
  }

  hold(): void { this.users++; }
  /** Was that the last one? */
  drop(): boolean { return --this.users === 0; }

  /** Is `other` this domain, or one that it restricts further? */
  contains(other: LandlockDomain | null): boolean {
    for (let d = other; d !== null; d = d.parent) if (d === this) return true;
    return false;
  }
}

/** clone(2): the child is where its parent is. */
export function enterDomain(domain: LandlockDomain | null): void { domain?.hold(); }

/** A task ends: domains without a task let their inodes go. */
export function leaveDomain(domain: LandlockDomain | null): void {
  for (let d = domain; d !== null && d.drop(); d = d.parent) d.rules.release();
}

/** Does a layer of `client` keep it from reaching `server` by `scope`? Only a layer that the server shares, or is below, lets it through. */
export function isOutOfScope(client: LandlockDomain, server: LandlockDomain | null, scope: number): boolean {
  for (let d: LandlockDomain | null = client; d !== null; d = d.parent) if ((d.rules.scoped & scope) !== 0 && !d.contains(server)) return true;
  return false;
}
