// Debian binary packages, deb(5): an ar archive of debian-binary, control.tar.* and data.tar.*. Read, never executed.
import { readFileSync } from 'node:fs';
import { UserError } from '../host/user-error.ts';
import { decompress, once } from './decompress.ts';
import type { Chunks } from './decompress.ts';
import { readTar } from './tar.ts';

export class BadDeb extends UserError {}

/** A package file opened for unpacking. */
export interface Deb {
  /** The fields of `control`, by their name as written (deb-control(5)). */
  readonly fields: ReadonlyMap<string, string>;
  /** The control file as it is, and the other members of control.tar (md5sums, conffiles, maintainer scripts) by name. */
  readonly control: string;
  readonly extras: ReadonlyMap<string, Uint8Array>;
  /** data.tar, decompressed while it is read. */
  data(): Chunks;
}

/** Opens the .deb at `path`. */
export async function openDeb(path: string): Promise<Deb> {
  const members = readAr(readFileSync(path), path);
  const part = (prefix: string) => {
    const found = [...members].find(([name]) => name === prefix || name.startsWith(prefix + '.'));
    if (found === undefined) throw new BadDeb(`${path}: no ${prefix} inside`);
    return found[1];
  };
  const extras = new Map<string, Uint8Array>();
  for await (const entry of readTar(decompress(once(part('control.tar'))))) {
    if (entry.kind !== 'file') continue;
    const chunks: Uint8Array[] = [];
    await entry.body(c => chunks.push(c.slice()));
    extras.set(entry.path.replace(/^\.\//, ''), Buffer.concat(chunks));
  }
  const control = Buffer.from(extras.get('control') ?? []).toString('utf8');
  extras.delete('control');
  return { fields: parseFields(control), control, extras, data: () => decompress(once(part('data.tar'))) };
}

/** One paragraph of deb822(5): continuation lines stay in the value, joined by newlines. */
export function parseFields(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of paragraph.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const m = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line);
    if (m !== null) {
      last = m[1]!;
      fields.set(last, m[2]!.trimEnd());
    } else if (/^[ \t]/.test(line) && last !== '') {
      fields.set(last, `${fields.get(last)!}\n${line.trim()}`);
    }
  }
  return fields;
}

/** Members of an ar archive (common format): 60-byte headers, bodies padded to even lengths. */
function readAr(bytes: Uint8Array, path: string): Map<string, Uint8Array> {
  const ascii = (at: number, n: number) => String.fromCharCode(...bytes.subarray(at, at + n)).trimEnd();
  if (ascii(0, 8) !== '!<arch>') throw new BadDeb(`${path}: not a Debian package`);
  const members = new Map<string, Uint8Array>();
  for (let at = 8; at + 60 <= bytes.length;) {
    const size = Number.parseInt(ascii(at + 48, 10), 10);
    if (ascii(at + 58, 2) !== '`' || !(size >= 0) || at + 60 + size > bytes.length) throw new BadDeb(`${path}: damaged`);
    members.set(ascii(at, 16).replace(/\/$/, ''), bytes.subarray(at + 60, at + 60 + size));
    at += 60 + size + (size & 1);
  }
  return members;
}
