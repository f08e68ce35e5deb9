// PTRACE_GET_SYSCALL_INFO: struct ptrace_syscall_info, whose length depends on where the tracee stands.
import { AUDIT_ARCH_RISCV64 } from '../../abi/seccomp.ts';
import { PTRACE_O_TRACESYSGOOD, PTRACE_SYSCALL_INFO_ENTRY, PTRACE_SYSCALL_INFO_EXIT, PTRACE_SYSCALL_INFO_NONE, PTRACE_SYSCALL_INFO_SECCOMP } from '../../abi/ptrace.ts';
import type { Task } from '../task/task.ts';
import { readRegset } from './registers.ts';
import { NT_PRSTATUS } from '../../abi/elf.ts';

const SP = 16, A0 = 80, A7 = 136; // in struct user_regs_struct
const HEAD = 24;
const ENTRY_SIZE = HEAD + 8 + 6 * 8;
const SECCOMP_SIZE = ENTRY_SIZE + 4;
const EXIT_SIZE = HEAD + 8 + 1;

/** The bytes that are known at this stop. */
export function callInfo(t: Task): Uint8Array {
  const regs = readRegset(t, NT_PRSTATUS);
  const kind = (t.traced!.options & PTRACE_O_TRACESYSGOOD) === 0 ? undefined : t.traceStop?.kind;
  const op = kind === 'seccomp' ? PTRACE_SYSCALL_INFO_SECCOMP : kind === 'syscall-enter' ? PTRACE_SYSCALL_INFO_ENTRY : kind === 'syscall-exit' ? PTRACE_SYSCALL_INFO_EXIT : PTRACE_SYSCALL_INFO_NONE;
  const out = new Uint8Array(op === PTRACE_SYSCALL_INFO_SECCOMP ? SECCOMP_SIZE : op === PTRACE_SYSCALL_INFO_ENTRY ? ENTRY_SIZE : op === PTRACE_SYSCALL_INFO_EXIT ? EXIT_SIZE : HEAD);
  out[0] = op;
  new DataView(out.buffer).setUint32(4, AUDIT_ARCH_RISCV64, true);
  out.set(regs.subarray(0, 8), 8);
  out.set(regs.subarray(SP, SP + 8), 16);
  if (op === PTRACE_SYSCALL_INFO_ENTRY || op === PTRACE_SYSCALL_INFO_SECCOMP) {
    out.set(regs.subarray(A7, A7 + 8), HEAD);
    out.set(regs.subarray(A0, A0 + 48), HEAD + 8);
    if (op === PTRACE_SYSCALL_INFO_SECCOMP) new DataView(out.buffer).setUint32(ENTRY_SIZE, t.traced!.eventMsg, true);
  } else if (op === PTRACE_SYSCALL_INFO_EXIT) {
    out.set(regs.subarray(A0, A0 + 8), HEAD);
    const d = new DataView(regs.buffer, regs.byteOffset);
    out[HEAD + 8] = d.getInt32(A0 + 4, true) === -1 && d.getInt32(A0, true) >= -4095 && d.getInt32(A0, true) < 0 ? 1 : 0;
  }
  return out;
}
