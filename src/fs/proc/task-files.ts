// The smaller files of /proc/PID: what a process was started with, what limits it, what it waits for (proc(5)).
import { type Errno, type Fallible, EACCES, EINVAL, ENOENT, EPERM, ERANGE, ESRCH, isErr } from '../../abi/errno.ts';
import { CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { RLIMIT_CPU, RLIM_NLIMITS } from '../../abi/resource.ts';
import { SYSCALL_NAMES } from '../../abi/syscall-numbers.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import { savedPc, savedRegisterHex } from '../../kernel/task/saved-registers.ts';
import type { Task } from '../../kernel/task/task.ts';
import { renderPath } from '../../kernel/vfs/d-path.ts';
import type { Path } from '../../kernel/vfs/mount.ts';
import { mayInspect } from './access.ts';
import type { Entries, Link } from '../pseudo/entry.ts';
import { parseNumber } from './format.ts';
import { showSched } from './sched.ts';

/** Longest comm, without the NUL. */
const COMM_MAX = 15;
/** What /proc/PID/cmdline and environ copy at most. */
const MAX_STRINGS = 2 ** 21;

/** The rows of `limits`, in RLIMIT_* order. */
const LIMITS: readonly (readonly [name: string, unit: string])[] = [
  ['Max cpu time', 'seconds'], ['Max file size', 'bytes'], ['Max data size', 'bytes'], ['Max stack size', 'bytes'], ['Max core file size', 'bytes'],
  ['Max resident set', 'bytes'], ['Max processes', 'processes'], ['Max open files', 'files'], ['Max locked memory', 'bytes'],
  ['Max address space', 'bytes'], ['Max file locks', 'locks'], ['Max pending signals', 'signals'], ['Max msgqueue size', 'bytes'],
  ['Max nice priority', ''], ['Max realtime priority', ''], ['Max realtime timeout', 'us'],
];

/** Files that a process and its threads have alike. */
export const TASK_FILES: Entries<Task> = {
  auxv: { mode: 0o400, guard: mayInspect, show: (_t, of) => latin1Decode(of.mm?.auxv ?? new Uint8Array(0)) },
  cgroup: { mode: 0o444, show: () => '0::/\n' },
  cmdline: { mode: 0o444, show: showCmdline },
  comm: { mode: 0o644, show: (_t, of) => `${of.name}\n`, store: storeComm },
  cwd: linkTo(of => (of.state === 'Z' ? null : of.fs.cwd)),
  environ: { mode: 0o400, guard: mayInspect, show: (t, { mm }) => (mm === null ? '' : strings(t, mm, mm.envStart, mm.envEnd)) },
  exe: linkTo(of => of.process.exe),
  limits: { mode: 0o444, show: showLimits },
  loginuid: { mode: 0o644, show: () => '4294967295' },
  oom_adj: { mode: 0o644, show: (_t, of) => `${oomAdj(of.process.oomScoreAdj)}\n`, store: storeOomAdj },
  oom_score: { mode: 0o444, show: showOomScore },
  oom_score_adj: { mode: 0o644, show: (_t, of) => `${of.process.oomScoreAdj}\n`, store: storeOomScoreAdj },
  personality: { mode: 0o400, guard: mayInspect, show: (_t, of) => `${of.process.personality.toString(16).padStart(8, '0')}\n` },
  root: linkTo(of => (of.state === 'Z' ? null : of.fs.root)),
  sched: { mode: 0o644, show: showSched },
  sessionid: { mode: 0o444, show: () => '4294967295' },
  syscall: { mode: 0o400, guard: mayInspect, show: showSyscall },
  wchan: { mode: 0o444, show: showWchan },
};

/** A magic link to a place that the process holds. */
function linkTo(target: (of: Task) => Path | null): Link<Task> {
  const get = (t: Task, of: Task): Fallible<Path> => (mayInspect(t, of) !== 0 ? EACCES : target(of) ?? ENOENT);
  return {
    readlink: (t, of) => {
      const path = get(t, of);
      return isErr(path) ? path : renderPath(path, t.fs.root);
    },
    follow: get,
  };
}

/** The arguments, each with its NUL. A program may have overwritten them and run on into the environment (setproctitle). */
function showCmdline(t: Task, { mm }: Task): Fallible<string> {
  if (mm === null || mm.argEnd <= mm.argStart) return '';
  const args = strings(t, mm, mm.argStart, mm.argEnd);
  if (isErr(args) || args.endsWith('\0')) return args;
  const nul = args.indexOf('\0');
  if (nul >= 0) return args.slice(0, nul + 1);
  const more = strings(t, mm, mm.envStart, mm.envEnd);
  if (isErr(more)) return more;
  const end = more.indexOf('\0');
  return args + (end < 0 ? more : more.slice(0, end + 1));
}

/** Pages that are not there yet are fetched on behalf of the reader: BLOCKED passes through. */
function strings(t: Task, mm: AddressSpace, start: number, end: number): Fallible<string> {
  const bytes = new Uint8Array(Math.min(Math.max(0, end - start), MAX_STRINGS));
  const n = mm.readRemote(t, start, bytes);
  return n < 0 ? n as Errno : latin1Decode(bytes, 0, n);
}

/** A process may rename its own threads only. */
function storeComm(t: Task, of: Task, text: string): 0 | Errno {
  if (t.process !== of.process) return EINVAL;
  of.name = text.replace(/\n[^]*$/, '').replace(/\0[^]*$/, '').slice(0, COMM_MAX);
  return 0;
}

function showLimits(_t: Task, of: Task): string {
  let out = `${'Limit'.padEnd(25)} ${'Soft Limit'.padEnd(20)} ${'Hard Limit'.padEnd(20)} ${'Units'.padEnd(10)}\n`;
  for (let i = RLIMIT_CPU; i < RLIM_NLIMITS; i++) {
    const [name, unit] = LIMITS[i] as readonly [string, string];
    const { soft, hard } = of.process.rlimits[i] ?? { soft: Infinity, hard: Infinity };
    out += `${name.padEnd(25)} ${limit(soft)} ${limit(hard)} ${unit === '' ? '' : unit.padEnd(10)}\n`;
  }
  return out;
}

const limit = (n: number): string => (n === Infinity ? 'unlimited' : String(n)).padEnd(20);

/** Badness out of 1000 as the OOM killer weighs it, plus the adjustment: share of memory in use. */
function showOomScore(_t: Task, of: Task): string {
  const { mm, process, kernel } = of;
  if (mm === null || process.oomScoreAdj === -1000) return '0\n';
  const { total, swap } = kernel.frames;
  const share = Math.floor(((mm.rssPages + mm.swapPages + mm.table.tables) * 1000) / (total + swap.total));
  return `${Math.max(0, Math.floor(((share + process.oomScoreAdj + 1000) * 2) / 3))}\n`;
}

function storeOomScoreAdj(t: Task, of: Task, text: string): 0 | Errno {
  const value = parseNumber(text);
  if (Math.abs(value) > 0x7fff_ffff) return ERANGE;
  if (Number.isNaN(value) || value < -1000 || value > 1000) return EINVAL;
  return setOomScoreAdj(t, of, value);
}

/** The interface of old: -17 (never) to 15. */
function storeOomAdj(t: Task, of: Task, text: string): 0 | Errno {
  const value = parseNumber(text);
  if (Number.isNaN(value) || value < -17 || value > 15) return EINVAL;
  return setOomScoreAdj(t, of, value === 15 ? 1000 : Math.trunc((value * 1000) / 17));
}

const oomAdj = (score: number): number => (score === 1000 ? 15 : Math.trunc((score * 17) / 1000));

/** Making oneself less likely a victim takes a privilege; others' processes are protected by mode and ownership. */
function setOomScoreAdj(t: Task, of: Task, value: number): 0 | Errno {
  if (value < of.process.oomScoreAdj && !t.cred.has(CAP_SYS_RESOURCE)) return EACCES;
  if (t.process !== of.process && t.cred.euid !== 0 && t.cred.euid !== of.cred.uid) return EPERM;
  of.process.oomScoreAdj = value;
  return 0;
}

/** `running`, or number, six arguments, stack pointer and program counter of the call it sleeps in. */
function showSyscall(_t: Task, of: Task): Fallible<string> {
  if (of.state === 'Z' || of.state === 'X') return ESRCH;
  if (of.kernel.current === of || of.state === 'R') return 'running\n';
  const place = `${savedRegisterHex(of, 2)} ${hex(savedPc(of))}\n`;
  if (of.syscallNr < 0) return `-1 ${place}`;
  return `${of.syscallNr} ${[10, 11, 12, 13, 14, 15].map(r => savedRegisterHex(of, r)).join(' ')} ${place}`;
}

const hex = (n: number): string => `0x${n.toString(16)}`;

/** Linux names the kernel function; what we have is the reason given when the task parked, else the call. */
function showWchan(t: Task, of: Task): string {
  if ((of.state !== 'S' && of.state !== 'D') || mayInspect(t, of) !== 0) return '0';
  const reason = of.waitReason === '' ? SYSCALL_NAMES[of.syscallNr] ?? '' : of.waitReason;
  return reason === '' ? '0' : reason.replace(/\s+/g, '_');
}
