// `kspace disk create | ls | rm`.
import { UserError } from '../host/user-error.ts';
import { print } from '../host/node/print.ts';
import { createDisk, listDisks, removeDisk } from '../image/disk-store.ts';
import { closest } from '../lib/suggest.ts';
import { diskSize } from '../system/node/disks.ts';
import { size } from './image.ts';
import { UsageError } from './options.ts';
import type { Parsed } from './options.ts';

export async function disk(): Promise<number> { throw new UsageError('say disk create, ls or rm'); }

export async function create({ words }: Parsed): Promise<number> {
  if (words.length !== 2) throw new UsageError('disk create takes a name and a size');
  createDisk(words[0]!, diskSize(words[1]!));
  return 0;
}

export async function ls({ words }: Parsed): Promise<number> {
  if (words.length > 0) throw new UsageError('disk ls takes no arguments');
  const rows = [['NAME', 'SIZE', 'USED'], ...listDisks().map(d => [d.name, size(d.bytes), size(d.used)])];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map(r => r[c]!.length)));
  print(rows.map(r => r.map((cell, c) => cell.padEnd(widths[c]!)).join('  ').trimEnd() + '\n').join(''));
  return 0;
}

export async function rm({ words }: Parsed): Promise<number> {
  if (words.length === 0) throw new UsageError('disk rm needs the name of a disk');
  for (const name of words) {
    if (removeDisk(name)) continue;
    const near = closest(name, listDisks().map(d => d.name));
    throw new UserError(`there is no disk ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
  return 0;
}
