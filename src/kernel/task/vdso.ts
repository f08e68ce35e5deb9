// The page of kernel code in user space: the trampoline to which signal handlers return (riscv has no SA_RESTORER).
import { type Errno, ENOMEM, isErr } from '../../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { SYSCALL_NUMBERS } from '../../abi/syscall-numbers.ts';
import type { Task } from './task.ts';

const PAGE = 4096;
const OPCODE_ADDI = 0x13, ECALL = 0x73, REG_A7 = 17;

/** `li a7, __NR_rt_sigreturn; ecall`: debuggers and unwinders know signal frames by exactly these two instructions. */
function trampoline(): Uint8Array {
  const nr = SYSCALL_NUMBERS.rt_sigreturn;
  return new Uint8Array(new Uint32Array([(nr << 20) | (REG_A7 << 7) | OPCODE_ADDI, ECALL]).buffer);
}

/** Maps the page into the new address space of `t`. */
export function mapVdso(t: Task): 0 | Errno {
  const mm = t.mm!;
  const at = mm.map(t, { addr: 0, length: PAGE, prot: PROT_READ | PROT_WRITE, flags: MAP_PRIVATE | MAP_ANONYMOUS, file: null, offset: 0, name: '[vdso]' });
  if (isErr(at)) return at;
  const r = t.user.copyOut(at, trampoline());
  if (isErr(r)) return ENOMEM;
  mm.sigreturnAddr = at;
  return mm.protect(t, at, PAGE, PROT_READ | PROT_EXEC);
}
