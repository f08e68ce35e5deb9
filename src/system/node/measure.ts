// What a Node process can say of the kernel that it runs: the hash of its files, compared with the list that the build has left beside them. Two builds of one
// commit have the same register 0; what V8 has compiled of it at the build (BUNDLE.cache), which no two builds share, goes into register 2.
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { PCR_COMPILED, PCR_KERNEL } from '../../kernel/integrity/registers.ts';
import type { Measured } from '../contract.ts';

/** dist/manifest.json: the files of the build and their SHA-256, by name. */
interface BuildManifest { readonly files: Readonly<Record<string, string>> }

/** The kernel as it lies on the disk. `changed`: files that are not what was built; `isBuild`: it does not run from its sources. */
export interface Bundle { readonly measured: readonly Measured[]; readonly changed: readonly string[]; readonly isBuild: boolean }

/** Code of a build lies in its directory or in chunks/ below; code that runs from its sources has no manifest, and is not measured. */
export function measureBundle(near = import.meta.url): Bundle {
  const place = ['manifest.json', '../manifest.json'].map(f => new URL(f, near)).find(f => existsSync(f));
  return place === undefined ? unmeasured() : measureFiles(place);
}

/** The digest is that of sha256sum(1)'s lines, sorted by name: `sha256sum $FILES | sort -k2 | sha256sum` gives the same. */
export function measureFiles(manifest: URL): Bundle {
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as BuildManifest;
  const names = Object.keys(files).sort(), changed: string[] = [];
  const measure = (register: number, what: string, of: readonly string[]): Measured => {
    const lines = createHash('sha256');
    for (const name of of) {
      const file = new URL(name, manifest), found = existsSync(file) ? hashOf(file) : 'missing';
      // Without its compiled code a kernel is the same, only slower to start.
      if (found !== files[name] && !(found === 'missing' && isCompiled(name))) changed.push(name);
      lines.update(`${found}  ${name}\n`);
    }
    return { register, digest: lines.digest(), text: `${what}: ${of.length} file${of.length === 1 ? '' : 's'}` };
  };
  const compiled = names.filter(isCompiled);
  const measured = [measure(PCR_KERNEL, 'kernel', names.filter(n => !isCompiled(n)))];
  if (compiled.length > 0) measured.push(measure(PCR_COMPILED, 'compiled code of the kernel', compiled));
  return { measured, changed, isBuild: true };
}

const isCompiled = (name: string): boolean => name.endsWith('.cache');

const piece = new Uint8Array(1 << 16);

/** By pieces: the files together are megabytes, and this is every start. */
function hashOf(file: URL): string {
  const hash = createHash('sha256'), fd = openSync(file, 'r');
  try {
    for (let n = readSync(fd, piece); n > 0; n = readSync(fd, piece)) hash.update(piece.subarray(0, n));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

function unmeasured(): Bundle {
  const text = 'kernel: from its sources, not measured';
  return { measured: [{ register: PCR_KERNEL, digest: createHash('sha256').update(text).digest(), text }], changed: [], isBuild: false };
}
