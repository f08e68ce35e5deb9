// Answers FUSE requests (abi/fuse.ts) from a FsBackend: the device half of virtio-fs. Requests lie in RAM as a chain of parts; the bytes of
// reads and writes travel straight between RAM and the back end. Malformed requests are answered EINVAL, unknown ones ENOSYS.
import { EINVAL, EIO, ENOSYS, EOPNOTSUPP } from '../../abi/errno.ts';
import {
  FATTR_FH, FUSE_BATCH_FORGET, FUSE_BIG_WRITES, FUSE_CACHE_SYMLINKS, FUSE_CREATE, FUSE_DESTROY, FUSE_DO_READDIRPLUS, FUSE_FLUSH, FUSE_FORGET, FUSE_FSYNC,
  FUSE_FSYNC_FDATASYNC, FUSE_FSYNCDIR, FUSE_GETATTR, FUSE_GETXATTR, FUSE_INIT, FUSE_KERNEL_MINOR_VERSION, FUSE_KERNEL_VERSION, FUSE_LINK,
  FUSE_LISTXATTR, FUSE_LOOKUP, FUSE_MAX_PAGES, FUSE_MKDIR, FUSE_MKNOD, FUSE_OPEN, FUSE_OPENDIR, FUSE_READ, FUSE_READDIR, FUSE_READDIRPLUS,
  FUSE_READLINK, FUSE_RELEASE, FUSE_RELEASEDIR, FUSE_REMOVEXATTR, FUSE_RENAME, FUSE_RENAME2, FUSE_RMDIR, FUSE_SETATTR, FUSE_SETXATTR, FUSE_STATFS,
  FUSE_SYMLINK, FUSE_UNLINK, FUSE_WRITE, FOPEN_KEEP_CACHE, FuseAttr, FuseAttrOut, FuseBatchForgetIn, FuseCreateIn, FuseDirent, FuseEntryOut, FuseForgetIn,
  FuseForgetOne, FuseFsyncIn, FuseInHeader, FuseInitIn, FuseInitOut, FuseLinkIn, FuseMkdirIn, FuseMknodIn, FuseOpenIn, FuseOpenOut, FuseOutHeader,
  FuseReadIn, FuseReleaseIn, FuseRename2In, FuseSetattrIn, FuseStatfsOut, FuseWriteIn, FuseWriteOut,
} from '../../abi/fuse.ts';
import { AttrChange, DirEntry, FileAttr, type FsBackend, FsStat } from '../../host/host.ts';
import { cString, latin1Into } from '../../lib/utf8.ts';
import type { ViewOf } from '../../lib/struct.ts';
import type { Ram } from '../machine.ts';
import type { Chain } from './virtio/queue.ts';

const IN = FuseInHeader.size, OUT = FuseOutHeader.size;
/** The longest request that is no write: header, arguments, two names of PATH_MAX. */
const REQUEST_BYTES = 16384;
const REPLY_BYTES = 65536;
const MAX_WRITE = 1 << 20;
/** How long the guest may believe what it was told: for ever if nothing can change, else as long as virtiofsd's cache=auto does. */
const FOREVER = Number.MAX_SAFE_INTEGER;
const CACHE_SECONDS = 1;

export class FuseServer {
  readonly #ram: Ram;
  readonly #fs: FsBackend;
  readonly #valid: number;
  readonly #in = new Uint8Array(REQUEST_BYTES);
  readonly #out = new Uint8Array(REPLY_BYTES);
  /** Bytes of the request in #in. */
  #length = 0;
  readonly #attr = new FileAttr();
  readonly #change = new AttrChange();
  readonly #entry = new DirEntry();
  readonly #stat = new FsStat();
  readonly #v;

  constructor(ram: Ram, fs: FsBackend) {
    this.#ram = ram;
    this.#fs = fs;
    this.#valid = fs.immutable ? FOREVER : CACHE_SECONDS;
    this.#v = views(this.#in, this.#out);
  }

  /** Does what the chain asks for and writes the reply into it: bytes written (0: the operation has no reply). */
  answer(c: Chain): number {
    this.#length = c.copyFrom(this.#ram, this.#in);
    if (this.#length < IN) return 0;
    const { opcode, unique } = this.#v.header;
    if (opcode === FUSE_FORGET || opcode === FUSE_BATCH_FORGET) return this.#forget(opcode);
    const r = this.#run(c);
    const direct = r > 0 && opcode === FUSE_READ;
    const reply = this.#v.reply;
    reply.len = OUT + Math.max(0, r);
    reply.error = Math.min(0, r);
    reply.unique = unique;
    const sent = direct || r <= 0 ? OUT : OUT + r;
    if (c.writeBytes < OUT + Math.max(0, r)) return 0;
    c.copyTo(this.#ram, this.#out.subarray(0, sent));
    return OUT + Math.max(0, r);
  }

  /** Bytes of result behind the reply's header, or a negative errno. */
  #run(c: Chain): number {
    const fs = this.#fs, v = this.#v, a = this.#attr;
    const { opcode, nodeid, uid, gid } = v.header;
    const names = NAMES[opcode];
    if (names !== undefined && !this.#namesAreValid(names)) return EINVAL;
    switch (opcode) {
      case FUSE_LOOKUP: return this.#entryReply(fs.lookup(nodeid, this.#name(IN), a));
      case FUSE_GETATTR: return this.#attrReply(fs.getattr(nodeid, a));
      case FUSE_SETATTR: return this.#attrReply(fs.setattr(nodeid, this.#setattr(), a));
      case FUSE_READLINK: return fs.readlink(nodeid, this.#out.subarray(OUT, OUT + 4096));
      case FUSE_SYMLINK: {
        const name = this.#name(IN);
        return this.#entryReply(fs.symlink(nodeid, name, this.#name(IN + name.length + 1), uid, gid, a));
      }
      case FUSE_MKNOD: return this.#entryReply(fs.mknod(nodeid, this.#name(IN + FuseMknodIn.size), v.mknod.mode, v.mknod.rdev, uid, gid, a));
      case FUSE_MKDIR: return this.#entryReply(fs.mkdir(nodeid, this.#name(IN + FuseMkdirIn.size), v.mkdir.mode, uid, gid, a));
      case FUSE_UNLINK: return fs.unlink(nodeid, this.#name(IN));
      case FUSE_RMDIR: return fs.rmdir(nodeid, this.#name(IN));
      case FUSE_RENAME: return this.#rename(nodeid, IN + FuseLinkIn.size, 0);
      case FUSE_RENAME2: return this.#rename(nodeid, IN + FuseRename2In.size, v.rename.flags);
      case FUSE_LINK: return this.#entryReply(fs.link(v.link.oldnodeid, nodeid, this.#name(IN + FuseLinkIn.size), a));
      case FUSE_OPEN: return this.#openReply(fs.open(nodeid, v.open.flags), OUT);
      case FUSE_CREATE: return this.#create(nodeid, uid, gid);
      case FUSE_READ: return this.#read(c);
      case FUSE_WRITE: return this.#write(c);
      case FUSE_STATFS: return this.#statfs();
      case FUSE_RELEASE: fs.release(v.release.fh); return 0;
      case FUSE_FSYNC: return fs.fsync(v.fsync.fh, (v.fsync.fsync_flags & FUSE_FSYNC_FDATASYNC) !== 0 ? 'data' : 'all');
      case FUSE_FLUSH: case FUSE_FSYNCDIR: case FUSE_DESTROY: return 0;
      case FUSE_INIT: return this.#init();
      case FUSE_OPENDIR: return this.#openReply(fs.opendir(nodeid), OUT);
      case FUSE_READDIR: return this.#readdir(nodeid, 'names');
      case FUSE_READDIRPLUS: return this.#readdir(nodeid, 'with attributes');
      case FUSE_RELEASEDIR: fs.releasedir(v.release.fh); return 0;
      case FUSE_GETXATTR: case FUSE_SETXATTR: case FUSE_LISTXATTR: case FUSE_REMOVEXATTR: return EOPNOTSUPP;
      default: return ENOSYS;
    }
  }

  #init(): number {
    const { init, initOut } = this.#v;
    if (init.major !== FUSE_KERNEL_VERSION) return EIO;
    initOut.zero();
    initOut.major = FUSE_KERNEL_VERSION;
    initOut.minor = FUSE_KERNEL_MINOR_VERSION;
    initOut.max_readahead = init.max_readahead;
    initOut.flags = init.flags & (FUSE_BIG_WRITES | FUSE_DO_READDIRPLUS | FUSE_MAX_PAGES | FUSE_CACHE_SYMLINKS);
    initOut.max_write = MAX_WRITE;
    initOut.max_pages = MAX_WRITE / 4096;
    initOut.time_gran = 1;
    return FuseInitOut.size;
  }

  #forget(opcode: number): 0 {
    const fs = this.#fs, v = this.#v;
    if (opcode === FUSE_FORGET) {
      fs.forget(v.header.nodeid, v.forget.nlookup);
      return 0;
    }
    let at = IN + FuseBatchForgetIn.size;
    for (let i = v.batch.count; i > 0 && at + FuseForgetOne.size <= this.#length; i--, at += FuseForgetOne.size) {
      const one = v.one.at(at);
      fs.forget(one.nodeid, one.nlookup);
    }
    return 0;
  }

  #setattr(): AttrChange {
    const c = this.#change, s = this.#v.setattr;
    c.valid = s.valid & ~FATTR_FH;
    c.handle = (s.valid & FATTR_FH) !== 0 ? s.fh : -1;
    c.mode = s.mode;
    c.uid = s.uid;
    c.gid = s.gid;
    c.size = s.size;
    c.atimeSec = s.atime; c.atimeNsec = s.atimensec;
    c.mtimeSec = s.mtime; c.mtimeNsec = s.mtimensec;
    return c;
  }

  #rename(from: number, names: number, flags: number): number {
    const name = this.#name(names);
    return this.#fs.rename(from, name, this.#v.rename.newdir, this.#name(names + name.length + 1), flags);
  }

  #create(parent: number, uid: number, gid: number): number {
    const { flags, mode } = this.#v.create;
    const fh = this.#fs.create(parent, this.#name(IN + FuseCreateIn.size), flags, mode, uid, gid, this.#attr);
    if (fh < 0) return fh;
    return this.#entryReply(0) + this.#openReply(fh, OUT + FuseEntryOut.size);
  }

  /** Straight into the writable parts behind the reply's header. Every part is filled before the next. */
  #read(c: Chain): number {
    const { fh, off: offset, size } = this.#v.read;
    let skip = OUT, done = 0;
    for (let i = 0; i < c.writeAddr.length && done < size; i++) {
      const length = c.writeLength[i]!;
      if (skip >= length) { skip -= length; continue; }
      const want = Math.min(length - skip, size - done);
      const at = c.writeAddr[i]! + skip;
      const n = this.#fs.read(fh, this.#ram.u8.subarray(at, at + want), offset + done);
      if (n < 0) return done > 0 ? done : n;
      done += n;
      if (n < want) break;
      skip = 0;
    }
    return done;
  }

  #write(c: Chain): number {
    const { fh, off: offset, size } = this.#v.write;
    let skip = IN + FuseWriteIn.size, done = 0;
    if (c.readBytes < skip + size) return EINVAL;
    for (let i = 0; i < c.readAddr.length && done < size; i++) {
      const length = c.readLength[i]!;
      if (skip >= length) { skip -= length; continue; }
      const want = Math.min(length - skip, size - done);
      const at = c.readAddr[i]! + skip;
      const n = this.#fs.write(fh, this.#ram.u8.subarray(at, at + want), offset + done);
      if (n < 0 && done === 0) return n;
      if (n > 0) done += n;
      if (n < want) break;
      skip = 0;
    }
    this.#v.writeOut.zero().size = done;
    return FuseWriteOut.size;
  }

  #statfs(): number {
    const r = this.#fs.statfs(this.#stat);
    if (r < 0) return r;
    const s = this.#stat, o = this.#v.statfsOut.zero();
    o.blocks = s.blocks; o.bfree = s.bfree; o.bavail = s.bavail;
    o.files = s.files; o.ffree = s.ffree;
    o.bsize = s.bsize; o.frsize = s.frsize; o.namelen = s.namelen;
    return FuseStatfsOut.size;
  }

  #readdir(dir: number, what: 'names' | 'with attributes'): number {
    const { fh, off: offset, size } = this.#v.read;
    const end = OUT + Math.min(size, REPLY_BYTES - OUT);
    const e = this.#entry;
    const head = what === 'names' ? 0 : FuseEntryOut.size;
    let at = OUT, next = offset;
    for (;;) {
      const r = this.#fs.readdir(fh, next, e);
      if (r < 0 && at === OUT) return r;
      if (r <= 0) break;
      const bytes = head + Math.ceil((FuseDirent.size + e.name.length) / 8) * 8;
      if (at + bytes > end) break;
      this.#out.fill(0, at, at + bytes);
      if (head > 0 && e.name !== '.' && e.name !== '..' && this.#fs.lookup(dir, e.name, this.#attr) === 0) this.#fillEntry(at);
      const d = this.#v.dirent.at(at + head);
      d.ino = e.ino;
      d.off = e.next;
      d.namelen = e.name.length;
      d.type = e.type;
      latin1Into(e.name, this.#out, at + head + FuseDirent.size);
      at += bytes;
      next = e.next;
    }
    return at - OUT;
  }

  #entryReply(r: number): number {
    if (r < 0) return r;
    this.#fillEntry(OUT);
    return FuseEntryOut.size;
  }

  #fillEntry(at: number): void {
    const e = this.#v.entry.at(at);
    e.nodeid = this.#attr.id;
    e.generation = 0;
    e.entry_valid = e.attr_valid = this.#valid;
    e.entry_valid_nsec = e.attr_valid_nsec = 0;
    this.#fillAttr(e.attr);
  }

  #attrReply(r: number): number {
    if (r < 0) return r;
    const o = this.#v.attrOut.zero();
    o.attr_valid = this.#valid;
    this.#fillAttr(o.attr);
    return FuseAttrOut.size;
  }

  #fillAttr(to: ViewOf<typeof FuseAttr>): void {
    const a = this.#attr;
    to.ino = a.ino;
    to.size = a.size;
    to.blocks = a.blocks;
    to.atime = a.atimeSec; to.mtime = a.mtimeSec; to.ctime = a.ctimeSec;
    to.atimensec = a.atimeNsec; to.mtimensec = a.mtimeNsec; to.ctimensec = a.ctimeNsec;
    to.mode = a.mode;
    to.nlink = a.nlink;
    to.uid = a.uid;
    to.gid = a.gid;
    to.rdev = a.rdev;
    to.blksize = a.blksize;
    to.flags = 0;
  }

  #openReply(fh: number, at: number): number {
    if (fh < 0) return fh;
    const o = this.#v.openOut.at(at).zero();
    o.fh = fh;
    o.open_flags = this.#fs.immutable ? FOPEN_KEEP_CACHE : 0;
    return FuseOpenOut.size;
  }

  /** The back end is promised names of one component (host.ts); the guest's kernel may say anything. */
  #namesAreValid({ at, count }: { at: number; count: number }): boolean {
    const first = this.#name(IN + at);
    return isName(first) && (count === 1 || isName(this.#name(IN + at + first.length + 1)));
  }

  /** A NUL-terminated name of the request; '' where there is none. */
  #name(at: number): string { return cString(this.#in, at, this.#length); }
}

/** Where a request's names are, and how many must be names of directory entries (the target of a symbolic link may be anything). */
const NAMES: Readonly<Record<number, { at: number; count: number }>> = {
  [FUSE_LOOKUP]: { at: 0, count: 1 }, [FUSE_UNLINK]: { at: 0, count: 1 }, [FUSE_RMDIR]: { at: 0, count: 1 }, [FUSE_SYMLINK]: { at: 0, count: 1 },
  [FUSE_MKNOD]: { at: FuseMknodIn.size, count: 1 }, [FUSE_MKDIR]: { at: FuseMkdirIn.size, count: 1 }, [FUSE_LINK]: { at: FuseLinkIn.size, count: 1 },
  [FUSE_CREATE]: { at: FuseCreateIn.size, count: 1 }, [FUSE_RENAME]: { at: FuseLinkIn.size, count: 2 }, [FUSE_RENAME2]: { at: FuseRename2In.size, count: 2 },
};

const isName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !name.includes('/');

/** All windows on the two buffers, made once. */
function views(request: Uint8Array, reply: Uint8Array) {
  return {
    header: FuseInHeader.view(request), init: FuseInitIn.view(request, IN), forget: FuseForgetIn.view(request, IN),
    batch: FuseBatchForgetIn.view(request, IN), one: FuseForgetOne.view(request, IN), setattr: FuseSetattrIn.view(request, IN),
    mknod: FuseMknodIn.view(request, IN), mkdir: FuseMkdirIn.view(request, IN), rename: FuseRename2In.view(request, IN),
    link: FuseLinkIn.view(request, IN), open: FuseOpenIn.view(request, IN), create: FuseCreateIn.view(request, IN), read: FuseReadIn.view(request, IN),
    write: FuseWriteIn.view(request, IN), release: FuseReleaseIn.view(request, IN), fsync: FuseFsyncIn.view(request, IN),
    reply: FuseOutHeader.view(reply), initOut: FuseInitOut.view(reply, OUT), entry: FuseEntryOut.view(reply, OUT), attrOut: FuseAttrOut.view(reply, OUT),
    openOut: FuseOpenOut.view(reply, OUT), writeOut: FuseWriteOut.view(reply, OUT), statfsOut: FuseStatfsOut.view(reply, OUT),
    dirent: FuseDirent.view(reply, OUT),
  };
}
