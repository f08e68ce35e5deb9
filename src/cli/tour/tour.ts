// The tour: a few commands that show what this is, each with the line that would be typed. With the default image they are Debian's programs;
// without one they are built in. Ends by itself; status 0 when every step did what it should.
import { NullPort, OutputPort } from '../../host/node/stdio.ts';
import { memoryFs } from '../../host/memory-fs.ts';
import type { MemoryFile } from '../../host/memory-fs.ts';
import type { FsBackend } from '../../host/host.ts';
import { UserError } from '../../host/user-error.ts';
import type { GuestMachine } from '../../system/contract.ts';
import type { Boot } from '../boot.ts';
import { complain, print } from '../../host/node/print.ts';
import { openRoot } from '../../system/node/root.ts';
import { follow } from '../session.ts';
import { DEFAULT_PATH } from '../values.ts';
import { PROGRAMS, buildProgram } from './programs.ts';

interface Step { readonly title: string; readonly argv: readonly string[]; readonly shown?: string }

const sh = (title: string, script: string): Step => ({ title, argv: ['/bin/sh', '-c', script], shown: script });

/** Where the built-in programs are in the guest. */
const PLACE = '/opt/tour';

const WITH_IMAGE: readonly Step[] = [
  sh('The machine: one virtual RISC-V hart', 'cat /proc/cpuinfo; grep MemTotal /proc/meminfo'),
  sh('The kernel: written in TypeScript, answering as Linux does', 'uname -a; uptime'),
  sh('A pipeline: three processes of BusyBox, unmodified from Debian', 'seq 1 1000 | sort -rn | head -3'),
  sh('A fork: children with exit statuses of their own', 'for i in 1 2 3; do (exit 1$i) & wait $! || echo "a child ended with status $?"; done'),
  { title: 'A fault: a store to an address where nothing is, caught by a handler, then not caught', argv: [`${PLACE}/fault`] },
];

const BUILT_IN: readonly Step[] = [
  { title: 'The machine and the kernel, as a program sees them', argv: [`${PLACE}/uname`] },
  { title: 'A pipeline: one process writes, another reads', argv: [`${PLACE}/pipeline`] },
  { title: 'A fork: children with exit statuses of their own', argv: [`${PLACE}/fork`] },
  { title: 'A fault: a store to an address where nothing is, caught by a handler, then not caught', argv: [`${PLACE}/fault`] },
];

declare const KSPACE_VERSION: string;

/** Runs the tour: the exit status. */
export async function tour(boot: Boot, memoryBytes: number): Promise<number> {
  print(`kspace ${KSPACE_VERSION}: a kernel in TypeScript that runs unmodified RISC-V Linux programs. A short tour; in a terminal, npm start is a shell.\n`);
  const image = await imageOrReason();
  if (typeof image === 'string') complain(`${image}; the tour goes on with built-in programs`);
  const root = typeof image === 'string' ? memoryFs({ ...skeleton(), ...programs(PLACE) }) : image;
  const mounts = typeof image === 'string' ? [] : [{ target: PLACE, fs: memoryFs(programs('')), access: 'read-only' as const }];
  const machine = await boot({ memoryBytes, hostname: 'kspace', seed: undefined, root, rootAccess: 'overlay', mounts, console: undefined, trace: undefined });
  try {
    let failed = 0;
    for (const step of typeof image === 'string' ? BUILT_IN : WITH_IMAGE) failed += await take(step, machine);
    print(failed === 0 ? '\nThat was all. Next: kspace help\n' : '');
    if (failed > 0) complain(`${failed} ${failed === 1 ? 'step' : 'steps'} of the tour failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await machine.stop();
  }
}

/** The default image, built if need be, or the sentence that says why there is none. */
async function imageOrReason(): Promise<FsBackend | string> {
  try {
    return (await openRoot(undefined)).fs;
  } catch (e) {
    if (e instanceof UserError) return e.message;
    throw e;
  }
}

async function take(step: Step, machine: GuestMachine): Promise<0 | 1> {
  print(`\n${step.title}\n$ ${step.shown ?? step.argv.join(' ')}\n`);
  const started = machine.spawn({
    argv: step.argv, env: [`PATH=${DEFAULT_PATH}`, 'HOME=/root'], cwd: '/', uid: 0, gid: 0,
    stdio: { kind: 'streams', stdin: new NullPort(), stdout: new OutputPort(1), stderr: new OutputPort(2) },
  });
  const status = typeof started === 'number' ? 127 : await follow(started);
  if (status !== 0) complain(`${step.argv[0]} ended with status ${status}`);
  return status === 0 ? 0 : 1;
}

function programs(below: string): Record<string, MemoryFile> {
  const names = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];
  return Object.fromEntries(names.map(name => [`${below}/${name}`, { content: buildProgram(name), mode: 0o755 }]));
}

function skeleton(): Record<string, MemoryFile> {
  const dirs = ['/dev', '/proc', '/sys', '/run', '/root'].map(d => [d, { directory: true }] as const);
  return { ...Object.fromEntries(dirs), '/tmp': { directory: true, mode: 0o1777 }, '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n', '/etc/group': 'root:x:0:\n' };
}
