// ptrace(2). Requests that make or end the relation, that let the tracee go on, and that look into it; the last two kinds want it stopped.
import { type Errno, BLOCKED, EFAULT, EINVAL, EIO, EPERM, ESRCH, isErr } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import * as abi from '../../abi/ptrace.ts';
import { SIGINFO_SIZE, SIGKILL, SIGSET_SIZE } from '../../abi/signal.ts';
import { callInfo } from '../ptrace/call-info.ts';
import { readRegset, regsetSize, writeRegset } from '../ptrace/registers.ts';
import { attach, detach, traceMe } from '../ptrace/relation.ts';
import { interrupt, listen, resume } from '../ptrace/resume.ts';
import { kernelSignal, sendToTask, setSigmask } from '../signal/send.ts';
import { decodeSigInfo, encodeSigInfo } from '../signal/siginfo.ts';
import type { Task } from '../task/task.ts';
import { hex, oneOf, pid, ptr, syscall } from './define.ts';

const REQUESTS = Object.fromEntries(Object.entries(abi).filter(([k, v]) => typeof v === 'number' && /^PTRACE_(?!O_|EVENT|SYSCALL_INFO|PEEKSIGINFO_)/.test(k))) as Record<string, number>;
/** PTRACE_O_MASK without PTRACE_O_SUSPEND_SECCOMP. */
const OPTIONS = 0xff | abi.PTRACE_O_EXITKILL;

/** ptrace(2). */
export const sys_ptrace = syscall({
  name: 'ptrace', args: [oneOf('op', REQUESTS), pid('pid'), ptr('addr'), hex('data')],
  gaps: 'no PTRACE_SET_SYSCALL_INFO, PTRACE_SECCOMP_GET_FILTER, PTRACE_SECCOMP_GET_METADATA',
  run(t, request, who, addr, data) {
    switch (request) {
      case abi.PTRACE_TRACEME: return traceMe(t);
      case abi.PTRACE_ATTACH: return attach(t, who, 'attached', 0);
      case abi.PTRACE_SEIZE: return addr !== 0 || !areOptions(data & ~abi.PTRACE_O_SUSPEND_SECCOMP) ? EIO : suspendsSeccomp(t, data) || attach(t, who, 'seized', data);
    }
    const other = t.kernel.pids.tasks.get(who);
    if (other?.traced?.tracer !== t) return ESRCH;
    if (request === abi.PTRACE_KILL) {
      sendToTask(other, kernelSignal(SIGKILL));
      return 0;
    }
    if (request === abi.PTRACE_INTERRUPT) return other.state === 'Z' ? ESRCH : interrupt(other);
    if (other.state !== 't' || other.traceStop === null || other.traceStop.listening) return ESRCH;
    return onStopped(t, other, request, addr, data);
  },
});

const areOptions = (data: number): boolean => data <= 0x7fff_ffff && (data & ~OPTIONS) === 0;

/** Switching filters off is for checkpoint and restore, which is not there: EPERM for those who could not ask for it, else EINVAL. */
function suspendsSeccomp(t: Task, data: number): 0 | Errno {
  if ((data & abi.PTRACE_O_SUSPEND_SECCOMP) === 0) return 0;
  return t.cred.has(CAP_SYS_ADMIN) && t.seccompMode === 0 ? EINVAL : EPERM;
}

function onStopped(t: Task, other: Task, request: number, addr: number, data: number): number | Errno {
  switch (request) {
    case abi.PTRACE_CONT: return resume(other, data, 'cont');
    case abi.PTRACE_SYSCALL: return resume(other, data, 'syscall');
    case abi.PTRACE_LISTEN: return listen(other);
    case abi.PTRACE_DETACH:
      if (data > 64) return EIO;
      detach(other, data);
      return 0;
    case abi.PTRACE_SETOPTIONS:
      if (suspendsSeccomp(t, data) === EPERM) return EPERM;
      if (!areOptions(data)) return EINVAL;
      other.traced!.options = data;
      return 0;
    case abi.PTRACE_PEEKTEXT:
    case abi.PTRACE_PEEKDATA: return peek(t, other, addr, data);
    case abi.PTRACE_POKETEXT:
    case abi.PTRACE_POKEDATA: return poke(t, other, addr);
    case abi.PTRACE_GETREGSET: return getRegset(t, other, addr, data);
    case abi.PTRACE_SETREGSET: return setRegset(t, other, addr, data);
    case abi.PTRACE_GETSIGINFO: return getSiginfo(t, other, data);
    case abi.PTRACE_SETSIGINFO: return setSiginfo(t, other, data);
    case abi.PTRACE_PEEKSIGINFO: return peekSiginfo(t, other, addr, data);
    case abi.PTRACE_GETEVENTMSG: return t.user.storeI64(data, other.traced!.eventMsg);
    case abi.PTRACE_GETSIGMASK: return getSigmask(t, other, addr, data);
    case abi.PTRACE_SETSIGMASK: return setSigmaskOf(t, other, addr, data);
    case abi.PTRACE_GET_SYSCALL_INFO: return copyInfo(t, callInfo(other), addr, data);
    case abi.PTRACE_GET_RSEQ_CONFIGURATION: return copyInfo(t, rseqConfiguration(other), addr, data);
    default: return EIO; // also PTRACE_SINGLESTEP and PEEKUSR: riscv has neither
  }
}

// --- memory ---------------------------------------------------------------------------------------------------------------------------------

const word = new Uint8Array(8);

/** The system call stores the word; libc's ptrace() makes it the result. */
function peek(t: Task, other: Task, addr: number, data: number): number | Errno {
  const n = other.mm?.readRemote(t, addr, word, 'as a debugger') ?? 0;
  if (n !== 8) return n === BLOCKED ? BLOCKED : EIO;
  return t.user.copyOut(data, word);
}

/** The value is the argument itself, all 64 bits of a3. */
function poke(t: Task, other: Task, addr: number): number | Errno {
  const { x } = t.kernel.hart;
  new Int32Array(word.buffer).set([x[26]!, x[27]!]);
  const n = other.mm?.writeRemote(t, addr, word, 'as a debugger') ?? 0;
  if (n !== 8) return n === BLOCKED ? BLOCKED : EIO;
  return 0;
}

// --- registers ------------------------------------------------------------------------------------------------------------------------------

function getRegset(t: Task, other: Task, type: number, iov: number): number | Errno {
  const range = regsetRange(t, type, iov);
  if (isErr(range)) return range;
  const r = t.user.copyOut(range.base, readRegset(other, type), 0, range.length);
  return isErr(r) ? r : t.user.storeI64(iov + 8, range.length);
}

function setRegset(t: Task, other: Task, type: number, iov: number): number | Errno {
  const range = regsetRange(t, type, iov);
  if (isErr(range)) return range;
  const bytes = readRegset(other, type).subarray(0, range.length);
  const r = t.user.copyIn(range.base, bytes);
  if (isErr(r)) return r;
  writeRegset(other, type, bytes);
  return t.user.storeI64(iov + 8, range.length);
}

/** The user's iovec, cut to the set; whole registers only. */
function regsetRange(t: Task, type: number, iov: number): { base: number; length: number } | Errno {
  const r = t.user.loadU64(iov);
  if (isErr(r)) return r;
  const base = t.user.value;
  const l = t.user.loadU64(iov + 8);
  if (isErr(l)) return l;
  const full = regsetSize(type);
  if (isErr(full)) return full;
  return t.user.value % 8 !== 0 ? EINVAL : { base, length: Math.min(full, t.user.value) };
}

// --- signals --------------------------------------------------------------------------------------------------------------------------------

const siginfo = new Uint8Array(SIGINFO_SIZE);

function getSiginfo(t: Task, other: Task, to: number): number | Errno {
  const { info } = other.traceStop!;
  if (info === null) return EINVAL;
  encodeSigInfo(info, siginfo, 0);
  return t.user.copyOut(to, siginfo);
}

function setSiginfo(t: Task, other: Task, from: number): number | Errno {
  const r = t.user.copyIn(from, siginfo);
  if (isErr(r)) return r;
  if (other.traceStop!.info === null) return EINVAL;
  other.traceStop!.info = decodeSigInfo(siginfo, 0);
  return 0;
}

function peekSiginfo(t: Task, other: Task, args: number, to: number): number | Errno {
  const q = abi.PtracePeeksiginfoArgs.view();
  const r = t.user.copyIn(args, q.bytes);
  if (isErr(r)) return r;
  if ((q.flags & ~abi.PTRACE_PEEKSIGINFO_SHARED) !== 0 || q.nr < 0) return EINVAL;
  const { infos } = (q.flags & abi.PTRACE_PEEKSIGINFO_SHARED) !== 0 ? other.process.pending : other.pending;
  const wanted = infos.slice(q.off, q.off + q.nr);
  for (const [i, info] of wanted.entries()) {
    encodeSigInfo(info, siginfo, 0);
    const c = t.user.copyOut(to + i * SIGINFO_SIZE, siginfo);
    if (isErr(c)) return i > 0 && c === EFAULT ? i : c;
  }
  return wanted.length;
}

function getSigmask(t: Task, other: Task, size: number, to: number): number | Errno {
  if (size !== SIGSET_SIZE) return EINVAL;
  const { lo, hi } = other.savedMask ?? { lo: other.sigmaskLo, hi: other.sigmaskHi };
  return t.user.storeWords(to, lo, hi);
}

function setSigmaskOf(t: Task, other: Task, size: number, from: number): number | Errno {
  if (size !== SIGSET_SIZE) return EINVAL;
  const r = t.user.loadU64(from);
  if (isErr(r)) return r;
  other.savedMask = null;
  setSigmask(other, t.user.lo, t.user.hi);
  return 0;
}

// --- structs whose size the caller tells ------------------------------------------------------------------------------------------------------

/** Stores what fits, and answers how much there is. */
function copyInfo(t: Task, info: Uint8Array, size: number, to: number): number | Errno {
  const r = t.user.copyOut(to, info, 0, Math.min(info.length, size));
  return isErr(r) ? r : info.length;
}

function rseqConfiguration(other: Task): Uint8Array {
  const c = abi.PtraceRseqConfiguration.view();
  c.rseq_abi_pointer = other.rseqAddr;
  c.rseq_abi_size = other.rseqLen;
  c.signature = other.rseqSig;
  return c.bytes;
}
