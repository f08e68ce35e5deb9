// `kspace image import`: a host directory or a tar archive becomes an image, with its owners, devices, links and times as they are.
import { closeSync, createReadStream, openSync, opendirSync, readSync, readlinkSync, lstatSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../host/image-tree.ts';
import type { TreeNode } from '../host/image-tree.ts';
import { decompress } from './decompress.ts';
import type { Chunks } from './decompress.ts';
import type { Progress } from './progress.ts';
import { ImageBuilder } from './builder.ts';
import { ImageError, isImageName, storeDir } from './store.ts';
import type { Manifest } from './store.ts';
import { BadTar, readTar } from './tar.ts';
import { encodeDev, unpackEntry } from './unpack.ts';

export interface ImportRequest { readonly source: string; readonly name: string; readonly progress: Progress; readonly store?: string }

/** Imports `source` as image `name`; '-' is a tar on standard input. Throws ImageError with a sentence for the user. */
export async function importImage({ source, name, progress, store = storeDir() }: ImportRequest): Promise<Manifest> {
  if (!isImageName(name)) throw new ImageError(`'${name}' cannot be the name of an image`);
  const stats = source === '-' ? undefined : statSync(source, { throwIfNoEntry: false });
  if (source !== '-' && stats === undefined) throw new ImageError(`${source}: no such file or directory`);
  const builder = new ImageBuilder(store);
  try {
    if (stats?.isDirectory()) importDirectory(builder, source, progress);
    else await importTar(builder, source === '-' ? process.stdin : createReadStream(source, { highWaterMark: 1 << 18 }), source, progress);
    for (const dir of ['proc', 'sys', 'dev', 'run']) builder.tree.mkdirp(`/${dir}`);
    builder.tree.mkdirp('/tmp', 0o1777);
    const manifest = builder.commit(name, { source: `import of ${source}`, packages: {} });
    progress.say(`image ${name}: ${manifest.files} files, ${Math.ceil(manifest.bytes / 1e6)} MB`);
    return manifest;
  } catch (e) {
    builder.abandon();
    if (e instanceof BadTar || (e as NodeJS.ErrnoException).code !== undefined) throw new ImageError(`${source}: ${(e as Error).message}`);
    throw e;
  } finally {
    progress.end();
  }
}

async function importTar(builder: ImageBuilder, input: Chunks, source: string, progress: Progress): Promise<void> {
  let count = 0;
  for await (const entry of readTar(decompress(input))) {
    if (++count % 256 === 0) progress.step(`importing ${source}`, `${count} files`);
    await unpackEntry(builder, entry);
  }
  if (count === 0) throw new ImageError(`${source}: an empty archive`);
}

function importDirectory(builder: ImageBuilder, source: string, progress: Progress): void {
  const links = new Map<string, TreeNode>();
  const buffer = Buffer.allocUnsafe(1 << 18);
  let count = 0;
  const visit = (host: Buffer, path: string) => {
    const st = lstatSync(host, { bigint: true });
    const mode = Number(st.mode);
    if ((mode & S_IFMT) === S_IFSOCK) return;
    if (++count % 256 === 0) progress.step(`importing ${source}`, `${count} files`);
    const inode = `${st.dev}:${st.ino}`;
    const known = st.nlink > 1n ? links.get(inode) : undefined;
    if (known !== undefined) { builder.tree.put(path, known); return; }
    const node = addNode(builder, host, path, st, buffer);
    if (st.nlink > 1n && !node.isDirectory) links.set(inode, node);
    if ((mode & S_IFMT) !== S_IFDIR) return;
    for (const name of names(host)) visit(join(host, name), `${path}/${name.toString('latin1')}`);
  };
  visit(Buffer.from(source), '');
}

function addNode(builder: ImageBuilder, host: Buffer, path: string, st: BigIntStats, buffer: Buffer): TreeNode {
  const mode = Number(st.mode);
  const rdev = Number(st.rdev);
  const init = {
    mode, uid: Number(st.uid), gid: Number(st.gid), rdev: encodeDev(rdev >> 8 & 0xfff, rdev & 0xff | rdev >>> 12 & 0xfff00),
    mtimeSec: Number(st.mtimeNs / 1_000_000_000n), mtimeNsec: Number(st.mtimeNs % 1_000_000_000n),
  };
  if ((mode & S_IFMT) === S_IFLNK) return builder.tree.put(path, { ...init, target: readlinkSync(host, 'buffer').toString('latin1') });
  if ((mode & S_IFMT) !== S_IFREG) return builder.tree.put(path, init);
  const offset = builder.reserve(Number(st.size));
  const size = copy(builder, host, buffer);
  return builder.tree.put(path, { ...init, offset, size });
}

function copy(builder: ImageBuilder, host: Buffer, buffer: Buffer): number {
  const fd = openSync(host, 'r');
  try {
    for (let size = 0; ;) {
      const n = readSync(fd, buffer);
      if (n === 0) return size;
      builder.append(buffer.subarray(0, n));
      size += n;
    }
  } finally {
    closeSync(fd);
  }
}

function names(dir: Buffer): Buffer[] {
  const handle = opendirSync(dir as unknown as string, { encoding: 'buffer' as BufferEncoding });
  const out: Buffer[] = [];
  try {
    for (let e = handle.readSync(); e !== null; e = handle.readSync()) out.push(e.name as unknown as Buffer);
  } finally {
    handle.closeSync();
  }
  return out.sort((a, b) => a.compare(b));
}

const join = (dir: Buffer, name: Buffer) => Buffer.concat([dir, Buffer.from('/'), name]);
