// siginfo_t in memory (sigaction(2), rt_sigqueueinfo(2)): which union member a signal uses depends on its code and number.
import {
  SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGINFO_SIZE, SIGIO, SIGSEGV, SIGSYS, SIGTRAP, SI_KERNEL, SI_QUEUE, SI_TIMER,
  SiginfoChild, SiginfoFault, SiginfoKill, SiginfoPoll, SiginfoQueue, SiginfoSys, SiginfoTimer,
} from '../../abi/signal.ts';
import { AUDIT_ARCH_RISCV64 } from '../../abi/seccomp.ts';
import type { SigInfo } from './state.ts';

/** Writes `info` to `bytes` at `offset` (SIGINFO_SIZE bytes, all of them). */
export function encodeSigInfo(info: SigInfo, bytes: Uint8Array, offset: number): void {
  bytes.fill(0, offset, offset + SIGINFO_SIZE);
  const head = SiginfoKill.view(bytes, offset);
  head.si_signo = info.signo;
  head.si_errno = info.errno ?? 0;
  head.si_code = info.code;
  const fromKernel = info.code > 0 && info.code < SI_KERNEL;
  if (info.code === SI_TIMER) {
    const v = SiginfoTimer.view(bytes, offset);
    v.si_tid = info.timerId ?? 0;
    v.si_overrun = info.overrun ?? 0;
    v.si_value_lo = info.valueLo ?? 0;
    v.si_value_hi = info.valueHi ?? 0;
  } else if (fromKernel && info.signo === SIGSYS) {
    const v = SiginfoSys.view(bytes, offset);
    v.si_call_addr = info.addr ?? 0;
    v.si_syscall = info.call ?? 0;
    v.si_arch = AUDIT_ARCH_RISCV64;
  } else if (fromKernel && isFault(info.signo)) {
    SiginfoFault.view(bytes, offset).si_addr = info.addr ?? 0;
  } else if (fromKernel && info.signo === SIGCHLD) {
    const v = SiginfoChild.view(bytes, offset);
    v.si_pid = info.pid ?? 0;
    v.si_uid = info.uid ?? 0;
    v.si_status = info.status ?? 0;
    v.si_utime = info.utime ?? 0;
    v.si_stime = info.stime ?? 0;
  } else if (fromKernel && (info.signo === SIGIO || info.fd !== undefined)) {   // F_SETSIG chooses other signals
    const v = SiginfoPoll.view(bytes, offset);
    v.si_band = info.band ?? 0;
    v.si_fd = info.fd ?? 0;
  } else if (info.code !== SI_KERNEL) {
    const v = SiginfoQueue.view(bytes, offset);
    v.si_pid = info.pid ?? 0;
    v.si_uid = info.uid ?? 0;
    if (info.code <= SI_QUEUE) {
      v.si_value_lo = info.valueLo ?? 0;
      v.si_value_hi = info.valueHi ?? 0;
    }
  }
}

/** Reads a siginfo_t as rt_sigqueueinfo(2) gets it. */
export function decodeSigInfo(bytes: Uint8Array, offset: number): SigInfo {
  const v = SiginfoQueue.view(bytes, offset);
  return {
    signo: v.si_signo, code: v.si_code, errno: v.si_errno, pid: v.si_pid, uid: v.si_uid, valueLo: v.si_value_lo, valueHi: v.si_value_hi,
  };
}

const isFault = (sig: number): boolean => sig === SIGSEGV || sig === SIGBUS || sig === SIGILL || sig === SIGFPE || sig === SIGTRAP;
