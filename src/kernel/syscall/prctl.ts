// prctl(2): one row per operation. What is not listed answers EINVAL, as a kernel without it does.
import { EFAULT, EINVAL, EPERM, type Errno, isErr } from '../../abi/errno.ts';
import { CAP_LAST_CAP, CAP_SETPCAP } from '../../abi/capability.ts';
import * as pr from '../../abi/prctl.ts';
import { SECCOMP_MODE_FILTER, SECCOMP_MODE_STRICT } from '../../abi/seccomp.ts';
import { nameMapping } from '../mm/advise.ts';
import { setMdwe } from '../mm/mdwe.ts';
import { enterStrict } from '../security/seccomp.ts';
import type { Task } from '../task/task.ts';
import { hex, oneOf, syscall } from './define.ts';
import { setFilter } from './seccomp.ts';

const OPTIONS = Object.fromEntries(Object.entries(pr).filter(([k, v]) => k.startsWith('PR_') && typeof v === 'number' && !k.startsWith('PR_SET_MM_') && !k.startsWith('PR_CAP_AMBIENT_') && !k.startsWith('PR_MDWE_'))) as Record<string, number>;
const TASK_COMM_LEN = 16;
/** Each SECBIT_* is followed by the bit that locks it (capabilities(7), "The securebits flags"). */
const SECURE_BITS = 0x55, SECURE_LOCKS = 0xaa, SECBIT_KEEP_CAPS = 0x10, SECBIT_KEEP_CAPS_LOCKED = 0x20, SECBIT_NO_CAP_AMBIENT_RAISE = 0x40;

export const sys_prctl = syscall({
  name: 'prctl',
  args: [oneOf('option', OPTIONS), hex('arg2'), hex('arg3'), hex('arg4'), hex('arg5')],
  gaps: 'without PR_SET_MM, PR_SCHED_CORE, PR_SET_SYSCALL_USER_DISPATCH, PR_SET_SPECULATION_CTRL; PR_SET_TIMERSLACK is kept without effect',
  run(t, option, a, b, c, d) {
    const p = t.process;
    switch (option) {
      case pr.PR_SET_NAME: return setName(t, a);
      case pr.PR_GET_NAME: return getName(t, a);
      case pr.PR_SET_VMA: return a === pr.PR_SET_VMA_ANON_NAME ? nameMemory(t, b, c, d) : EINVAL;
      case pr.PR_SET_PDEATHSIG:
        if (a < 0 || a > 64) return EINVAL;
        t.pdeathsig = a;
        return 0;
      case pr.PR_GET_PDEATHSIG: return t.user.storeU32(a, t.pdeathsig);
      case pr.PR_GET_DUMPABLE: return p.dumpable;
      case pr.PR_SET_DUMPABLE:
        if (a !== 0 && a !== 1) return EINVAL;
        p.dumpable = a;
        return 0;
      case pr.PR_GET_KEEPCAPS: return p.keepCaps ? 1 : 0;
      case pr.PR_SET_KEEPCAPS:
        if (a > 1) return EINVAL;
        if ((t.cred.securebits & SECBIT_KEEP_CAPS_LOCKED) !== 0) return EPERM;
        p.keepCaps = a === 1;
        return 0;
      case pr.PR_SET_CHILD_SUBREAPER:
        p.childSubreaper = a !== 0;
        return 0;
      case pr.PR_GET_CHILD_SUBREAPER: return t.user.storeU32(a, p.childSubreaper ? 1 : 0);
      case pr.PR_SET_NO_NEW_PRIVS:
        if (a !== 1 || b !== 0 || c !== 0 || d !== 0) return EINVAL;
        t.noNewPrivs = true;
        return 0;
      case pr.PR_GET_NO_NEW_PRIVS: return a !== 0 || b !== 0 || c !== 0 || d !== 0 ? EINVAL : t.noNewPrivs ? 1 : 0;
      case pr.PR_CAPBSET_READ: return a > CAP_LAST_CAP ? EINVAL : bit(t.cred.caps.bounding, a);
      case pr.PR_CAPBSET_DROP: return dropBounding(t, a);
      case pr.PR_CAP_AMBIENT: return c !== 0 || d !== 0 ? EINVAL : ambient(t, a, b);
      case pr.PR_GET_SECUREBITS: return t.cred.securebits;
      case pr.PR_SET_SECUREBITS:
        return setSecurebits(t, a);
      case pr.PR_SET_TIMERSLACK:
        t.timerSlackNs = a === 0 ? 50_000 : a;
        return 0;
      case pr.PR_GET_TIMERSLACK: return t.timerSlackNs;
      case pr.PR_GET_TID_ADDRESS: return t.user.storeI64(a, t.clearChildTid);
      case pr.PR_GET_SECCOMP: return t.seccompMode;
      case pr.PR_SET_SECCOMP: return a === SECCOMP_MODE_STRICT ? enterStrict(t) : a === SECCOMP_MODE_FILTER ? setFilter(t, 0, b) : EINVAL;
      case pr.PR_GET_THP_DISABLE: return a !== 0 || b !== 0 || c !== 0 || d !== 0 ? EINVAL : p.thpDisabled ? 1 : 0;
      case pr.PR_SET_THP_DISABLE:
        if (b !== 0 || c !== 0 || d !== 0) return EINVAL;
        p.thpDisabled = a !== 0;
        return 0;
      case pr.PR_SET_MDWE: return b !== 0 || c !== 0 || d !== 0 ? EINVAL : setMdwe(t.mm!, a);
      case pr.PR_GET_MDWE: return a !== 0 || b !== 0 || c !== 0 || d !== 0 ? EINVAL : t.mm!.mdwe;
      case pr.PR_SET_PTRACER: return t.kernel.security.yama.setPtracer(t, a >= 2 ** 63 ? -1 : a);
      case pr.PR_TASK_PERF_EVENTS_DISABLE: case pr.PR_TASK_PERF_EVENTS_ENABLE: return 0;
      case pr.PR_MCE_KILL_GET: return a !== 0 || b !== 0 || c !== 0 || d !== 0 ? EINVAL : 2;
      default: return EINVAL;
    }
  },
});

function setSecurebits(t: Task, next: number): 0 | Errno {
  const old = t.cred.securebits;
  const locked = (old & SECURE_LOCKS) >> 1;
  if ((locked & (old ^ next)) !== 0 || (old & SECURE_LOCKS & ~next) !== 0 || next > (SECURE_BITS | SECURE_LOCKS) || !t.cred.has(CAP_SETPCAP)) return EPERM;
  t.cred = t.cred.with({ securebits: next });
  t.process.keepCaps = (next & SECBIT_KEEP_CAPS) !== 0;
  return 0;
}

/** PR_SET_VMA_ANON_NAME: at most 80 bytes of printable ASCII, none of which would confuse a reader of /proc/PID/maps; a null pointer takes the name away. */
function nameMemory(t: Task, addr: number, length: number, at: number): 0 | Errno {
  const ANON_VMA_NAME_MAX = 80;
  const name = at === 0 ? '' : t.user.string(at, ANON_VMA_NAME_MAX, EINVAL);
  if (isErr(name)) return name;
  return /^[ -#%-Z^_a-~]*$/.test(name) ? nameMapping(t.mm!, addr, length, name) : EINVAL;
}

function setName(t: Task, at: number): 0 | Errno {
  const bytes: number[] = [];
  for (let i = 0; i < TASK_COMM_LEN - 1; i++) {
    if (isErr(t.user.loadU8(at + i))) return EFAULT;
    if (t.user.value === 0) break;
    bytes.push(t.user.value);
  }
  t.name = String.fromCharCode(...bytes);
  return 0;
}

function getName(t: Task, at: number): 0 | Errno {
  const bytes = new Uint8Array(TASK_COMM_LEN);
  for (let i = 0; i < t.name.length && i < TASK_COMM_LEN - 1; i++) bytes[i] = t.name.charCodeAt(i);
  return t.user.copyOut(at, bytes);
}

const bit = (set: readonly [number, number], cap: number): number => (set[cap >>> 5]! >>> (cap & 31)) & 1;

function withBit(set: readonly [number, number], cap: number, on: 'raise' | 'lower'): readonly [number, number] {
  const words: [number, number] = [set[0], set[1]];
  const mask = 1 << (cap & 31);
  words[cap >>> 5] = (on === 'raise' ? words[cap >>> 5]! | mask : words[cap >>> 5]! & ~mask) >>> 0;
  return words;
}

function dropBounding(t: Task, cap: number): 0 | Errno {
  if (cap > CAP_LAST_CAP) return EINVAL;
  if (!t.cred.has(CAP_SETPCAP)) return EPERM;
  t.cred = t.cred.with({ caps: { ...t.cred.caps, bounding: withBit(t.cred.caps.bounding, cap, 'lower') } });
  return 0;
}

function ambient(t: Task, op: number, cap: number): number {
  const { caps } = t.cred;
  if (op === pr.PR_CAP_AMBIENT_CLEAR_ALL) {
    if (cap !== 0) return EINVAL;
    t.cred = t.cred.with({ caps: { ...caps, ambient: [0, 0] } });
    return 0;
  }
  if (cap > CAP_LAST_CAP) return EINVAL;
  switch (op) {
    case pr.PR_CAP_AMBIENT_IS_SET: return bit(caps.ambient, cap);
    case pr.PR_CAP_AMBIENT_LOWER:
      t.cred = t.cred.with({ caps: { ...caps, ambient: withBit(caps.ambient, cap, 'lower') } });
      return 0;
    case pr.PR_CAP_AMBIENT_RAISE:
      if (bit(caps.permitted, cap) === 0 || bit(caps.inheritable, cap) === 0 || (t.cred.securebits & SECBIT_NO_CAP_AMBIENT_RAISE) !== 0) return EPERM;
      t.cred = t.cred.with({ caps: { ...caps, ambient: withBit(caps.ambient, cap, 'raise') } });
      return 0;
    default: return EINVAL;
  }
}
