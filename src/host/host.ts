// What a host must offer to the machine's devices: byte ports, entropy, a clock, file systems. Types and a few constants, no behaviour.
// Everything is synchronous and answers negative errnos; an event is one method call on a listener object, made from the host's event loop
// and never from inside a call of the device. Promises stay on the host's side.

/** Told by a port that something changed. The device answers by reading, writing or raising its interrupt. */
export interface PortListener {
  /** `read` will not answer EAGAIN now: there are bytes, or the end was reached. */
  readable(): void;
  /** `write` accepts bytes again after it accepted fewer than it was given. */
  writable(): void;
  /** `columns` and `rows` have changed (terminals only). */
  resized(): void;
}

/** A two-way byte channel with backpressure in both directions: a terminal, a pipe end, a file. */
export interface BytePort {
  /** Fills `into` from its start: the number of bytes, 0 at the end of input, EAGAIN when there is nothing yet, EIO. */
  read(into: Uint8Array): number;
  /** Takes bytes from the start of `bytes` (copied): how many, possibly fewer, EAGAIN when full, EPIPE when nobody will read them any more. */
  write(bytes: Uint8Array): number;
  /** No more bytes will be written; the host flushes and closes its side. */
  close(): void;
  /** Events go to one listener; `null` detaches. If input is waiting already, `readable` follows soon. */
  attach(listener: PortListener | null): void;
}

/** The port behind the machine's console: a BytePort that has a size. A host without a terminal says 0 × 0, as TIOCGWINSZ does. */
export interface ConsolePort extends BytePort {
  readonly columns: number;
  readonly rows: number;
}

/** Random bytes. With a seed they are a fixed sequence. */
export interface Entropy {
  fill(bytes: Uint8Array): void;
}

/** The host's time. The machine derives its own clock from it, or ignores it under a seed (house rule time-is-instructions). */
export interface HostClock {
  /** Monotonic nanoseconds since power-on, an integer below 2^53. */
  nowNs(): number;
  /** Wall-clock time of power-on: whole seconds since 1970 and the rest in nanoseconds. */
  readonly bootSec: number;
  readonly bootNsec: number;
}

/** Attributes of one node; the device hands in an object and the back end fills it. All values are JS numbers (exact to 2^53). */
export class FileAttr {
  /** Node id of the back end: 1 is the root; valid until `forget`. */
  id = 0;
  /** Inode number as shown to users; not an address of anything. */
  ino = 0;
  /** S_IF* | permission bits, Linux numbering. */
  mode = 0;
  nlink = 0;
  uid = 0;
  gid = 0;
  /** Linux's new_encode_dev: minor & 0xff | major << 8 | (minor & ~0xff) << 12. */
  rdev = 0;
  size = 0;
  /** In units of 512 bytes. */
  blocks = 0;
  blksize = 4096;
  atimeSec = 0; atimeNsec = 0;
  mtimeSec = 0; mtimeNsec = 0;
  ctimeSec = 0; ctimeNsec = 0;
}

/** Which fields of an `AttrChange` count: the FATTR_* bits of the FUSE protocol. */
export const FATTR_MODE = 1, FATTR_UID = 2, FATTR_GID = 4, FATTR_SIZE = 8, FATTR_ATIME = 16, FATTR_MTIME = 32,
  FATTR_ATIME_NOW = 128, FATTR_MTIME_NOW = 256;

/** A request to change attributes; `handle` >= 0 names an open file that a size change may go through (ftruncate on an unlinked file). */
export class AttrChange {
  valid = 0;
  handle = -1;
  mode = 0;
  uid = 0;
  gid = 0;
  size = 0;
  atimeSec = 0; atimeNsec = 0;
  mtimeSec = 0; mtimeNsec = 0;
}

/** One directory entry; `next` is the offset to continue from (d_off of getdents64). */
export class DirEntry {
  name = '';
  ino = 0;
  /** DT_* of readdir(3): the S_IF* bits shifted right by 12. */
  type = 0;
  next = 0;
}

/** What statfs(2) wants to know. */
export class FsStat {
  blocks = 0; bfree = 0; bavail = 0;
  files = 0; ffree = 0;
  bsize = 4096; frsize = 4096;
  namelen = 255;
}

export const ROOT_ID = 1;

/** Flags of `rename`, as in renameat2(2). */
export const RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2;

/**
 * A file system somewhere else: the plain-call form of the FUSE operations, which a virtio-fs device translates from and to messages.
 *
 * Names are byte strings: one character (0–255) a byte, never '', '.', '..' and without '/' (EINVAL). Calls return 0 or a positive value, or a negative
 * errno; `out` is filled only on success. `open` and `opendir` take Linux O_* flags (asm-generic) and answer a handle >= 0. The caller's kernel
 * has already checked permissions; the back end adds what the host forbids. `uid` and `gid` own what is created, where the host allows that.
 * Extended attributes and locks are not part of it: the device answers EOPNOTSUPP and the guest kernel keeps locks itself.
 */
export interface FsBackend {
  /** Nothing will ever change, neither through this interface nor behind it: a device may tell the guest to cache without limit. */
  readonly immutable: boolean;
  /** Adds one reference to the node found, given back by `forget`. So do create, mkdir, mknod, symlink and link. */
  lookup(parent: number, name: string, out: FileAttr): number;
  forget(id: number, count: number): void;
  getattr(id: number, out: FileAttr): number;
  setattr(id: number, change: AttrChange, out: FileAttr): number;
  /** Fills `into` with the target, unterminated: its length. */
  readlink(id: number, into: Uint8Array): number;

  open(id: number, flags: number): number;
  /** Creates and opens a regular file: a handle. O_EXCL in `flags` counts; without it an existing file is opened. */
  create(parent: number, name: string, flags: number, mode: number, uid: number, gid: number, out: FileAttr): number;
  /** Reads at `offset` until `into` is full or the file ends: the number of bytes. */
  read(handle: number, into: Uint8Array, offset: number): number;
  /** Writes all of `from` at `offset` (at the end with O_APPEND): the number of bytes, short only when the host is full. */
  write(handle: number, from: Uint8Array, offset: number): number;
  fsync(handle: number, kind: 'all' | 'data'): number;
  release(handle: number): void;

  opendir(id: number): number;
  /** One entry at `offset` (0 or a former `next`), '.' and '..' included: 1, or 0 at the end. */
  readdir(handle: number, offset: number, out: DirEntry): number;
  releasedir(handle: number): void;

  mkdir(parent: number, name: string, mode: number, uid: number, gid: number, out: FileAttr): number;
  mknod(parent: number, name: string, mode: number, rdev: number, uid: number, gid: number, out: FileAttr): number;
  symlink(parent: number, name: string, target: string, uid: number, gid: number, out: FileAttr): number;
  link(id: number, newParent: number, newName: string, out: FileAttr): number;
  unlink(parent: number, name: string): number;
  rmdir(parent: number, name: string): number;
  rename(parent: number, name: string, newParent: number, newName: string, flags: number): number;
  statfs(out: FsStat): number;
}

/** Told by a disk that answered EAGAIN: asking again may work now. Called from the host's event loop, never from inside a call of the device. */
export interface DiskListener { ready(): void }

/**
 * A disk: bytes in sectors of 512, at offsets that are multiples of it. Calls answer 0 or a negative errno. EAGAIN means "on its way": the same call,
 * made again after `ready`, goes on where it was (a back end may have begun with it, so the device keeps order by asking again in order).
 */
export interface DiskBackend {
  /** Bytes; a multiple of 512. */
  readonly size: number;
  readonly access: 'read-write' | 'read-only';
  /** Fills all of `into`. */
  read(offset: number, into: Uint8Array): number;
  write(offset: number, from: Uint8Array): number;
  /** Everything written before is on stable storage. */
  flush(): number;
  /** The bytes are not needed any more and may read as zeros; storage is given back where possible. */
  discard(offset: number, length: number): number;
  /** The bytes are zeros from now on; 'keep' holds on to their storage. */
  zero(offset: number, length: number, storage: 'free' | 'keep'): number;
  attach(listener: DiskListener | null): void;
  /** The machine is switched off. */
  close(): void;
}

/** Sectors are what offsets and sizes of disks are multiples of. */
export const SECTOR = 512;

/** Told by the wire. Called from the host's event loop or while another card sends, never from inside a call of this card's device. */
export interface NetListener {
  /** A frame has come; its bytes are valid during the call. */
  received(frame: Uint8Array): void;
  /** `isLinkUp` has changed. */
  linkChanged(): void;
}

/** The wire behind a network card: Ethernet frames without preamble and checksum. A wire loses what it cannot carry; nobody waits. */
export interface NetBackend {
  /** The card's address as the factory burnt it in: six bytes. */
  readonly mac: Uint8Array;
  /** The longest payload of a frame, header not counted: 68 to 65535. */
  readonly mtu: number;
  readonly isLinkUp: boolean;
  /** Takes a frame; its bytes are valid during the call. */
  send(frame: Uint8Array): void;
  attach(listener: NetListener | null): void;
  /** The machine is switched off, or the card was pulled out. */
  close(): void;
}

/** Everything a machine wants from its host, by name; a device is attached to what is there. */
export interface Host {
  readonly console: ConsolePort;
  readonly entropy: Entropy;
  readonly clock: HostClock;
  /** virtio-fs tags and what they give access to. */
  readonly fs: ReadonlyMap<string, FsBackend>;
}
