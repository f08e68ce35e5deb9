// `kspace image build | import | ls | rm | seal | verify`.
import { DEFAULT_SUITE, buildImage, defaultPackages } from '../image/build.ts';
import { importImage } from '../image/import.ts';
import { stderrProgress } from '../image/progress.ts';
import { sealImage, verifyImage } from '../image/seal.ts';
import { ImageError, findImage, imageNames, listImages, removeImage } from '../image/store.ts';
import { byteCompile } from './byte-compile.ts';
import { UsageError } from './options.ts';
import type { Parsed } from './options.ts';
import { complain, print } from '../host/node/print.ts';
import { closest } from '../lib/suggest.ts';

export async function image(): Promise<number> { throw new UsageError('say image build, import, ls, rm, seal or verify'); }

export async function build({ words, values, lists }: Parsed): Promise<number> {
  const name = one(words, 'the name of the image');
  const asked = lists.get('packages')?.flatMap(p => p.split(/[,\s]+/)).filter(p => p !== '');
  const packages = asked ?? defaultPackages(name);
  if (packages === undefined) throw new UsageError('say which packages: --packages a,b,c');
  await buildImage({
    name, packages, suite: values.get('suite') ?? DEFAULT_SUITE, mirror: values.get('mirror'), progress: stderrProgress(),
    ...(values.has('no-compile') ? {} : { finish: byteCompile }),
  });
  return 0;
}

export async function importSource({ words }: Parsed): Promise<number> {
  if (words.length !== 2) throw new UsageError('image import takes a directory or a tar archive, and a name');
  await importImage({ source: words[0]!, name: words[1]!, progress: stderrProgress() });
  return 0;
}

export async function ls({ words }: Parsed): Promise<number> {
  if (words.length > 0) throw new UsageError('image ls takes no arguments');
  const rows = listImages().map(({ name, manifest: m }) => (m === undefined ? [name, '?', '?', '?', '?']
    : [name, size(m.bytes), String(m.files), String(Object.keys(m.packages).length), age(Date.now() - Date.parse(m.created))]));
  const all = [['NAME', 'SIZE', 'FILES', 'PACKAGES', 'AGE'], ...rows];
  const widths = all[0]!.map((_, c) => Math.max(...all.map(r => r[c]!.length)));
  print(all.map(r => r.map((cell, c) => cell.padEnd(widths[c]!)).join('  ').trimEnd() + '\n').join(''));
  return 0;
}

export async function rm({ words }: Parsed): Promise<number> {
  if (words.length === 0) throw new UsageError('image rm needs the name of an image');
  for (const name of words) {
    if (removeImage(name)) continue;
    throw noSuchImage(name);
  }
  return 0;
}

/** Prints the root hash, for --verity. */
export async function seal({ words, values }: Parsed): Promise<number> {
  print(`${sealImage({ dir: existing(one(words, 'the name of the image')), keyFile: values.get('key') })}\n`);
  return 0;
}

/** 0: every bit is as it was sealed; 1: something is not, and is named. */
export async function verify({ words, values }: Parsed): Promise<number> {
  const name = one(words, 'the name of the image');
  const { rootHash, damage } = verifyImage(existing(name), { rootHash: values.get('root-hash')?.toLowerCase(), keyFile: values.get('key') });
  for (const line of damage) complain(`${name}: ${line}`);
  if (damage.length > 0) return 1;
  print(`${rootHash}\n`);
  return 0;
}

function existing(name: string): string {
  const dir = findImage(name);
  if (dir === undefined) throw noSuchImage(name);
  return dir;
}

function noSuchImage(name: string): ImageError {
  const near = closest(name, imageNames());
  return new ImageError(`there is no image ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
}

function one(words: readonly string[], what: string): string {
  if (words.length !== 1) throw new UsageError(words.length === 0 ? `say ${what}` : `only ${what} is expected, not ${words.slice(1).join(' ')}`);
  return words[0]!;
}

export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let n = bytes, u = 0;
  while (n >= 1000 && u < units.length - 1) { n /= 1000; u++; }
  return `${n >= 10 || u === 0 ? Math.round(n) : n.toFixed(1)} ${units[u]}`;
}

export function age(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  for (const [unit, length] of [['day', 86_400], ['hour', 3600], ['minute', 60]] as const) {
    const n = Math.floor(s / length);
    if (n > 0) return `${n} ${unit}${n === 1 ? '' : 's'}`;
  }
  return `${s} second${s === 1 ? '' : 's'}`;
}
