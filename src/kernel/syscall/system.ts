// The machine as a whole: uname(2), sysinfo(2), sethostname(2), syslog(2), reboot(2), getrandom(2), riscv_hwprobe(2), rseq(2), personality(2).
import { EBUSY, EFAULT, EINTR, EINVAL, EPERM, type Errno, isErr } from '../../abi/errno.ts';
import { CAP_SYSLOG, CAP_SYS_ADMIN, CAP_SYS_BOOT } from '../../abi/capability.ts';
import * as hwprobe from '../../abi/hwprobe.ts';
import { GRND_INSECURE, GRND_NONBLOCK, GRND_RANDOM } from '../../abi/random.ts';
import * as syslog from '../../abi/syslog.ts';
import * as uts from '../../abi/utsname.ts';
import { KIND_SHMEM } from '../mm/frame-kinds.ts';
import { KernelLog } from '../trace/log.ts';
import { answerOf } from '../task/hwprobe.ts';
import type { Task } from '../task/task.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../version.ts';
import { flags, hex, inBuffer, int, oneOf, outBuffer, outStruct, ptr, size, syscall, uint } from './define.ts';

const SYSLOG = Object.fromEntries(Object.entries(syslog).filter(([k]) => k.startsWith('SYSLOG_'))) as Record<string, number>;
const { Utsname, Sysinfo } = uts;

export const sys_uname = syscall({
  name: 'uname', args: [outStruct('buf', Utsname)],
  run(t, at) {
    const v = Utsname.view();
    put(v.sysname, 'Linux');
    put(v.nodename, t.kernel.hostname);
    put(v.release, KERNEL_RELEASE);
    put(v.version, KERNEL_VERSION);
    put(v.machine, 'riscv64');
    put(v.domainname, t.kernel.domainname);
    return t.user.copyOut(at, v.bytes);
  },
});

function put(to: Uint8Array, s: string): void {
  for (let i = 0; i < s.length && i < to.length - 1; i++) to[i] = s.charCodeAt(i);
}

function readName(t: Task, at: number, length: number): string | Errno {
  if (!t.cred.has(CAP_SYS_ADMIN)) return EPERM;
  if (length < 0 || length > uts.__NEW_UTS_LEN) return EINVAL;
  const bytes = new Uint8Array(length);
  const r = t.user.copyIn(at, bytes);
  return isErr(r) ? r : String.fromCharCode(...bytes).replace(/\0.*$/s, '');
}

export const sys_sethostname = syscall({
  name: 'sethostname', args: [inBuffer('name', 1), int('len')],
  run(t, at, length) {
    const name = readName(t, at, length);
    if (isErr(name)) return name;
    t.kernel.hostname = name;
    return 0;
  },
});

export const sys_setdomainname = syscall({
  name: 'setdomainname', args: [inBuffer('name', 1), int('len')],
  run(t, at, length) {
    const name = readName(t, at, length);
    if (isErr(name)) return name;
    t.kernel.domainname = name;
    return 0;
  },
});

export const sys_sysinfo = syscall({
  name: 'sysinfo', args: [outStruct('info', Sysinfo)],
  run(t, at) {
    const v = Sysinfo.view();
    const { frames, pids, loadAverages } = t.kernel;
    v.uptime = Math.floor(t.kernel.now() / 1e9);
    for (let i = 0; i < 3; i++) v.loads.set(i, Math.floor(loadAverages[i]! * 65536));
    v.totalram = frames.total * 4096;
    v.freeram = frames.freeCount * 4096;
    v.sharedram = frames.counts[KIND_SHMEM]! * 4096;
    v.totalswap = frames.swap.total * 4096;
    v.freeswap = frames.swap.free * 4096;
    v.procs = Math.min(pids.tasks.size, 65535);
    v.mem_unit = 1;
    return t.user.copyOut(at, v.bytes);
  },
});

/** getrandom(2): the generator is seeded before the first program runs, so it never blocks. */
export const sys_getrandom = syscall({
  name: 'getrandom', args: [outBuffer('buf', 1), size('buflen'), flags('flags', { GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE })],
  run(t, at, length, f) {
    if ((f & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) !== 0 || (f & (GRND_RANDOM | GRND_INSECURE)) === (GRND_RANDOM | GRND_INSECURE)) return EINVAL;
    const MAX = 33_554_431;
    const total = Math.min(length, MAX);
    const chunk = new Uint8Array(Math.min(total, 65536));
    for (let done = 0; done < total;) {
      const n = Math.min(chunk.length, total - done);
      t.kernel.random.fillBytes(chunk);
      const r = t.user.copyOut(at + done, chunk, 0, n);
      if (isErr(r)) return done > 0 ? done : r;
      done += n;
    }
    return total;
  },
});

/** syslog(2): the kernel log as dmesg(1) reads it. */
export const sys_syslog = syscall({
  name: 'syslog', args: [oneOf('type', SYSLOG), outBuffer('bufp', 2), int('len')],
  gaps: 'SYSLOG_ACTION_READ does not consume and does not wait; console levels are accepted and have no effect',
  run(t, type, at, length) {
    if (type < 0 || type > syslog.SYSLOG_ACTION_SIZE_BUFFER) return EINVAL;
    const text = logText(t);
    if (type === syslog.SYSLOG_ACTION_SIZE_BUFFER) return Math.max(65536, text.length);
    const reading = type === syslog.SYSLOG_ACTION_READ_ALL;
    if (!reading && !t.cred.has(CAP_SYSLOG) && !t.cred.has(CAP_SYS_ADMIN)) return EPERM;
    if (type === syslog.SYSLOG_ACTION_SIZE_UNREAD) return text.length;
    if (!reading && type !== syslog.SYSLOG_ACTION_READ && type !== syslog.SYSLOG_ACTION_READ_CLEAR) {
      if (type === syslog.SYSLOG_ACTION_CLEAR) t.kernel.log.lines.length = 0;
      return 0;
    }
    if (at === 0 || length < 0) return EINVAL;
    const tail = text.slice(Math.max(0, text.length - length));
    const bytes = Uint8Array.from(tail, c => c.charCodeAt(0));
    const r = t.user.copyOut(at, bytes);
    if (isErr(r)) return r;
    if (type === syslog.SYSLOG_ACTION_READ_CLEAR) t.kernel.log.lines.length = 0;
    return bytes.length;
  },
});

const logText = (t: Task): string => t.kernel.log.lines.map(l => `<${l.level}>${KernelLog.format(l)}\n`).join('');

/** reboot(2): the machine stops; the host sees why. */
export const sys_reboot = syscall({
  name: 'reboot', args: [hex('magic'), hex('magic2'), uint('op'), ptr('arg')],
  gaps: 'kexec, software suspend and the restart commands\' argument answer EINVAL',
  run(t, magic, magic2, op) {
    if (!t.cred.has(CAP_SYS_BOOT)) return EPERM;
    const second = magic2 % 2 ** 32;
    const known = [uts.LINUX_REBOOT_MAGIC2, uts.LINUX_REBOOT_MAGIC2A, uts.LINUX_REBOOT_MAGIC2B, uts.LINUX_REBOOT_MAGIC2C];
    if (magic % 2 ** 32 !== uts.LINUX_REBOOT_MAGIC1 || !known.includes(second)) return EINVAL;
    switch (op) {
      case uts.LINUX_REBOOT_CMD_CAD_ON: case uts.LINUX_REBOOT_CMD_CAD_OFF: return 0;
      case uts.LINUX_REBOOT_CMD_RESTART: t.kernel.halted = 'restart'; break;
      case uts.LINUX_REBOOT_CMD_HALT: t.kernel.halted = 'halt'; break;
      case uts.LINUX_REBOOT_CMD_POWER_OFF: t.kernel.halted = 'power-off'; break;
      default: return EINVAL;
    }
    t.kernel.sched.needResched = true;
    return 0;
  },
});

/** riscv_hwprobe(2): what the hart offers (task/hwprobe.ts). */
export const sys_riscv_hwprobe = syscall({
  name: 'riscv_hwprobe', args: [ptr('pairs'), size('pair_count'), size('cpusetsize'), ptr('cpus'), hex('flags')],
  run(t, pairs, count, cpuSize, cpus, f) {
    if (f !== 0 && f !== hwprobe.RISCV_HWPROBE_WHICH_CPUS) return EINVAL;
    if (f === hwprobe.RISCV_HWPROBE_WHICH_CPUS) return whichCpus(t, pairs, count, cpuSize, cpus);
    if (cpuSize > 0) {
      const r = t.user.loadU8(cpus);
      if (isErr(r)) return r;
      if ((t.user.value & 1) === 0) return EINVAL;
    }
    for (let i = 0; i < count; i++) {
      const at = pairs + i * hwprobe.RiscvHwprobe.size;
      const r = t.user.loadI64(at);
      if (isErr(r)) return r;
      const value = answerOf(t.user.value);
      const w = value === null ? t.user.storeI64(at, -1) : 0;
      if (isErr(w) || isErr(t.user.storeI64(at + 8, value ?? 0))) return EFAULT;
    }
    return 0;
  },
});

/** RISCV_HWPROBE_WHICH_CPUS: keeps our one hart in the set if it has everything asked for. */
function whichCpus(t: Task, pairs: number, count: number, cpuSize: number, cpus: number): 0 | Errno {
  if (cpuSize === 0) return EINVAL;
  let fits = true;
  for (let i = 0; i < count; i++) {
    const at = pairs + i * hwprobe.RiscvHwprobe.size;
    if (isErr(t.user.loadI64(at))) return EFAULT;
    const have = answerOf(t.user.value);
    if (isErr(t.user.loadI64(at + 8))) return EFAULT;
    if (have === null || have !== t.user.value) fits = false;
  }
  const r = t.user.loadU8(cpus);
  if (isErr(r)) return r;
  const wanted = t.user.value === 0 ? 1 : t.user.value & 1;
  return t.user.storeU8(cpus, fits ? wanted : 0);
}

/** rseq(2): the area is registered and its cpu fields stay 0, the one hart; task/rseq.ts aborts critical sections. */
export const sys_rseq = syscall({
  name: 'rseq', args: [ptr('rseq'), uint('rseq_len'), flags('flags', { RSEQ_FLAG_UNREGISTER: 1 }), uint('sig')],
  run(t, at, length, f, sig) {
    if ((f & ~1) !== 0) return EINVAL;
    if (f === 1) {
      if (t.rseqAddr === 0 || t.rseqAddr !== at || t.rseqLen !== length) return EINVAL;
      if (t.rseqSig !== sig) return EPERM;
      t.rseqAddr = 0;
      return 0;
    }
    if (t.rseqAddr !== 0) return t.rseqAddr !== at || t.rseqLen !== length ? EINVAL : t.rseqSig !== sig ? EPERM : EBUSY;
    if (at % 32 !== 0 || length < 32) return EINVAL;
    for (const offset of [0, 4, 20, 24]) if (isErr(t.user.storeU32(at + offset, 0))) return EFAULT;
    t.rseqAddr = at;
    t.rseqLen = length;
    t.rseqSig = sig;
    return 0;
  },
});

/** personality(2). */
export const sys_personality = syscall({
  name: 'personality', args: [hex('persona')],
  gaps: 'only PER_LINUX; the flags are kept but only ADDR_NO_RANDOMIZE has a meaning',
  run(t, persona) {
    const old = t.process.personality;
    const asked = persona % 2 ** 32;
    if (asked !== 0xffff_ffff) {
      if ((asked & 0xff) !== 0) return EINVAL;
      t.process.personality = asked;
    }
    return old;
  },
});

/** restart_syscall(2): interrupted calls restart by themselves here, so nobody has a reason to come. */
export const sys_restart_syscall = syscall({ name: 'restart_syscall', args: [], run: () => EINTR });

