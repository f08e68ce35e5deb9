// What --disk and the library's `disks` name: a file, a disk of the store ($KSPACE_HOME/disks), an http(s) address, memory; and copy-on-write over any.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { DiskBackend } from '../../host/host.ts';
import { openHttpDisk } from '../../host/http-disk.ts';
import { CowDisk, MemoryDisk } from '../../host/memory-disk.ts';
import { FileDisk } from '../../host/node/file-disk.ts';
import { UserError } from '../../host/user-error.ts';
import { findDisk } from '../../image/disk-store.ts';
import type { Disk } from '../contract.ts';
import { parseSize } from '../size.ts';

/** `FILE[,ro][,cow]`. The serial number that the guest sees is the file's name. */
export async function openDisk(text: string): Promise<Disk> {
  const [where = '', ...flags] = text.split(',');
  const unknown = flags.find(f => f !== 'ro' && f !== 'cow');
  if (unknown !== undefined) throw new UserError(`'${unknown}' says nothing about a disk: say FILE, FILE,ro or FILE,cow`);
  const access = flags.length > 0 ? 'read-only' : 'read-write';
  const disk = await openBase(where, access);
  return { id: basename(where).slice(0, 20), backend: flags.includes('cow') ? new CowDisk(disk) : disk };
}

async function openBase(where: string, access: 'read-only' | 'read-write'): Promise<DiskBackend> {
  if (/^https?:\/\//.test(where)) return openHttpDisk(where);
  if (where.startsWith('mem:')) return new MemoryDisk(diskSize(where.slice(4)));
  const path = findDisk(where) ?? where;
  if (!existsSync(path)) throw new UserError(`there is no disk ${where}: kspace disk create makes one`);
  return new FileDisk(path, access);
}

/** '64M', '2G': bytes, whole pages. Throws UserError. */
export function diskSize(text: string): number {
  let bytes: number;
  try {
    bytes = Math.ceil(parseSize(text) / 4096) * 4096;
  } catch (e) {
    throw new UserError((e as Error).message);
  }
  if (!(bytes > 0 && bytes <= 2 ** 46)) throw new UserError(`'${text}' is no size of a disk`);
  return bytes;
}
