// Values of options: sizes, users, environment, volumes. What cannot be understood is a UsageError that says what was expected.
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import type { FsBackend } from '../host/host.ts';
import type { SealDemand } from '../host/node/sealed-image.ts';
import type { Disk, Mount } from '../system/contract.ts';
import { UsageError } from './options.ts';
import type { Parsed } from './options.ts';
import { readFile } from '../system/node/root.ts';
import type { Placements } from '../kernel/device/manager.ts';
import { placements } from '../system/placements.ts';
import { memorySize, swapSize } from '../system/size.ts';

/** '64M', '1g', '1073741824': bytes. */
export function memory(text: string | undefined): number {
  try {
    return memorySize(text);
  } catch (e) {
    throw new UsageError((e as Error).message);
  }
}

/** --swap and --zram. */
export function swap(text: string | undefined): number | undefined {
  try {
    return swapSize(text);
  } catch (e) {
    throw new UsageError((e as Error).message);
  }
}

/** --drivers and --driver. */
export function drivers(mode: string | undefined, list: readonly string[] = []): Placements | undefined {
  const byName = list.map(text => {
    const [name = '', where, ...more] = text.split('=');
    if (where === undefined || more.length > 0) throw new UsageError(`--driver wants NAME=isolated or NAME=kernel, not '${text}'`);
    return [name, where] as const;
  });
  return placements(mode, Object.fromEntries(byName));
}

/** --driver-stats. */
export function driverStats(values: Parsed['values']): ((table: string) => void) | undefined {
  return values.has('driver-stats') ? table => { process.stderr.write(table); } : undefined;
}

export function seed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > Number.MAX_SAFE_INTEGER) throw new UsageError(`'${text}' is no seed: it must be a whole number`);
  return Number(text);
}

/** --jit, or what KSPACE_JIT says. */
export function jit(text: string | undefined): 'on' | 'off' | 'eager' | undefined {
  if (text === undefined || text === 'on' || text === 'off' || text === 'eager') return text;
  throw new UsageError(`--jit is on, off or eager, not '${text}'`);
}

export function hostname(parsed: Parsed): string {
  const name = parsed.values.get('hostname') ?? parsed.values.get('name') ?? 'kspace';
  if (!/^[A-Za-z0-9]([A-Za-z0-9._-]{0,62})$/.test(name)) throw new UsageError(`'${name}' cannot be a host name`);
  return name;
}

/** A user of the image: numbers, or names looked up in its /etc/passwd and /etc/group. */
export interface User { readonly uid: number; readonly gid: number; readonly home: string; readonly shell: string; readonly name: string }

export function user(text: string, root: FsBackend): User {
  const [who = '', group] = text.split(':', 2);
  const accounts = table(root, '/etc/passwd');
  const account = accounts.find(f => (/^\d+$/.test(who) ? f[2] === who : f[0] === who));
  if (account === undefined && !isId(who)) throw new UsageError(`the image has no user '${who}'`);
  let gid = account === undefined ? 0 : Number(account[3]);
  if (group !== undefined && group !== '') {
    const found = table(root, '/etc/group').find(f => f[0] === group);
    if (found === undefined && !isId(group)) throw new UsageError(`the image has no group '${group}'`);
    gid = isId(group) ? Number(group) : Number(found![2]);
  }
  return { uid: account === undefined ? Number(who) : Number(account[2]), gid, home: account?.[5] || '/', shell: account?.[6] || '/bin/sh', name: account?.[0] ?? '' };
}

const isId = (s: string) => /^\d+$/.test(s) && Number(s) < 2 ** 32 - 1;

function table(root: FsBackend, path: string): string[][] {
  return Buffer.from(readFile(root, path) ?? []).toString('utf8').split('\n').map(l => l.split(':'));
}

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Adds the -e options to `base`: K=V sets, K alone takes the host's value or, without one, unsets. */
export function environment(base: Readonly<Record<string, string>>, options: readonly string[] = []): string[] {
  const env = new Map(Object.entries(base));
  for (const option of options) {
    const equals = option.indexOf('=');
    if (equals === 0 || option === '') throw new UsageError(`'${option}' is no environment variable: say NAME=VALUE`);
    const name = equals < 0 ? option : option.slice(0, equals);
    const value = equals < 0 ? process.env[name] : option.slice(equals + 1);
    if (value === undefined) env.delete(name); else env.set(name, value);
  }
  return [...env].map(([k, v]) => `${k}=${v}`);
}

/** The --disk options, in the order of /dev/vda, vdb ... */
export async function disks(options: readonly string[] = []): Promise<Disk[]> {
  if (options.length === 0) return [];
  const { openDisk } = await import('../system/node/disks.ts');
  const out: Disk[] = [];
  for (const option of options) out.push(await openDisk(option));
  return out;
}

/** The -v options: HOST:GUEST[:ro|rw]. */
export async function volumes(options: readonly string[] = []): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const option of options) {
    const m = /^(.+?):([^:]+)(?::(ro|rw))?$/.exec(option);
    if (m === null) throw new UsageError(`'${option}' is no volume: say HOST:GUEST or HOST:GUEST:ro`);
    const [, host, target, mode] = m;
    if (!isAbsolute(target!)) throw new UsageError(`the guest's side of -v must be an absolute path, '${target}' is not`);
    mounts.push(await hostMount(host!.replace(/^~(?=\/|$)/, homedir()), target!, mode === 'ro' ? 'read-only' : 'read-write'));
  }
  return mounts;
}

/** A host directory at `target` of the guest. */
export async function hostMount(host: string, target: string, access: 'read-write' | 'read-only'): Promise<Mount> {
  const path = resolve(host);
  if (!existsSync(path)) throw new UsageError(`${path} does not exist on this host`);
  if (!statSync(path).isDirectory()) throw new UsageError(`${path} is not a directory: only directories can be shown in the guest`);
  const { DirFs } = await import('../host/node/dir-fs.ts');
  return { target, fs: new DirFs(path, { access }), access };
}

/** --verity[=ROOTHASH] and --require-sealed KEYFILE; undefined: any image will do. */
export function sealDemand(values: Parsed['values']): SealDemand | undefined {
  const rootHash = values.get('verity'), keyFile = values.get('require-sealed');
  if (rootHash === undefined && keyFile === undefined) return undefined;
  if (rootHash !== undefined && !/^([0-9a-f]{64})?$/i.test(rootHash)) throw new UsageError(`--verity: a root hash has 64 hexadecimal digits, '${rootHash}' has not`);
  return { rootHash: rootHash === undefined || rootHash === '' ? undefined : rootHash.toLowerCase(), keyFile };
}
