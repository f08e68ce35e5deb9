// Arguments whose meaning depends on the call rather than on their type, as strace(1) prints them: wait statuses, dispositions, modes, clone's
// list, commands of ioctl and fcntl. What is not listed is printed by type (format.ts).
import { isErr } from '../../abi/errno.ts';
import * as fcntl from '../../abi/fcntl.ts';
import * as futex from '../../abi/futex.ts';
import * as ioctls from '../../abi/ioctl.ts';
import * as sched from '../../abi/sched.ts';
import * as sig from '../../abi/signal.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Task } from '../task/task.ts';
import { flagNames, pointer, quote, sigset, signalName, stringAt } from './format.ts';

/** `values`: the call's arguments; `result`: meaningful for those that are shown after the call. */
type Show = (t: Task, value: number, values: readonly number[], result: number) => string;
interface Special { readonly show: Show; readonly when: 'before' | 'after'; readonly unless?: (values: readonly number[]) => boolean }

const before = (show: Show): Special => ({ show, when: 'before' });
const after = (show: Show): Special => ({ show, when: 'after' });

/** An argument that only some calls have: shown as `show` says, if `has`. */
const optional = (has: (values: readonly number[]) => boolean, show: Show): Special => ({ show, when: 'before', unless: values => !has(values) });

type Names = Record<string, number>;
/** Made when first asked for: most machines are never traced. */
const named = (module: object, prefix: RegExp): () => Names => {
  let names: Names | undefined;
  return () => names ??= Object.fromEntries(Object.entries(module).filter((e): e is [string, number] => prefix.test(e[0]) && typeof e[1] === 'number'));
};

const SA_FLAGS = named(sig, /^SA_(?!UNSUPPORTED)/);
const CLONE_FLAGS = named(sched, /^CLONE_(?!ARGS)/);
const OPEN_FLAGS = named(fcntl, /^O_(?!ACCMODE)/);
const FUTEX_COMMANDS = named(futex, /^FUTEX_(WAIT|WAKE|FD|REQUEUE|CMP_REQUEUE|LOCK_PI|UNLOCK_PI|TRYLOCK_PI)(?!ERS|V)/);
const REQUESTS = named(ioctls, /^(TC|TIO(?!CINQ|CPKT_)|FIO)/);

const NO_ARGUMENT = new Set([fcntl.F_GETFD, fcntl.F_GETFL, fcntl.F_GETOWN, fcntl.F_GETSIG, fcntl.F_GETLEASE, fcntl.F_GETPIPE_SZ, fcntl.F_GET_SEALS]);

/** The name of `value`, or the number. */
const nameIn = (names: Names, value: number): string => Object.keys(names).find(name => names[name] === value) ?? pointer(value);

/** By call, then by index of the argument. */
export const SPECIAL: Readonly<Record<string, Readonly<Record<number, Special>>>> = {
  wait4: { 1: after(waitStatus) },
  rt_sigaction: { 1: before(disposition), 2: after((t, v, _all, r) => (r < 0 ? pointer(v) : disposition(t, v))) },
  nanosleep: { 1: after(timeLeft) },
  clock_nanosleep: { 3: after(timeLeft) },
  openat: { 3: optional(([, , f = 0]) => (f & fcntl.O_CREAT) !== 0 || (f & fcntl.O_TMPFILE) === fcntl.O_TMPFILE, (_t, v) => `0${v.toString(8)}`) },
  ioctl: { 2: before((_t, v) => pointer(v)), 1: before((_t, v) => nameIn(REQUESTS(), v % 2 ** 32)) },
  fcntl: { 2: optional(([, cmd = 0]) => !NO_ARGUMENT.has(cmd), fcntlArgument) },
  execve: { 2: before(environment) },
  futex: { 1: before((_t, v) => futexOperation(v)) },
};

/** clone(2) in an order of its own, without what the flags leave unused. */
export function cloneArguments([flags = 0, stack = 0, parentTid = 0, tls = 0, childTid = 0]: readonly number[]): string {
  const exitSignal = flags & sched.CSIGNAL;
  const rest = flags - exitSignal;
  const names = [...(rest === 0 ? [] : [flagNames(rest, CLONE_FLAGS())]), ...(exitSignal === 0 ? [] : [signalName(exitSignal)])];
  const out = [`child_stack=${pointer(stack)}`, `flags=${names.join('|') || '0'}`];
  if ((flags & (sched.CLONE_PARENT_SETTID | sched.CLONE_PIDFD)) !== 0) out.push(`parent_tid=${pointer(parentTid)}`);
  if ((flags & sched.CLONE_SETTLS) !== 0) out.push(`tls=${pointer(tls)}`);
  if ((flags & (sched.CLONE_CHILD_SETTID | sched.CLONE_CHILD_CLEARTID)) !== 0) out.push(`child_tidptr=${pointer(childTid)}`);
  return out.join(', ');
}

/** A command, and flags beside it. */
function futexOperation(op: number): string {
  const command = op & futex.FUTEX_CMD_MASK, { FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME } = futex;
  const name = nameIn(FUTEX_COMMANDS(), command);
  return op === command ? name : `${name}|${flagNames(op ^ command, { FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME })}`;
}

/** siginfo_t of a delivered signal. */
export function siginfo(i: SigInfo): string {
  const out = [`si_signo=${signalName(i.signo)}`, `si_code=${codeName(i)}`];
  if (i.code === sig.SI_TIMER) out.push(`si_timerid=${i.timerId ?? 0}`, `si_overrun=${i.overrun ?? 0}`);
  else if (i.addr !== undefined) out.push(`si_addr=${pointer(i.addr)}`);
  else if (i.pid !== undefined) out.push(`si_pid=${i.pid}`, `si_uid=${i.uid ?? 0}`);
  if (i.status !== undefined) {
    const plain = i.code === sig.CLD_EXITED;
    out.push(`si_status=${plain ? i.status : signalName(i.status)}`, `si_utime=${i.utime ?? 0}`, `si_stime=${i.stime ?? 0}`);
  }
  if (i.valueLo !== undefined && (i.code === sig.SI_QUEUE || i.code === sig.SI_TIMER)) {
    out.push(`si_int=${i.valueLo | 0}`, `si_ptr=${pointer((i.valueHi ?? 0) * 2 ** 32 + (i.valueLo >>> 0))}`);
  }
  return `{${out.join(', ')}}`;
}

const GENERAL_CODES = named(sig, /^SI_(?!GINFO)/);
const CODES: Readonly<Record<number, () => Names>> = {
  [sig.SIGCHLD]: named(sig, /^CLD_/), [sig.SIGSEGV]: named(sig, /^SEGV_/), [sig.SIGBUS]: named(sig, /^BUS_/), [sig.SIGILL]: named(sig, /^ILL_/),
  [sig.SIGFPE]: named(sig, /^FPE_/), [sig.SIGTRAP]: named(sig, /^TRAP_/),
};

function codeName(i: SigInfo): string {
  const names = i.code > 0 && i.code < sig.SI_KERNEL ? CODES[i.signo]?.() ?? {} : GENERAL_CODES();
  return Object.keys(names).find(k => names[k] === i.code) ?? String(i.code);
}

/** The call that brought `t` to where it is: its program was started by the kernel. */
export function execLine(t: Task): string {
  const { argStart, argEnd, envStart, envEnd } = t.mm!;
  const bytes = new Uint8Array(envEnd - argStart);
  if (isErr(t.user.copyIn(argStart, bytes))) return 'execve(...) = 0';
  let text = '';
  for (const b of bytes) text += String.fromCharCode(b);
  const strings = (from: number, to: number): string[] => text.slice(from - argStart, to - argStart).split('\0').slice(0, -1);
  const path = stringAt(t, envEnd, 4096);
  const argv = strings(argStart, argEnd).map(quote);
  const vars = strings(envStart, envEnd).length;
  return `execve(${path}, [${argv.join(', ')}], ${pointer(t.mm!.startStack + 8 * (argv.length + 2))} /* ${vars} var${vars === 1 ? '' : 's'} */) = 0`;
}

function waitStatus(t: Task, at: number, _all: readonly number[], result: number): string {
  if (at === 0 || result <= 0 || isErr(t.user.loadU32(at))) return pointer(at);
  const status = t.user.value, signo = status & 0x7f;
  if (status === 0xffff) return '[{WIFCONTINUED(s)}]';
  if (signo === 0x7f) return `[{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(status >> 8)}}]`;
  if (signo === 0) return `[{WIFEXITED(s) && WEXITSTATUS(s) == ${status >> 8}}]`;
  return `[{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signo)}${status & 0x80 ? ' && WCOREDUMP(s)' : ''}}]`;
}

function disposition(t: Task, at: number): string {
  const v = sig.Sigaction.view();
  if (at === 0 || isErr(t.user.copyIn(at, v.bytes))) return pointer(at);
  const handler = v.sa_handler === 0 ? 'SIG_DFL' : v.sa_handler === 1 ? 'SIG_IGN' : pointer(v.sa_handler);
  return `{sa_handler=${handler}, sa_mask=${sigset(v.sa_mask_lo, v.sa_mask_hi)}, sa_flags=${flagNames(v.sa_flags, SA_FLAGS())}}`;
}

/** Only an interrupted sleep has stored something. */
function timeLeft(t: Task, at: number, _all: readonly number[], result: number): string {
  if (result === 0 || at === 0 || isErr(t.user.loadI64(at))) return pointer(at);
  const sec = t.user.value;
  return isErr(t.user.loadI64(at + 8)) ? pointer(at) : `{tv_sec=${sec}, tv_nsec=${t.user.value}}`;
}

function fcntlArgument(_t: Task, v: number, [, cmd]: readonly number[]): string {
  switch (cmd) {
    case fcntl.F_SETFD: return flagNames(v, { FD_CLOEXEC: fcntl.FD_CLOEXEC });
    case fcntl.F_SETFL: return openFlags(v);
    case fcntl.F_DUPFD: case fcntl.F_DUPFD_CLOEXEC: case fcntl.F_SETPIPE_SZ: return String(v);
    default: return pointer(v);
  }
}

/** The access mode is a number, not a set. */
function openFlags(v: number): string {
  const mode = v & fcntl.O_ACCMODE;
  const { O_RDONLY: _r, O_WRONLY: _w, O_RDWR: _rw, ...others } = OPEN_FLAGS();
  const rest = v - mode;
  return [['O_RDONLY', 'O_WRONLY', 'O_RDWR'][mode] ?? String(mode), ...(rest === 0 ? [] : [flagNames(rest, others)])].join('|');
}

function environment(t: Task, at: number): string {
  if (at === 0) return 'NULL';
  let n = 0;
  while (!isErr(t.user.loadU64(at + 8 * n)) && t.user.value !== 0) n++;
  return `${pointer(at)} /* ${n} var${n === 1 ? '' : 's'} */`;
}
