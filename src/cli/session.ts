// One machine, one command in it, this process' streams around it: from boot to exit status. Signals that reach us go to the guest; the
// terminal is put back whatever happens; output is complete when this returns.
import { EACCES, EISDIR, ELOOP, ENOENT, ENOEXEC, ENOTDIR, errnoName, strerror } from '../abi/errno.ts';
import type { Terminal } from '../host/node/terminal.ts';
import { InputPort, NullPort, OutputPort } from '../host/node/stdio.ts';
import { UserError } from '../host/user-error.ts';
import type { Ending, GuestProcess, MachineRequest, SpawnRequest, Stdio } from '../system/contract.ts';
import type { Boot } from './boot.ts';
import { complain } from '../host/node/print.ts';

export interface SessionRequest {
  readonly machine: Omit<MachineRequest, 'console'>;
  readonly process: Omit<SpawnRequest, 'stdio'>;
  /** A terminal for the guest, or the three streams; 'no-input' leaves standard input alone. */
  readonly streams: 'terminal' | 'streams' | 'no-input';
}

/** What `strace` and `jit` want of the machine that a command starts. */
export type Watch = Partial<Pick<MachineRequest, 'trace' | 'translation' | 'translator' | 'screenshot'>>;

/** Boots, runs the command to its end, powers off: the exit status as a shell would see it. */
export async function runSession({ machine, process: what, streams }: SessionRequest, boot: Boot): Promise<number> {
  const terminal = streams === 'terminal' ? await openTerminal() : undefined;
  try {
    const guest = await boot({ ...machine, console: terminal });
    try {
      const started = guest.spawn({ ...what, stdio: stdio(streams) });
      if (typeof started === 'number') {
        terminal?.restore();
        return cannotStart(what, started);
      }
      return await follow(started);
    } finally {
      await guest.stop();
    }
  } finally {
    terminal?.restore();
  }
}

/** 128+N for signal N, as shells say it. */
export function statusOf(ending: Ending): number {
  return ending.kind === 'exited' ? ending.status : 128 + ending.signal;
}

async function openTerminal(): Promise<Terminal> {
  const { Terminal } = await import('../host/node/terminal.ts');
  return new Terminal();
}

function stdio(streams: SessionRequest['streams']): Stdio {
  if (streams === 'terminal') return { kind: 'terminal' };
  const stdin = streams === 'no-input' ? new NullPort() : new InputPort(() => process.stdin);
  return { kind: 'streams', stdin, stdout: new OutputPort(1), stderr: new OutputPort(2) };
}

/** Linux's numbers of the signals that are passed on (signal(7)); Node's names, the guest's numbers. */
const FORWARDED = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGUSR1: 10, SIGUSR2: 12, SIGTERM: 15 } as const;

/** Waits for the process to end while signals are passed on to it: the exit status. */
export async function follow(guest: GuestProcess): Promise<number> {
  const forward = (name: NodeJS.Signals) => guest.signal(FORWARDED[name as keyof typeof FORWARDED]);
  const names = Object.keys(FORWARDED) as NodeJS.Signals[];
  for (const name of names) process.on(name, forward);
  // A guest that waits for something that cannot come is no reason for Node to give up: it waits as on Linux, and ^C ends it.
  const patience = setInterval(() => {}, 2 ** 30);
  try {
    return statusOf(await guest.wait());
  } finally {
    clearInterval(patience);
    for (const name of names) process.off(name, forward);
  }
}

/** 126: found but cannot be run; 127: not found (POSIX shells, "Exit Status for Commands"). */
function cannotStart({ argv, cwd }: SessionRequest['process'], errno: number): number {
  const name = argv[0]!;
  complain(errno === ENOENT && cwd !== '/' ? `${name} in ${cwd}: one of the two is not there` : `${name}: ${strerror(errno)}`);
  if (errno === ENOENT || errno === ENOTDIR) return 127;
  if (errno === EACCES || errno === ENOEXEC || errno === EISDIR || errno === ELOOP) return 126;
  throw new UserError(`${name} could not be started: ${errnoName(errno)}`);
}
