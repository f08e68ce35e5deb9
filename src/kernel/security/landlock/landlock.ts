// Landlock as a security module: each hook asks whether the caller's domain grants a right at a place in the file hierarchy, at a port, or towards
// another process (landlock(7)). Rights are looked up from the object up to the root; bind mounts count by where the walk went through.
import { type Errno, EACCES, EPERM, EXDEV } from '../../../abi/errno.ts';
import { FIGETBSZ, FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE } from '../../../abi/ioctl.ts';
import { O_ACCMODE } from '../../../abi/fcntl.ts';
import * as abi from '../../../abi/landlock.ts';
import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_STREAM } from '../../../abi/socket.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFSOCK } from '../../../abi/stat.ts';
import type { Socket } from '../../net/socket.ts';
import type { Process } from '../../task/process.ts';
import type { Task } from '../../task/task.ts';
import type { Dentry } from '../../vfs/dentry.ts';
import type { Mount } from '../../vfs/mount.ts';
import type { OpenFile } from '../../vfs/open-file.ts';
import { type OpenUse, type Place, SecurityModule } from '../module.ts';
import { ALL_FS, FILE_RIGHTS, isOutOfScope, type LandlockDomain } from './domain.ts';

const { LANDLOCK_ACCESS_FS_REFER: REFER, LANDLOCK_ACCESS_FS_TRUNCATE: TRUNCATE, LANDLOCK_ACCESS_FS_IOCTL_DEV: IOCTL_DEV } = abi;
/** Requests that every open file of any kind answers. */
const HARMLESS_IOCTLS: readonly number[] = [FIOCLEX, FIONCLEX, FIONBIO, FIOASYNC, FIOQSIZE, FIGETBSZ, FIONREAD];

export class Landlock extends SecurityModule {
  readonly name = 'landlock';

  override ptraceAccess(t: Task, of: Task): 0 | Errno {
    const domain = t.cred.landlock;
    return domain === null || domain.contains(of.cred.landlock) ? 0 : EPERM;
  }
  override ptraceTraceme(t: Task, tracer: Task): 0 | Errno { return this.ptraceAccess(tracer, t); }

  override signal(t: Task, target: Process): 0 | Errno {
    const domain = t.cred.landlock;
    if (domain === null || (domain.scoped & abi.LANDLOCK_SCOPE_SIGNAL) === 0 || target === t.process) return 0;
    return isOutOfScope(domain, target.leader.cred.landlock, abi.LANDLOCK_SCOPE_SIGNAL) ? denied(t, 'signal', EPERM) : 0;
  }

  override unixAbstract(t: Task, peer: Socket): 0 | Errno {
    const domain = t.cred.landlock;
    if (domain === null || (domain.scoped & abi.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET) === 0) return 0;
    return isOutOfScope(domain, peer.creator.landlock, abi.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET) ? denied(t, 'abstract socket', EPERM) : 0;
  }

  // --- files --------------------------------------------------------------------------------------------------------------------------------

  override fileOpen(t: Task, place: Place, flags: number, use: OpenUse): 0 | Errno {
    const domain = t.cred.landlock;
    if (domain === null || !domain.handlesFs || isNowhere(place.mount)) return 0;
    const isDir = (place.dentry.inode!.mode & S_IFMT) === S_IFDIR;
    const access = (flags & O_ACCMODE) + 1;      // 1 to read, 2 to write, 3 both
    let wanted = (access & 1) === 0 ? 0 : isDir ? abi.LANDLOCK_ACCESS_FS_READ_DIR : abi.LANDLOCK_ACCESS_FS_READ_FILE;
    if ((access & 2) !== 0) wanted |= abi.LANDLOCK_ACCESS_FS_WRITE_FILE;
    if (use === 'exec') wanted |= abi.LANDLOCK_ACCESS_FS_EXECUTE;
    return (wanted & ~grantedAt(domain, place, wanted)) === 0 ? 0 : denied(t, 'open', EACCES);
  }

  /** Truncation and device requests are asked for when they are used: the description remembers what this domain says. */
  override fileOpened(t: Task, place: Place, file: OpenFile): void {
    const domain = t.cred.landlock;
    if (domain === null || !domain.handlesFs || isNowhere(place.mount)) return;
    const type = place.dentry.inode!.mode & S_IFMT;
    const later = (file.isWritable ? TRUNCATE : 0) | (type === S_IFCHR || type === S_IFBLK ? IOCTL_DEV : 0);
    if (later === 0) return;
    file.landlockRights = grantedAt(domain, place, later) | ~later;
  }
  override fileTruncate(t: Task, file: OpenFile): 0 | Errno { return (file.landlockRights & TRUNCATE) !== 0 ? 0 : denied(t, 'truncate', EACCES); }
  override fileIoctl(t: Task, file: OpenFile, cmd: number): 0 | Errno {
    return (file.landlockRights & IOCTL_DEV) !== 0 || HARMLESS_IOCTLS.includes(cmd) ? 0 : denied(t, 'ioctl', EACCES);
  }
  override pathTruncate(t: Task, place: Place): 0 | Errno { return this.check(t, place, TRUNCATE, 'truncate'); }
  override pathMake(t: Task, dir: Place, mode: number): 0 | Errno { return this.check(t, dir, makeRight(mode), 'make'); }
  override pathRemove(t: Task, dir: Place, victim: Dentry): 0 | Errno { return this.check(t, dir, removeRight(victim), 'remove'); }
  override mountTopology(t: Task): 0 | Errno { return t.cred.landlock?.handlesFs === true ? denied(t, 'mount', EPERM) : 0; }

  override pathLink(t: Task, from: Place, dir: Place): 0 | Errno {
    return this.refer(t, from, from.dentry, dir, 0, makeRight(from.dentry.inode!.mode), null);
  }
  override pathRename(t: Task, from: Place, source: Dentry, to: Place, target: Dentry | null, exchange: 'move' | 'exchange'): 0 | Errno {
    const comesBack = exchange === 'exchange' ? makeRight(target!.inode!.mode) : 0;
    const there = makeRight(source.inode!.mode) | (target === null ? 0 : removeRight(target));
    return this.refer(t, { mount: from.mount, dentry: source }, source, to, comesBack | removeRight(source), there, exchange === 'exchange' ? target : null);
  }

  private check(t: Task, place: Place, wanted: number, what: string): 0 | Errno {
    const domain = t.cred.landlock;
    if (domain === null || !domain.handlesFs || isNowhere(place.mount)) return 0;
    return (wanted & ~grantedAt(domain, place, wanted)) === 0 ? 0 : denied(t, what, EACCES);
  }

  /**
   * A file gets a name elsewhere (link, rename): rights in both directories, LANDLOCK_ACCESS_FS_REFER if they differ, and nothing may become
   * possible with the file that was not before. EXDEV where only that is missing, so that programs fall back to copying.
   */
  private refer(t: Task, object: Place, dentry: Dentry, to: Place, here: number, there: number, swapped: Dentry | null): 0 | Errno {
    const domain = t.cred.landlock;
    if (domain === null || !domain.handlesFs || isNowhere(to.mount)) return 0;
    const oldDir: Place = { mount: object.mount, dentry: dentry.parent ?? dentry };
    if (oldDir.dentry === to.dentry) return this.check(t, to, here | there, 'rename');
    const missing = (here & ~grantedAt(domain, oldDir, here)) | (there & ~grantedAt(domain, to, there));
    if (missing !== 0) return denied(t, 'rename', EACCES);
    const mayRefer = grantedAt(domain, oldDir, REFER) & grantedAt(domain, to, REFER);
    if (mayRefer === 0 || gains(domain, object, to) || (swapped !== null && gains(domain, { mount: to.mount, dentry: swapped }, oldDir))) return denied(t, 'refer', EXDEV);
    return 0;
  }

  // --- TCP ----------------------------------------------------------------------------------------------------------------------------------

  override socketBind(t: Task, socket: Socket, address: Uint8Array): 0 | Errno { return this.port(t, socket, address, abi.LANDLOCK_ACCESS_NET_BIND_TCP); }
  override socketConnect(t: Task, socket: Socket, address: Uint8Array): 0 | Errno { return this.port(t, socket, address, abi.LANDLOCK_ACCESS_NET_CONNECT_TCP); }

  private port(t: Task, socket: Socket, address: Uint8Array, right: number): 0 | Errno {
    const domain = t.cred.landlock;
    if (domain === null || (domain.handlesNet & right) === 0) return 0;
    if ((socket.family !== AF_INET && socket.family !== AF_INET6) || socket.type !== SOCK_STREAM || address.length < 4) return 0;
    const family = address[0]! | (address[1]! << 8);
    // AF_UNSPEC dissolves a connection, which needs no right; everything else is the socket's own to refuse.
    if (family !== socket.family && !(family === AF_UNSPEC && right === abi.LANDLOCK_ACCESS_NET_BIND_TCP)) return 0;
    const port = (address[2]! << 8) | address[3]!;
    for (let d: LandlockDomain | null = domain; d !== null; d = d.parent) {
      if ((d.rules.handledNet & right) !== 0 && ((d.rules.ports.get(port) ?? 0) & right) === 0) return denied(t, 'port', EACCES);
    }
    return 0;
  }
}

function denied(t: Task, what: string, errno: Errno): Errno {
  t.kernel.security.audit?.record({ event: 'landlock', pid: t.tid, uid: t.cred.uid, comm: t.name, what });
  return errno;
}

/** Pipes, sockets, memfds: no hierarchy leads to them, whoever has a descriptor may use it. */
const isNowhere = (mount: Mount): boolean => mount.parent === null && mount.mountpoint === null && mount === mount.sb.kernel.mounts.anonMount;

/** Which of the `wanted` rights every layer grants at this place. */
function grantedAt(domain: LandlockDomain, place: Place, wanted: number): number {
  let granted = wanted;
  for (let d: LandlockDomain | null = domain; d !== null && granted !== 0; d = d.parent) {
    const { rules } = d;
    if (rules.handledFs === 0) continue;
    // Reparenting is denied by every layer that says nothing about it.
    const asked = granted & (rules.handledFs | REFER);
    if (asked !== 0) granted &= ~asked | beneath(d, place, asked);
  }
  return granted;
}

/** The rights that one layer's rules give on the way from `place` to the root, of those asked for. */
function beneath(domain: LandlockDomain, place: Place, asked: number): number {
  let found = 0;
  let { mount, dentry } = place;
  for (;;) {
    const { inode } = dentry;
    if (inode !== null && inode.landlockRules > 0) found |= domain.rules.fs.get(inode) ?? 0;
    if ((asked & ~found) === 0) return asked;
    if (dentry === mount.root) {
      const { parent, mountpoint } = mount;
      if (parent === null || mountpoint === null) return asked & found;
      mount = parent;
      dentry = mountpoint;
    } else if (dentry.parent === null) return asked & found;
    else dentry = dentry.parent;
  }
}

/** Would the object have a right in the new directory, by its place there, that it lacks where it is? */
function gains(domain: LandlockDomain, object: Place, newDir: Place): boolean {
  const isDir = (object.dentry.inode!.mode & S_IFMT) === S_IFDIR;
  const rights = isDir ? ALL_FS : FILE_RIGHTS;
  for (let d: LandlockDomain | null = domain; d !== null; d = d.parent) {
    const asked = rights & (d.rules.handledFs | REFER);
    if ((beneath(d, newDir, asked) & ~beneath(d, object, asked)) !== 0) return true;
  }
  return false;
}

function makeRight(mode: number): number {
  switch (mode & S_IFMT) {
    case S_IFLNK: return abi.LANDLOCK_ACCESS_FS_MAKE_SYM;
    case S_IFDIR: return abi.LANDLOCK_ACCESS_FS_MAKE_DIR;
    case S_IFCHR: return abi.LANDLOCK_ACCESS_FS_MAKE_CHAR;
    case S_IFBLK: return abi.LANDLOCK_ACCESS_FS_MAKE_BLOCK;
    case S_IFIFO: return abi.LANDLOCK_ACCESS_FS_MAKE_FIFO;
    case S_IFSOCK: return abi.LANDLOCK_ACCESS_FS_MAKE_SOCK;
    default: return abi.LANDLOCK_ACCESS_FS_MAKE_REG;
  }
}

const removeRight = (d: Dentry): number => (d.inode!.mode & S_IFMT) === S_IFDIR ? abi.LANDLOCK_ACCESS_FS_REMOVE_DIR : abi.LANDLOCK_ACCESS_FS_REMOVE_FILE;
