// Which host file a node id means, and a host path for it that nobody can bend out of the tree. A node is a (device, inode) pair with the
// names it was seen under. On Linux every path handed to the host is /proc/self/fd/N/NAME where N is an O_PATH descriptor of the parent
// directory opened with O_NOFOLLOW and checked by inode: the effect of the *at() calls, which Node lacks. No symbolic link is ever followed.
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, realpathSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { EINVAL, ENOENT, ENOTDIR, ESTALE } from '../../abi/errno.ts';
import { ROOT_ID } from '../host.ts';
import { errnoOf } from './host-errno.ts';

const O_PATH = 0o10000000; // Linux only, not in Node's table
const PROC_FD = process.platform === 'linux' && existsSync('/proc/self/fd');
/** Directory descriptors kept open for reuse. */
const MAX_OPEN = 256;

/** One host file known to the guest. */
export class DirNode {
  readonly id: number;
  readonly key: string;
  /** S_IFMT bits: a node never changes its type. */
  readonly type: number;
  /** Names it has been seen under and that are believed to exist: the last is the freshest. */
  aliases: { parent: DirNode; name: string }[] = [];
  /** O_PATH descriptor, or -1. */
  fd = -1;
  /** The descriptor is all that is left of an unlinked file; never evicted. */
  pinned = false;
  lookups = 0;

  constructor(id: number, key: string, type: number) {
    this.id = id;
    this.key = key;
    this.type = type;
  }
}

export class DirNodes {
  readonly #byId = new Map<number, DirNode>();
  readonly #byKey = new Map<string, DirNode>();
  /** "PARENT-ID/NAME" of every alias. */
  readonly #byName = new Map<string, DirNode>();
  /** Nodes with an evictable descriptor, least recently used first. */
  readonly #open = new Set<DirNode>();
  readonly #rootPath: string;
  #nextId = ROOT_ID;

  /** `path` must be a directory; symbolic links in it are the caller's business and resolved once. */
  constructor(path: string) {
    this.#rootPath = realpathSync(path);
    const root = this.intern(lstatSync(this.#rootPath, { bigint: true }));
    root.lookups = Infinity;
    if (PROC_FD) {
      root.fd = openSync(this.#rootPath, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      root.pinned = true;
    }
  }

  get(id: number): DirNode | undefined { return this.#byId.get(id); }

  /** The node for what lstat saw. */
  intern(st: BigIntStats): DirNode {
    const key = keyOf(st);
    let node = this.#byKey.get(key);
    if (node === undefined) {
      node = new DirNode(this.#nextId++, key, Number(st.mode) & constants.S_IFMT);
      this.#byId.set(node.id, node);
      this.#byKey.set(key, node);
    }
    return node;
  }

  forget(id: number, count: number): void {
    const node = this.#byId.get(id);
    if (node === undefined) return;
    node.lookups -= count;
    if (node.lookups > 0) return;
    this.#close(node);
    while (node.aliases.length > 0) this.#dropAlias(node, node.aliases.length - 1);
    this.#byId.delete(id);
    if (this.#byKey.get(node.key) === node) this.#byKey.delete(node.key);
  }

  /** The host path of `name` in `dir`, or an errno. Hand it only to calls that do not follow a link in the last place. */
  at(dir: DirNode, name: string): Buffer | number {
    if (dir.type !== constants.S_IFDIR) return ENOTDIR;
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) return EINVAL;
    const prefix = this.#prefix(dir);
    return typeof prefix === 'number' ? prefix : Buffer.concat([prefix, Buffer.from(`/${name}`, 'latin1')]);
  }

  /** A host path of the node itself, safe against links in the last place only in calls that do not follow them. */
  path(node: DirNode): Buffer | number {
    for (let i = node.aliases.length - 1; i >= 0; i--) {
      const { parent, name } = node.aliases[i]!;
      const path = this.at(parent, name);
      if (typeof path === 'number') continue;
      let st: BigIntStats | undefined;
      try {
        st = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      } catch (e) {
        return errnoOf(e); // a directory on the way that we may not search
      }
      if (st !== undefined && this.#is(node, st)) return path;
      this.#dropAlias(node, i); // somebody on the host moved it
    }
    return node.id === ROOT_ID ? Buffer.from(this.#rootPath, 'utf8') : ENOENT;
  }

  /** A path that means this very file even while it is renamed or after it was unlinked; follows nothing but the descriptor (Linux). */
  exact(node: DirNode): Buffer | number {
    if (!PROC_FD) return this.path(node);
    const fd = this.descriptor(node);
    return fd < 0 ? fd : Buffer.from(`/proc/self/fd/${fd}`);
  }

  /** An O_PATH descriptor of the node, opened when it is not at hand. */
  descriptor(node: DirNode): number {
    if (node.fd >= 0) {
      if (!node.pinned) { this.#open.delete(node); this.#open.add(node); }
      return node.fd;
    }
    const path = this.path(node);
    if (typeof path === 'number') return path;
    try {
      const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
      if (!this.#is(node, fstatSync(fd, { bigint: true }))) { closeSync(fd); return ESTALE; }
      node.fd = fd;
    } catch (e) {
      return errnoOf(e);
    }
    this.#open.add(node);
    if (this.#open.size > MAX_OPEN) for (const oldest of this.#open) { this.#close(oldest); break; }
    return node.fd;
  }

  /** Before a name goes away: keeps a file that the guest still refers to reachable through a descriptor. */
  beforeUnlink(dir: DirNode, name: string): void {
    const path = this.at(dir, name);
    if (typeof path === 'number') return;
    const st = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const node = st === undefined ? undefined : this.#byKey.get(keyOf(st));
    if (node === undefined || node.lookups <= 0) return;
    this.addAlias(node, dir, name);
    if (PROC_FD && this.descriptor(node) >= 0) { node.pinned = true; this.#open.delete(node); }
  }

  /** After a name went away. */
  afterUnlink(dir: DirNode, name: string): void {
    const node = this.#byName.get(`${dir.id}/${name}`);
    if (node !== undefined) this.#dropAlias(node, node.aliases.findIndex(a => a.parent === dir && a.name === name));
  }

  /** `node` was seen as `name` in `parent`. */
  addAlias(node: DirNode, parent: DirNode, name: string): void {
    const key = `${parent.id}/${name}`;
    const last = node.aliases.at(-1);
    if (last !== undefined && last.parent === parent && last.name === name) return;
    this.afterUnlink(parent, name);
    if (node.type === constants.S_IFDIR) while (node.aliases.length > 0) this.#dropAlias(node, 0); // a directory has one name
    node.aliases.push({ parent, name });
    this.#byName.set(key, node);
  }

  close(): void {
    for (const node of this.#byId.values()) this.#close(node);
    this.#byId.clear();
  }

  #dropAlias(node: DirNode, at: number): void {
    const [alias] = node.aliases.splice(at, 1);
    if (alias !== undefined) this.#byName.delete(`${alias.parent.id}/${alias.name}`);
  }

  #prefix(dir: DirNode): Buffer | number {
    if (PROC_FD) return this.exact(dir);
    const path = this.path(dir);
    if (typeof path === 'number') return path;
    // Without descriptors: no component below the root may have become a link. A host process racing with us could still win.
    try {
      return realpathSync(path, 'buffer').equals(path) ? path : ESTALE;
    } catch (e) {
      return errnoOf(e);
    }
  }

  #is(node: DirNode, st: BigIntStats): boolean { return keyOf(st) === node.key; }

  #close(node: DirNode): void {
    if (node.fd >= 0) closeSync(node.fd);
    node.fd = -1;
    node.pinned = false;
    this.#open.delete(node);
  }
}

function keyOf(st: BigIntStats): string {
  return `${st.dev}:${st.ino}:${Number(st.mode) & constants.S_IFMT}`;
}
