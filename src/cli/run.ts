// `kspace run`: a machine whose root file system is an image or a directory, and one command in it.
import { isatty } from 'node:tty';
import { FileAttr } from '../host/host.ts';
import { devices } from './devices.ts';
import { UsageError } from './options.ts';
import type { Parsed } from './options.ts';
import { harden } from './harden.ts';
import { profile } from './profile.ts';
import { findNode, namesImage, openRoot } from '../system/node/root.ts';
import { sandbox } from './sandbox.ts';
import { runSession, type SessionRequest, type Watch } from './session.ts';
import { DEFAULT_PATH, disks, drivers, driverStats, environment, hostname, jit, memory, sealDemand, seed, swap, user, volumes } from './values.ts';
import type { User } from './values.ts';

/** The command's code; `watch` comes from `kspace strace` and `kspace jit`. */
export async function run(parsed: Parsed, watch: Watch = {}): Promise<number> {
  const request = await requestOf(parsed, watch);
  const { boot } = await import('./boot.ts');
  return runSession(request, boot);
}

/** The machine and the process that a command line of `run` asks for. */
export async function requestOf(parsed: Parsed, watch: Watch = {}): Promise<SessionRequest> {
  harden(parsed);
  const { values, lists } = parsed;
  const { image, command } = split(parsed);
  const access = values.has('rw') ? 'read-write' : 'read-only';
  if (values.has('rw') && values.has('read-only')) throw new UsageError('--rw and --read-only exclude each other');
  const [memoryBytes, fixed, name] = [memory(values.get('memory')), seed(values.get('seed')), hostname(parsed)];
  const root = await openRoot(image, access, sealDemand(values));
  if (values.has('rw') && root.kind !== 'directory') throw new UsageError(`--rw needs a directory, ${root.name} is an image`);
  const who = user(values.get('user') ?? '0', root.fs);
  const streams = streamsOf(values);
  const confined = await sandbox(parsed);
  return {
    machine: {
      sandbox: confined.machine, modules: confined.modules, measured: [root.measured, ...confined.measured],
      memoryBytes, hostname: name, seed: fixed, root: root.sealed?.fs ?? root.fs, rootHash: root.sealed?.rootHash, trace: undefined, translator: jit(values.get('jit')), translations: values.get('translations'), profile: profile(parsed), ...watch,
      rootAccess: values.has('rw') ? 'direct' : values.has('read-only') ? 'read-only' : 'overlay',
      mounts: await volumes(lists.get('volume')), disks: await disks(lists.get('disk')), swapBytes: swap(values.get('swap')), zramBytes: swap(values.get('zram')),
      drivers: drivers(values.get('drivers'), lists.get('driver')), driverStats: driverStats(values),
      ...devices(parsed, watch),
    },
    process: {
      argv: command.length > 0 ? command : [shellOf(who, root.fs)],
      env: environment(baseEnvironment(who, name, streams), lists.get('env')),
      cwd: values.get('workdir') ?? '/', uid: who.uid, gid: who.gid, ...confined.process,
    },
    streams,
  };
}

/** [IMAGE] [--] [COMMAND…]: words before `--` are the image; without `--` the first word is one if it names one. */
export function split({ words, dashes }: Pick<Parsed, 'words' | 'dashes'>, isImage = namesImage): { image: string | undefined; command: readonly string[] } {
  if (dashes === 0) return { image: undefined, command: words };
  if (dashes !== undefined || (words.length > 0 && isImage(words[0]!))) return { image: words[0], command: words.slice(1) };
  return { image: undefined, command: words };
}

/** -t and -i as given; without either, a terminal when there is one at both ends, else the streams. (Node's own streams are slow to make.) */
export function streamsOf(values: Parsed['values'], tty = isatty(0) && isatty(1)): 'terminal' | 'streams' | 'no-input' {
  if (values.has('tty')) return 'terminal';
  if (values.has('interactive')) return 'streams';
  if (tty) return 'terminal';
  return isatty(0) ? 'no-input' : 'streams';
}

function shellOf(who: User, root: Parameters<typeof findNode>[0]): string {
  const usable = [who.shell, '/bin/bash', '/bin/sh'].find(path => executable(findNode(root, path)));
  return usable ?? '/bin/sh';
}

const executable = (attr: FileAttr | undefined) => attr !== undefined && (attr.mode & 0o170111) > 0o100000;

function baseEnvironment(who: User, host: string, streams: string): Record<string, string> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH, HOSTNAME: host, HOME: who.home };
  if (streams === 'terminal') env['TERM'] = process.env['TERM'] || 'xterm';
  return env;
}
