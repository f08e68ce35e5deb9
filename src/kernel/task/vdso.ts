// The page of kernel code in user space: the trampoline to which signal handlers return (riscv has no SA_RESTORER). One frame for the whole
// machine, mapped privately by every process: a debugger that writes to it gets a copy.
// There is no clock in it: on the interpreter reading the time in user mode takes longer than the system call (measured: 1.5 to 2 times).
import { type Errno, isErr } from '../../abi/errno.ts';
import { O_RDONLY } from '../../abi/fcntl.ts';
import { MAP_PRIVATE, PROT_EXEC, PROT_READ } from '../../abi/mman.ts';
import { S_IFREG } from '../../abi/stat.ts';
import { SYSCALL_NUMBERS } from '../../abi/syscall-numbers.ts';
import type { Kernel } from '../kernel.ts';
import { ShmemCache } from '../mm/shmem.ts';
import type { Vma } from '../mm/vma.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import type { Task } from './task.ts';

const PAGE = 4096;
const OPCODE_ADDI = 0x13, ECALL = 0x73, REG_A7 = 17;

/** `li a7, __NR_rt_sigreturn; ecall`: debuggers and unwinders know signal frames by exactly these two instructions. */
function trampoline(): Uint8Array {
  const nr = SYSCALL_NUMBERS.rt_sigreturn;
  return new Uint8Array(new Uint32Array([(nr << 20) | (REG_A7 << 7) | OPCODE_ADDI, ECALL]).buffer);
}

/** What is mapped; the machine keeps one (Kernel.vdso). */
export class VdsoFile extends OpenFile {
  private readonly pages: ShmemCache;

  constructor(k: Kernel, pages: ShmemCache) {
    super(anonInode(k, S_IFREG | 0o444), O_RDONLY);
    this.pages = pages;
    pages.hold();
  }

  override mmap(_t: Task, v: Vma): 0 {
    v.pages = this.pages;
    return 0;
  }
}

/** Maps the page into the new address space of `t`. */
export function mapVdso(t: Task): 0 | Errno {
  const file = vdsoOf(t);
  if (isErr(file)) return file;
  const at = t.mm!.map(t, { addr: 0, length: PAGE, prot: PROT_READ | PROT_EXEC, flags: MAP_PRIVATE, file, offset: 0, name: '[vdso]' });
  if (isErr(at)) return at;
  t.mm!.sigreturnAddr = at;
  return 0;
}

/** Written when the first program starts. */
function vdsoOf(t: Task): VdsoFile | Errno {
  const k = t.kernel;
  if (k.vdso !== null) return k.vdso;
  const pages = new ShmemCache(k.frames, null, PAGE);
  const file = new VdsoFile(k, pages);
  const n = pages.write(t, new KernelBuffer(trampoline()), 0);
  if (isErr(n)) {
    pages.release();
    return n;
  }
  return (k.vdso = file);
}
