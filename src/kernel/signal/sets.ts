// Signal sets as two 32-bit words (signals 1-32 and 33-64), and the fixed properties of signals (signal(7)).
import {
  SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH,
  SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ,
} from '../../abi/signal.ts';

export const NSIG = 64;
export const bitLo = (sig: number): number => (sig <= 32 ? 1 << (sig - 1) : 0);
export const bitHi = (sig: number): number => (sig > 32 ? 1 << (sig - 33) : 0);
export const inSet = (lo: number, hi: number, sig: number): boolean => (sig <= 32 ? (lo >>> (sig - 1)) & 1 : (hi >>> (sig - 33)) & 1) === 1;
/** Lowest signal of a set, 0 if empty. */
export function lowest(lo: number, hi: number): number {
  if (lo !== 0) return 32 - Math.clz32(lo & -lo);
  if (hi !== 0) return 64 - Math.clz32(hi & -hi);
  return 0;
}

const setOf = (...sigs: number[]): number => sigs.reduce((lo, s) => lo | bitLo(s), 0);
/** Cannot be blocked, caught or ignored. */
export const UNMASKABLE = setOf(SIGKILL, SIGSTOP);
export const STOP_SIGNALS = setOf(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);
export const CORE_SIGNALS = setOf(SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ);
/** Synchronous faults: delivered before others. */
export const FAULT_SIGNALS = setOf(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS);
const IGNORED_BY_DEFAULT = setOf(SIGCHLD, SIGCONT, SIGURG, SIGWINCH);

export type DefaultAction = 'terminate' | 'core' | 'stop' | 'ignore';
export function defaultAction(sig: number): DefaultAction {
  if (sig > 32) return 'terminate';
  const bit = bitLo(sig);
  if (IGNORED_BY_DEFAULT & bit) return 'ignore';
  if (STOP_SIGNALS & bit) return 'stop';
  if (CORE_SIGNALS & bit) return 'core';
  return 'terminate';
}
