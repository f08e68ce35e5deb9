// The image store: one directory an image, under $KSPACE_HOME (or $XDG_DATA_HOME/kspace, ~/.local/share/kspace): finding, listing, removing.
// Making images is builder.ts; this file is on the way of every start and stays small.
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { INDEX_FILE, MANIFEST_FILE } from '../host/node/image-fs.ts';
import { UserError } from '../host/user-error.ts';

/** The image that commands use when none is named; it builds itself on first use. */
export const DEFAULT_IMAGE = 'busybox';

/** A sentence for the user: printed without a stack, ends the command with status 1. */
export class ImageError extends UserError {}

/** What `manifest.json` says of an image. */
export interface Manifest {
  readonly name: string;
  readonly created: string;
  readonly kspace: string;
  /** How it was made: the command in words. */
  readonly source: string;
  /** name → version; empty for imports. */
  readonly packages: Readonly<Record<string, string>>;
  readonly files: number;
  readonly bytes: number;
  /** sha256 of index and data in this order. */
  readonly sha256: string;
}

/** The store's directory; nothing is created. */
export function storeDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env['KSPACE_HOME']) return env['KSPACE_HOME'];
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'kspace');
}

/** Names are file names here and words on a command line: letters, digits, '.', '_', '-', ':' and '+', starting with a letter or digit. */
export function isImageName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}$/.test(name);
}

/** Where image `name` is, or undefined when there is none. */
export function findImage(name: string, store = storeDir()): string | undefined {
  if (!isImageName(name)) return undefined;
  const dir = join(store, 'images', name);
  return existsSync(join(dir, INDEX_FILE)) ? dir : undefined;
}

/** The names of all images. */
export function imageNames(store = storeDir()): string[] {
  const images = join(store, 'images');
  return existsSync(images) ? readdirSync(images).filter(isImageName).sort() : [];
}

/** All images by name; one whose manifest cannot be read has none. */
export function listImages(store = storeDir()): { name: string; manifest?: Manifest }[] {
  return imageNames(store).map(name => {
    try {
      return { name, manifest: JSON.parse(readFileSync(join(store, 'images', name, MANIFEST_FILE), 'utf8')) as Manifest };
    } catch {
      return { name };
    }
  });
}

/** Removes an image; false when there was none. */
export function removeImage(name: string, store = storeDir()): boolean {
  const dir = isImageName(name) ? join(store, 'images', name) : undefined;
  if (dir === undefined || !existsSync(dir)) return false;
  const doomed = join(store, 'images', `.old-${process.pid}-${Date.now()}`);
  renameSync(dir, doomed);
  rmSync(doomed, { recursive: true, force: true });
  return true;
}
