// Between Node's fs and the guest's view of a file: open flags, attributes, and the two or three calls that Node lacks.
import { constants, existsSync, fchmodSync, fchownSync, opendirSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { execFileSync } from 'node:child_process';
import type { FileAttr } from '../host.ts';
import type { DirNode } from './dir-nodes.ts';
import { attempt } from './host-errno.ts';

/** Linux's open(2) flags as the guest gives them (asm-generic) and what the host calls them. */
export const O_ACCMODE = 3, O_EXCL = 0o200, O_TRUNC = 0o1000;
const FLAGS: readonly (readonly [number, number])[] = [
  [1, constants.O_WRONLY], [2, constants.O_RDWR], [O_TRUNC, constants.O_TRUNC], [0o2000, constants.O_APPEND],
  [0o10000, constants.O_DSYNC ?? 0], [0o4010000, constants.O_SYNC],
];

/** The host's flags for the guest's: never one that creates, follows or blocks. */
export function hostFlags(flags: number): number {
  let host = constants.O_NONBLOCK; // a name that has just become a FIFO must not hang us
  for (const [guest, mine] of FLAGS) if ((flags & guest) === guest) host |= mine;
  return host;
}

/** True for a path that is one descriptor of ours: opening it opens that file, whatever its name. */
export const isDescriptor = (path: Buffer) => /^\/proc\/self\/fd\/\d+$/.test(path.toString('latin1'));

/** New files get exactly the mode the guest asked for (this process' umask must not count) and, for root, its owner. */
export function own(fd: number, mode: number, uid: number, gid: number): void {
  attempt(() => {
    if (process.getuid?.() === 0) fchownSync(fd, uid, gid);
    fchmodSync(fd, mode & 0o7777);
    return 0;
  });
}

/** Node has no mknod(2); mkfifo(1) is everywhere that FIFOs are. /proc/self is another process there, so the path must be real. */
export function makeFifo(path: Buffer): void {
  const [, , pid, , fd, ...rest] = path.toString('latin1').split('/');
  const real = pid === 'self' && existsSync('/proc/self/fd') ? `/proc/${process.pid}/fd/${fd}/${rest.join('/')}` : path.toString('latin1');
  const encoded = Buffer.from(real, 'latin1').toString('utf8');
  try {
    execFileSync('mkfifo', ['--', encoded], { stdio: 'ignore' });
  } catch {
    throw Object.assign(new Error('mkfifo'), { code: existsSync(path) ? 'EEXIST' : 'EPERM' });
  }
}

/** The names in a directory, as byte strings. */
export function names(path: Buffer): string[] {
  const dir = opendirSync(path as unknown as string, { encoding: 'buffer' as BufferEncoding });
  const out: string[] = [];
  try {
    for (let e = dir.readSync(); e !== null; e = dir.readSync()) out.push((e.name as unknown as Buffer).toString('latin1'));
  } finally {
    dir.closeSync();
  }
  return out;
}

/** Inode numbers above 2^53 (overlay and network file systems) are folded. */
export function inode(st: BigIntStats): number {
  return st.ino <= 0x1fffffffffffffn ? Number(st.ino) : Number((st.ino ^ st.ino >> 53n) & 0x1fffffffffffffn);
}

/** Everything lstat saw, as attributes of `node`. */
export function fill(out: FileAttr, node: DirNode, st: BigIntStats): void {
  out.id = node.id;
  out.ino = inode(st);
  out.mode = Number(st.mode);
  out.nlink = Number(st.nlink);
  out.uid = Number(st.uid); out.gid = Number(st.gid);
  out.rdev = Number(st.rdev);
  out.size = Number(st.size);
  out.blocks = Number(st.blocks ?? 0n);
  out.blksize = Number(st.blksize ?? 4096n);
  out.atimeSec = seconds(st.atimeNs); out.atimeNsec = nanos(st.atimeNs);
  out.mtimeSec = seconds(st.mtimeNs); out.mtimeNsec = nanos(st.mtimeNs);
  out.ctimeSec = seconds(st.ctimeNs); out.ctimeNsec = nanos(st.ctimeNs);
}

const seconds = (ns: bigint) => Number((ns - mod(ns)) / 1_000_000_000n);
const nanos = (ns: bigint) => Number(mod(ns));
const mod = (ns: bigint) => ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
