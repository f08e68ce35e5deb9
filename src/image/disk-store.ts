// The disks of the store: sparse files $KSPACE_HOME/disks/NAME.
import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, existsSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../host/user-error.ts';
import { isImageName, storeDir } from './store.ts';

/** A disk of the store: its size, and how much of it takes room on the host. */
export interface StoredDisk { readonly name: string; readonly bytes: number; readonly used: number }

const disksDir = (store: string): string => join(store, 'disks');

/** The file of disk `name`; undefined when the store has none. */
export function findDisk(name: string, store = storeDir()): string | undefined {
  const path = isImageName(name) ? join(disksDir(store), name) : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** Makes an empty disk: a name goes to the store, a path anywhere. Never overwrites. Answers the file. */
export function createDisk(name: string, bytes: number, store = storeDir()): string {
  if (!name.includes('/') && !isImageName(name)) throw new UserError(`'${name}' cannot be the name of a disk`);
  const path = name.includes('/') ? name : join(disksDir(store), name);
  if (existsSync(path)) throw new UserError(`${name} exists already`);
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'wx', 0o600);
  try {
    ftruncateSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
  return path;
}

export function listDisks(store = storeDir()): StoredDisk[] {
  if (!existsSync(disksDir(store))) return [];
  return readdirSync(disksDir(store)).filter(isImageName).sort().map(name => {
    const st = statSync(join(disksDir(store), name));
    return { name, bytes: st.size, used: Math.min(st.blocks * 512, st.size) };
  });
}

/** False when there was none. */
export function removeDisk(name: string, store = storeDir()): boolean {
  const path = findDisk(name, store);
  if (path === undefined) return false;
  rmSync(path);
  return true;
}
