// From an IMAGE on the command line to a root file system: a name in the store, a host directory, or the default image, which builds itself.
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { FileAttr, ROOT_ID } from '../../host/host.ts';
import type { FsBackend } from '../../host/host.ts';
import { openImage } from '../../host/node/image-fs.ts';
import type { SealDemand } from '../../host/node/sealed-image.ts';
import { UserError } from '../../host/user-error.ts';
import { DEFAULT_IMAGE, findImage, imageNames } from '../../image/store.ts';
import { complain } from '../../host/node/print.ts';
import { PCR_IMAGE } from '../../kernel/integrity/registers.ts';
import { fromHex } from '../../lib/image-seal.ts';
import { sha256 } from '../../lib/sha256.ts';
import { latin1Encode, toBinary } from '../../lib/utf8.ts';
import type { Measured } from '../contract.ts';
import { closest } from '../../lib/suggest.ts';

/**
 * `measured`: what of it goes into the boot log: an image's index (names, modes, sizes, places), or its seal; of a directory only that it is one.
 * `sealed`: the image's directory, for the kernel to check by the root hash; `fs` then checks for the host's own reading.
 */
export interface Root {
  readonly fs: FsBackend;
  readonly kind: 'image' | 'directory';
  readonly name: string;
  readonly measured: Measured;
  readonly sealed?: { readonly fs: FsBackend; readonly rootHash: string };
}

/** Does `word` name an image of the store, the default image or a directory? */
export function namesImage(word: string): boolean {
  return word === DEFAULT_IMAGE || findImage(word) !== undefined || isDirectory(word);
}

/** Opens `name` (default: the default image); `access` concerns directories; with `demand` only a sealed image will do. Throws UserError. */
export async function openRoot(name: string | undefined, access: 'read-write' | 'read-only' = 'read-only', demand?: SealDemand): Promise<Root> {
  const wanted = name ?? DEFAULT_IMAGE;
  const image = findImage(wanted) ?? (isDirectory(wanted) ? undefined : await buildDefault(wanted));
  if (demand !== undefined) return openSealed(wanted, image, demand);
  if (image !== undefined) {
    try {
      return imageRoot(image, wanted);
    } catch (e) {
      const what = `the image ${wanted} cannot be used: ${(e as Error).message}`;
      if (wanted !== DEFAULT_IMAGE) throw new UserError(`${what}; build or import it again`);
      complain(`${what}; it is built anew`);
      return imageRoot(await buildDefault(wanted), wanted);
    }
  }
  const { DirFs } = await import('../../host/node/dir-fs.ts');
  const text = toBinary(`directory ${resolve(wanted)}: contents not measured`);
  return { fs: new DirFs(resolve(wanted), { access }), kind: 'directory', name: wanted, measured: { register: PCR_IMAGE, digest: sha256(latin1Encode(text)), text } };
}

function imageRoot(dir: string, name: string): Root {
  const { fs, digest } = openImage(dir);
  return { fs, kind: 'image', name, measured: { register: PCR_IMAGE, digest: digest(), text: `image ${name}: index` } };
}

async function openSealed(name: string, dir: string | undefined, demand: SealDemand): Promise<Root> {
  if (dir === undefined) throw new UserError(`${name} is a directory: only images can be sealed`);
  const [{ openSealedImage }, { DirFs }] = await Promise.all([import('../../host/node/sealed-image.ts'), import('../../host/node/dir-fs.ts')]);
  try {
    const { fs, rootHash } = openSealedImage(dir, demand);
    return { fs, kind: 'image', name, measured: { register: PCR_IMAGE, digest: fromHex(rootHash), text: `image ${name}: seal` }, sealed: { fs: new DirFs(dir, { access: 'read-only' }), rootHash } };
  } catch (e) {
    throw new UserError(`the image ${name} is refused: ${(e as Error).message}`);
  }
}

async function buildDefault(name: string): Promise<string> {
  if (name !== DEFAULT_IMAGE) {
    const near = closest(name, [DEFAULT_IMAGE, ...imageNames()]);
    throw new UserError(existsSync(name) ? `${name} is no image and no directory (kspace image import makes an image of a tar)`
      : `there is no image and no directory ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
  const [{ buildImage, defaultPackages }, { stderrProgress }] = await Promise.all([import('../../image/build.ts'), import('../../image/progress.ts')]);
  await buildImage({ name, packages: defaultPackages(name)!, progress: stderrProgress() });
  return findImage(name)!;
}

/** A small file of a file system; undefined when it is not there. Symbolic links are followed as far as they are relative or absolute names. */
export function readFile(fs: FsBackend, path: string): Uint8Array | undefined {
  const attr = findNode(fs, path);
  if (attr === undefined || (attr.mode & 0o170000) !== 0o100000) return undefined;
  const handle = fs.open(attr.id, 0);
  if (handle < 0) return undefined;
  const bytes = new Uint8Array(attr.size);
  const n = fs.read(handle, bytes, 0);
  fs.release(handle);
  return n < 0 ? undefined : bytes.subarray(0, n);
}

/** The node at an absolute `path`, links followed; undefined when there is none. */
export function findNode(fs: FsBackend, path: string): FileAttr | undefined {
  let todo = parts(path);
  const trail: FileAttr[] = [];
  const attrOf = (id: number) => { const a = new FileAttr(); return fs.getattr(id, a) < 0 ? undefined : a; };
  const root = attrOf(ROOT_ID);
  if (root === undefined) return undefined;
  for (let links = 0; todo.length > 0;) {
    const name = todo.shift()!;
    if (name === '..') { trail.pop(); continue; }
    const attr = new FileAttr();
    if (fs.lookup(trail.at(-1)?.id ?? ROOT_ID, name, attr) < 0) return undefined;
    if ((attr.mode & 0o170000) !== 0o120000) { trail.push(attr); continue; }
    const buffer = new Uint8Array(4096);
    const n = fs.readlink(attr.id, buffer);
    if (n < 0 || ++links > 40) return undefined;
    const target = Buffer.from(buffer.subarray(0, n)).toString('latin1');
    if (target.startsWith('/')) trail.length = 0;
    todo = [...parts(target), ...todo];
  }
  return trail.at(-1) ?? root;
}

const parts = (path: string) => path.split('/').filter(p => p !== '' && p !== '.');

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
