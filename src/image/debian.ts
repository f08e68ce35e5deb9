// Debian packages into one root file system: what `dpkg --unpack` does to files, and dpkg's own database. No maintainer script is run;
// what they would have done is done as data in settle.ts.
import { createHash } from 'node:crypto';
import type { ImageTree } from '../host/image-tree.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../host/image-tree.ts';
import type { Download } from './apt.ts';
import { openDeb } from './deb.ts';
import type { Deb } from './deb.ts';
import type { Progress } from './progress.ts';
import type { ImageBuilder } from './builder.ts';
import { readTar } from './tar.ts';
import type { TarEntry } from './tar.ts';
import { unpackEntry } from './unpack.ts';

/** A package after unpacking: what settle.ts may want to know. */
export interface Unpacked { readonly name: string; readonly version: string; readonly scripts: ReadonlyMap<string, Uint8Array> }

/** Directories that are links into /usr on Debian since 12 (file-hierarchy(7), "merged /usr"). */
const MERGED = ['bin', 'sbin', 'lib'];

/** The directories and links that exist before the first package, so that /bin/x and /usr/bin/x are one file whatever comes first. */
export function layout(tree: ImageTree): void {
  for (const name of MERGED) {
    tree.mkdirp(`/usr/${name}`);
    tree.put(`/${name}`, { mode: S_IFLNK | 0o777, target: `usr/${name}` });
  }
  for (const name of ['boot', 'dev', 'etc', 'home', 'mnt', 'opt', 'proc', 'run', 'srv', 'sys', 'usr', 'var', 'var/lib', 'var/log', 'var/cache']) tree.mkdirp(`/${name}`);
  tree.mkdirp('/root', 0o700);
  for (const name of ['tmp', 'var/tmp']) tree.mkdirp(`/${name}`, 0o1777);
  tree.put('/var/run', { mode: S_IFLNK | 0o777, target: '/run' });
  tree.put('/var/lock', { mode: S_IFLNK | 0o777, target: '/run/lock' });
}

/** Unpacks the packages in their order and writes /var/lib/dpkg. */
export async function unpackAll(builder: ImageBuilder, downloads: readonly Download[], progress: Progress): Promise<Unpacked[]> {
  const files = new Files(builder, progress);
  const status: string[] = [];
  const unpacked: Unpacked[] = [];
  for (const [i, d] of downloads.entries()) {
    progress.step(`unpacking ${downloads.length} packages`, `${i + 1}/${downloads.length} ${d.name} ${d.version}`);
    const deb = await openDeb(d.path);
    const list = await files.add(d.name, deb);
    status.push(statusEntry(deb, builder));
    writeInfo(builder, d.name, deb, list);
    unpacked.push({ name: d.name, version: d.version, scripts: deb.extras });
  }
  const put = (path: string, text: string) => putText(builder, path, text);
  put('/var/lib/dpkg/status', status.join('\n'));
  put('/var/lib/dpkg/available', '');
  put('/var/lib/dpkg/diversions', '');
  put('/var/lib/dpkg/statoverride', '');
  put('/var/lib/dpkg/arch', 'riscv64\n');
  put('/var/lib/dpkg/info/format', '1\n');
  return unpacked;
}

/** A text file owned by root. */
export function putText(builder: ImageBuilder, path: string, text: string | Uint8Array, mode = 0o644, gid = 0): void {
  builder.tree.put(path, { mode: S_IFREG | mode, gid, mtimeSec: BUILD_TIME, ...builder.store(typeof text === 'string' ? Buffer.from(text) : text) });
}

/** Files that no package carries: a fixed date keeps two builds of the same packages alike (SOURCE_DATE_EPOCH is honoured). */
const BUILD_TIME = Number(process.env['SOURCE_DATE_EPOCH'] ?? 1_735_689_600);

/** Whose file is whose. */
class Files {
  readonly #builder: ImageBuilder;
  readonly #progress: Progress;
  readonly #owner = new Map<string, string>();
  readonly #replaces = new Map<string, Set<string>>();

  constructor(builder: ImageBuilder, progress: Progress) {
    this.#builder = builder;
    this.#progress = progress;
  }

  /** Unpacks one package: the paths it listed. Among two owners of a file, the one that declares Replaces wins (Debian Policy 7.6.1). */
  async add(name: string, deb: Deb): Promise<string[]> {
    this.#replaces.set(name, new Set((deb.fields.get('Replaces') ?? '').split(',').map(r => r.trim().split(/[\s:(]/)[0]!)));
    const list: string[] = [];
    for await (const entry of readTar(deb.data())) {
      const path = absolute(entry.path);
      list.push(path === '/' ? '/.' : path);
      if (path === '/') continue;
      if (entry.kind !== 'directory' && !this.#mayOwn(path, name)) continue;
      await unpackEntry(this.#builder, normal(entry, path));
    }
    return list;
  }

  #mayOwn(path: string, name: string): boolean {
    const key = merged(path);
    const owner = this.#owner.get(key);
    if (owner !== undefined && owner !== name) {
      if (this.#replaces.get(owner)?.has(name)) return false;
      if (!this.#replaces.get(name)?.has(owner)) this.#progress.say(`${path} is in ${owner} and in ${name}: the image has that of ${name}`);
    }
    this.#owner.set(key, name);
    return true;
  }
}

const absolute = (path: string) => '/' + path.replace(/^\.?\/*/, '').replace(/\/$/, '');

/** /bin/sh and /usr/bin/sh are one file. */
const merged = (path: string) => (MERGED.some(d => path.startsWith(`/${d}/`)) ? `/usr${path}` : path);

function normal(entry: TarEntry, path: string): TarEntry {
  const target = entry.kind === 'link' ? absolute(entry.target) : entry.target;
  return { ...entry, path, target, body: sink => entry.body(sink) };
}

/** The package's paragraph in dpkg's status file, with the md5 sums of its conffiles as they were unpacked. */
function statusEntry(deb: Deb, builder: ImageBuilder): string {
  const conffiles = Buffer.from(deb.extras.get('conffiles') ?? []).toString('utf8').split('\n').filter(l => l.startsWith('/'));
  const lines = deb.control.trimEnd().split('\n');
  const at = lines.findIndex(l => l.startsWith('Package:'));
  lines.splice(at + 1, 0, 'Status: install ok installed');
  if (conffiles.length > 0) lines.push('Conffiles:', ...conffiles.map(c => ` ${c} ${md5(builder.read(c))}`));
  return lines.join('\n') + '\n';
}

const md5 = (bytes: Uint8Array | undefined) => (bytes === undefined ? 'newconffile' : createHash('md5').update(bytes).digest('hex'));

function writeInfo(builder: ImageBuilder, name: string, deb: Deb, list: readonly string[]): void {
  const suffix = deb.fields.get('Multi-Arch') === 'same' ? `:${deb.fields.get('Architecture')}` : '';
  const base = `/var/lib/dpkg/info/${name}${suffix}`;
  builder.tree.put('/var/lib/dpkg/info', { mode: S_IFDIR | 0o755 });
  putText(builder, `${base}.list`, Buffer.from(list.join('\n') + '\n', 'latin1'));
  for (const [extra, bytes] of deb.extras) {
    putText(builder, `${base}.${extra}`, bytes, ['preinst', 'postinst', 'prerm', 'postrm', 'config'].includes(extra) ? 0o755 : 0o644);
  }
}
