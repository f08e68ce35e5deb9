// What IMA remembers of an inode while it is in memory, and how a file is hashed: page by page through the cache, going on where it stopped when a page
// had to be waited for.
import { type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { Sha1 } from '../../lib/sha1.ts';
import { Sha256 } from '../../lib/sha256.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Credentials } from '../security/credentials.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import { HASH_ALGO_SHA1 } from './ima-keys.ts';

const CHUNK = 65_536;

export class ImaState {
  /** SHA-256 of the contents, as long as `stamp` is theirs; null: unknown. */
  digest: Uint8Array | null = null;
  /** IMA_MEASURE and IMA_AUDIT: done for these contents. */
  done = 0;
  /** Appraised and right: with what there was, or with a signature. */
  appraised: 'no' | 'hash' | 'signature' = 'no';
  /** Some rule wants it measured when it is read: a writer that comes now makes a violation. */
  mustMeasure = false;
  /** Descriptions open for reading only that are counted. */
  readers = 0;
  /** It is written with a right to: its label follows its contents when the last writer goes. */
  labelFollows = false;
  /** What the rules said last about a FILE_CHECK, and when they say it again: for these credentials, this mask, this owner. */
  actions = 0;
  private askedBy: Credentials | null = null;
  private readonly asked = new Int32Array(3);
  /** A hash under way. */
  private hash: Sha256 | Sha1 | null = null;
  private at = 0;
  /** Size, mtime, ctime of those contents. */
  private readonly stamp = new Float64Array(5).fill(-1);

  /** The contents may be others: everything that is known of them goes. */
  reset(): void {
    this.digest = null;
    this.hash = null;
    this.done = 0;
    this.appraised = 'no';
  }

  /** Do the rules say `actions` again? (Kind and file system of an inode stay what they are.) */
  isRuled({ cred }: Task, mask: number, { uid, gid }: Inode): boolean {
    const { asked } = this;
    return this.askedBy === cred && asked[0] === mask && asked[1] === (uid | 0) && asked[2] === (gid | 0);
  }

  rule({ cred }: Task, mask: number, { uid, gid }: Inode, actions: number): void {
    this.askedBy = cred;
    this.asked.set([mask, uid, gid]);
    this.actions = actions;
  }

  /** The rules are others now. */
  unrule(): void { this.askedBy = null; }

  /** Notices contents that changed without us: files of the host, times that were set back. */
  follow(inode: Inode): void {
    const { stamp } = this, { size, mtime, ctime } = inode;
    if (size === stamp[0] && mtime.sec === stamp[1] && mtime.nsec === stamp[2] && ctime.sec === stamp[3] && ctime.nsec === stamp[4]) return;
    const isFirst = stamp[0] === -1;
    stamp[0] = size;
    stamp[1] = mtime.sec;
    stamp[2] = mtime.nsec;
    stamp[3] = ctime.sec;
    stamp[4] = ctime.nsec;
    if (!isFirst) this.reset();
  }

  /** SHA-256 of the contents; BLOCKED: the same call comes again. While somebody may write to it, nothing is kept. */
  collect(t: Task, inode: Inode): Fallible<Uint8Array> {
    if (this.digest !== null) return this.digest;
    const digest = this.hashWith(t, inode, this.hash instanceof Sha256 ? this.hash : this.start(new Sha256()));
    if (!isErr(digest) && inode.writers === 0) this.digest = digest;
    return digest;
  }

  /** The hash that a label asks for. */
  collectAs(t: Task, inode: Inode, algorithm: number): Fallible<Uint8Array> {
    if (algorithm !== HASH_ALGO_SHA1) return this.collect(t, inode);
    return this.hashWith(t, inode, this.hash instanceof Sha1 ? this.hash : this.start(new Sha1()));
  }

  private start<H extends Sha1 | Sha256>(hash: H): H {
    this.hash = hash;
    this.at = 0;
    return hash;
  }

  private hashWith(t: Task, inode: Inode, hash: Sha256 | Sha1): Fallible<Uint8Array> {
    const chunk = new Uint8Array(CHUNK);
    while (inode.pages !== null && this.at < inode.size) {
      const n: number | Errno = inode.pages.read(t, new KernelBuffer(chunk), this.at);
      if (isErr(n)) return n;
      if (n === 0) break;
      hash.update(chunk, 0, n);
      this.at += n;
    }
    this.hash = null;
    return hash.digest();
  }
}

/** SHA-256 of a file whose pages are all in memory; null: they are not. */
export function hashInMemory(inode: Inode): Uint8Array | null {
  const { pages, size } = inode;
  if (pages === null || pages.pageCount < Math.ceil(size / PAGE_SIZE)) return null;
  const hash = new Sha256();
  for (let at = 0; at < size; at += PAGE_SIZE) {
    const pfn = pages.peek(at / PAGE_SIZE);
    if (pfn < 0) return null;
    hash.update(pages.frames.ram.u8, pfn * PAGE_SIZE, pfn * PAGE_SIZE + Math.min(PAGE_SIZE, size - at));
  }
  return hash.digest();
}
