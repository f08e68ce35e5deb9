// The initial stack: strings, auxiliary vector, envp, argv, argc (execve(2), getauxval(3), ELF psABI "Process Initialization").
import { type Errno, EFAULT, isErr } from '../../abi/errno.ts';
import {
  AT_BASE, AT_CLKTCK, AT_EGID, AT_ENTRY, AT_EUID, AT_EXECFN, AT_FLAGS, AT_GID, AT_HWCAP, AT_MINSIGSTKSZ, AT_NULL, AT_PAGESZ, AT_PHDR, AT_PHENT, AT_PHNUM,
  AT_RANDOM, AT_RSEQ_ALIGN, AT_RSEQ_FEATURE_SIZE, AT_SECURE, AT_SYSINFO_EHDR, AT_UID,
  COMPAT_HWCAP_ISA_A, COMPAT_HWCAP_ISA_C, COMPAT_HWCAP_ISA_D, COMPAT_HWCAP_ISA_F, COMPAT_HWCAP_ISA_I, COMPAT_HWCAP_ISA_M,
} from '../../abi/auxv.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_GROWSDOWN, MAP_PRIVATE, MAP_STACK, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { RtSigframe } from '../../abi/signal.ts';
import { stackOffset, stackPadding } from '../mm/aslr.ts';
import { STACK_TOP } from '../mm/layout.ts';
import type { LoadedImage } from './load.ts';
import type { Task } from './task.ts';

export interface StackContents extends LoadedImage { argv: string[]; envp: string[]; execfn: string; secure: boolean }

const HWCAP = COMPAT_HWCAP_ISA_I | COMPAT_HWCAP_ISA_M | COMPAT_HWCAP_ISA_A | COMPAT_HWCAP_ISA_F | COMPAT_HWCAP_ISA_D | COMPAT_HWCAP_ISA_C;
const USER_HZ = 100;
const INITIAL_STACK = 135_168;
const RANDOM_BYTES = 16;

/** Bytes that strings and pointers take, for the E2BIG check. */
export function stackBytes(argv: string[], envp: string[], execfn: string): number {
  let n = execfn.length + 9;
  for (const s of argv) n += s.length + 9;
  for (const s of envp) n += s.length + 9;
  return n;
}

/** Maps the stack and fills it; the initial sp, 16-byte aligned. */
export function buildStack(t: Task, c: StackContents): number | Errno {
  const mm = t.mm!;
  const top = STACK_TOP - stackOffset(t);
  const mapped = mapStack(t, c, top);
  if (isErr(mapped)) return mapped;
  const strings = new StringArea(top - stackPadding(t) - 8);
  const execfn = strings.push(c.execfn);
  const envp = c.envp.map(() => 0);
  for (let i = c.envp.length - 1; i >= 0; i--) envp[i] = strings.push(c.envp[i]!);
  mm.envEnd = execfn;
  mm.envStart = strings.at;
  const argv = c.argv.map(() => 0);
  for (let i = c.argv.length - 1; i >= 0; i--) argv[i] = strings.push(c.argv[i]!);
  mm.argEnd = mm.envStart;
  mm.argStart = strings.at;
  const random = new Uint8Array(RANDOM_BYTES);
  t.kernel.random.fillBytes(random);
  const randomAddr = strings.pushBytes(random);

  const auxv = auxiliaryVector(t, c, execfn, randomAddr);
  const words = [c.argv.length, ...argv, 0, ...envp, 0, ...auxv];
  const sp = Math.floor((strings.at - words.length * 8) / 16) * 16;
  const bytes = new Uint8Array(words.length * 8);
  const view = new DataView(bytes.buffer);
  words.forEach((w, i) => {
    view.setUint32(8 * i, w >>> 0, true);
    view.setUint32(8 * i + 4, Math.floor(w / 2 ** 32), true);
  });
  mm.auxv = bytes.slice(bytes.length - auxv.length * 8);
  mm.startStack = sp;
  if (isErr(strings.write(t)) || isErr(t.user.copyOut(sp, bytes))) return EFAULT;
  return sp;
}

/** 132 KiB to begin with, or what the arguments need; it grows by faults up to RLIMIT_STACK. */
function mapStack(t: Task, c: StackContents, top: number): number | Errno {
  const length = Math.max(INITIAL_STACK, Math.ceil((stackBytes(c.argv, c.envp, c.execfn) + 16_384) / 4096) * 4096);
  const prot = PROT_READ | PROT_WRITE | (c.stackExec ? PROT_EXEC : 0);
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN | MAP_STACK;
  return t.mm!.map(t, { addr: top - length, length, prot, flags, file: null, offset: 0, name: '[stack]' });
}

function auxiliaryVector(t: Task, c: StackContents, execfn: number, random: number): number[] {
  const v: number[] = [];
  const put = (type: number, value: number): void => { v.push(type, value); };
  if (t.mm!.vdsoBase !== 0) put(AT_SYSINFO_EHDR, t.mm!.vdsoBase);
  put(AT_HWCAP, HWCAP);
  put(AT_PAGESZ, 4096);
  put(AT_CLKTCK, USER_HZ);
  put(AT_PHDR, c.phdr);
  put(AT_PHENT, 56);
  put(AT_PHNUM, c.phnum);
  put(AT_BASE, c.interpBase);
  put(AT_FLAGS, 0);
  put(AT_ENTRY, c.programEntry);
  put(AT_UID, t.cred.uid);
  put(AT_EUID, t.cred.euid);
  put(AT_GID, t.cred.gid);
  put(AT_EGID, t.cred.egid);
  put(AT_SECURE, c.secure ? 1 : 0);
  put(AT_RANDOM, random);
  put(AT_EXECFN, execfn);
  put(AT_MINSIGSTKSZ, RtSigframe.size + 64);
  put(AT_RSEQ_FEATURE_SIZE, 28);
  put(AT_RSEQ_ALIGN, 32);
  put(AT_NULL, 0);
  return v;
}

/** Strings from the top of the stack downwards, written in one go. */
class StringArea {
  at: number;
  private readonly end: number;
  private readonly chunks: Uint8Array[] = [];
  constructor(top: number) { this.at = this.end = top; }

  push(s: string): number {
    const b = new Uint8Array(s.length + 1);
    for (let i = 0; i < s.length; i++) b[i] = s.charCodeAt(i);
    return this.pushBytes(b);
  }
  pushBytes(b: Uint8Array): number {
    this.chunks.push(b);
    this.at -= b.length;
    return this.at;
  }
  write(t: Task): 0 | Errno {
    const all = new Uint8Array(this.end - this.at);
    let at = all.length;
    for (const c of this.chunks) {
      at -= c.length;
      all.set(c, at);
    }
    return t.user.copyOut(this.at, all);
  }
}
