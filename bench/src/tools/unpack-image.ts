// unpack-image IMAGE-DIR TO: an image of the store as plain files, for user-mode emulators that want a directory (-L).
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { DirEntry, FileAttr, ROOT_ID } from '../../../src/host/host.ts';
import { openImage } from '../../../src/host/node/image-fs.ts';

const S_IFMT = 0o170000, S_IFDIR = 0o040000, S_IFREG = 0o100000, S_IFLNK = 0o120000;
const { fs, close } = openImage(process.argv[2]!);
unpack(ROOT_ID, process.argv[3]!);
close();

function unpack(dir: number, to: string): void {
  mkdirSync(to, { recursive: true });
  const entry = new DirEntry(), attr = new FileAttr();
  for (let at = 0; fs.readdir(dir, at, entry) === 1; at = entry.next) {
    const { name } = entry, path = `${to}/${name}`;
    if (name === '.' || name === '..' || existsSync(path) || fs.lookup(dir, name, attr) !== 0) continue;
    const { id, mode, size } = attr;
    if ((mode & S_IFMT) === S_IFDIR) unpack(id, path);
    else if ((mode & S_IFMT) === S_IFLNK) link(id, path);
    else if ((mode & S_IFMT) === S_IFREG) copy(id, path, mode, size);
  }
}

function link(id: number, path: string): void {
  const target = new Uint8Array(4096);
  symlinkSync(Buffer.from(target.subarray(0, fs.readlink(id, target))), path);
}

function copy(id: number, path: string, mode: number, size: number): void {
  const bytes = new Uint8Array(size), file = openSync(path, 'w');
  if (size > 0 && fs.read(id, bytes, 0) !== size) throw new Error(`${path} cannot be read`);
  writeSync(file, bytes);
  closeSync(file);
  chmodSync(path, mode & 0o777 | 0o200);
}
