// `kspace exec`: one riscv64 program of the host, as a drop-in for a user-mode emulator.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../host/user-error.ts';
import type { Mount } from '../system/contract.ts';
import { devices } from './devices.ts';
import { interpreterOf } from './elf-needs.ts';
import { UsageError } from './options.ts';
import type { Parsed } from './options.ts';
import { harden } from './harden.ts';
import { profile } from './profile.ts';
import { findNode, openRoot } from '../system/node/root.ts';
import { sandbox } from './sandbox.ts';
import { runSession, type Watch } from './session.ts';
import { disks, drivers, driverStats, environment, hostMount, hostname, jit, memory, sealDemand, seed, swap, user, volumes } from './values.ts';

/** Status for what is not there, as shells say it. */
const NOT_FOUND = 127;

export async function exec(parsed: Parsed, watch: Watch = {}): Promise<number> {
  harden(parsed);
  const { values, lists, words } = parsed;
  if (words.length === 0) throw new UsageError('exec needs a program');
  const [memoryBytes, fixed, name] = [memory(values.get('memory')), seed(values.get('seed')), hostname(parsed)];
  const program = findProgram(words[0]!);
  const root = await openRoot(values.get('image'), 'read-only', sealDemand(values));
  const who = values.has('user') ? user(values.get('user')!, root.fs) : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const wanted = ownPlaces(program);
  const interpreter = interpreterOf(program);
  if (interpreter !== undefined && findNode(root.fs, interpreter) === undefined && !wanted.some(p => within(interpreter, p.path))) {
    throw new UserError(`${words[0]} needs ${interpreter}, which ${root.name} does not have: name an image or directory that has it with --image`, NOT_FOUND);
  }
  const mounts: Mount[] = [];
  for (const { path, access } of wanted) mounts.push(await hostMount(path, path, access));
  mounts.push(...await volumes(lists.get('volume')));
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const confined = await sandbox(parsed);
  const { boot } = await import('./boot.ts');
  const cwd = process.cwd();
  return runSession({
    machine: {
      sandbox: confined.machine, modules: confined.modules, measured: [root.measured, ...confined.measured], memoryBytes, hostname: name, seed: fixed, root: root.sealed?.fs ?? root.fs,
      rootHash: root.sealed?.rootHash, rootAccess: 'overlay', mounts, disks: await disks(lists.get('disk')), swapBytes: swap(values.get('swap')),
      zramBytes: swap(values.get('zram')), drivers: drivers(values.get('drivers'), lists.get('driver')), driverStats: driverStats(values),
      ...devices(parsed, watch), trace: undefined, translator: jit(values.get('jit')), translations: values.get('translations'), profile: profile(parsed), ...watch,
    },
    process: {
      argv: [program, ...words.slice(1)],
      env: environment(hostEnvironment(), lists.get('env')),
      cwd: values.get('workdir') ?? (mounts.some(m => within(cwd, m.target)) ? cwd : '/'), uid: who.uid, gid: who.gid, ...confined.process,
    },
    streams: terminal ? 'terminal' : 'streams',
  }, boot);
}

/** The program's own path, absolute; a name without '/' is searched in $PATH as a shell would. */
export function findProgram(word: string, path = process.env['PATH'] ?? ''): string {
  const candidates = word.includes('/') ? [resolve(word)] : [resolve(word), ...path.split(':').map(d => resolve(d, word))];
  const found = candidates.find(c => statSync(c, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) throw new UserError(`there is no program ${word}`, NOT_FOUND);
  accessSync(found, constants.R_OK);
  return found;
}

interface Place { readonly path: string; readonly access: 'read-write' | 'read-only' }

/** Never covered by a host directory: the guest has its own. */
const OWN = ['/proc', '/sys', '/dev'];

/** Current directory and $TMPDIR read-write, the program's directory (and that of the file it links to) read-only; none twice, outer ones first. */
export function ownPlaces(program: string, cwd = process.cwd(), tmp = process.env['TMPDIR']): Place[] {
  const rw = [cwd, ...(tmp !== undefined && statSync(tmp, { throwIfNoEntry: false })?.isDirectory() ? [resolve(tmp)] : [])].filter(usable);
  const ro = [dirname(program), dirname(realpathSync(program))].filter(usable);
  const places = [
    ...rw.map(path => ({ path, access: 'read-write' as const })),
    ...ro.filter(p => !rw.some(w => within(p, w))).map(path => ({ path, access: 'read-only' as const })),
  ];
  const covered = (p: Place, i: number) => places.some((q, j) => i !== j && q.access === p.access && within(p.path, q.path) && (p.path !== q.path || j < i));
  return places.filter((p, i) => !covered(p, i)).sort((a, b) => a.path.length - b.path.length);
}

const usable = (path: string) => path !== '/' && !OWN.some(o => within(path, o));

const within = (path: string, dir: string) => path === dir || path.startsWith(dir === '/' ? '/' : `${dir}/`);

function hostEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((e): e is [string, string] => e[1] !== undefined));
}
