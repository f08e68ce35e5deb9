// Programs for the tour in our own assembler's language: they need no image, so that there is something to see on any host.
// `sys NAME` stands for loading a system call's number and `ecall`; `print` and `number` are two subroutines appended to each.
import { SYSCALL_NUMBERS } from '../../abi/syscall-numbers.ts';
import type { SyscallName } from '../../abi/syscall-numbers.ts';
import { assembleElf } from './elf.ts';

/** The executable of one of PROGRAMS. */
export function buildProgram(name: keyof typeof PROGRAMS): Uint8Array {
  const source = `${PROGRAMS[name]}\n${SUBROUTINES}`;
  return assembleElf(source.replaceAll(/^(.*)\bsys (\w+)/gm, (_, before: string, call: SyscallName) => `${before}li a7, ${SYSCALL_NUMBERS[call]}\necall`));
}

/** print: the C string at a0. number: a0 in decimal. Both keep only s-registers. */
const SUBROUTINES = `
print:    mv a1, a0
          li a2, 0
1:        add t0, a1, a2
          lbu t0, 0(t0)
          beqz t0, 2f
          addi a2, a2, 1
          j 1b
2:        li a0, 1
          sys write
          ret
number:   la a1, digits_end
          li t1, 10
          li a2, 0
1:        remu t0, a0, t1
          divu a0, a0, t1
          addi t0, t0, '0'
          addi a1, a1, -1
          addi a2, a2, 1
          sb t0, 0(a1)
          bnez a0, 1b
          li a0, 1
          sys write
          ret
digits:   .zero 24
digits_end: .byte 0
`;

const UNAME = `
_start:   la s0, buffer
          mv a0, s0
          sys uname
          li s1, 5
1:        mv a0, s0
          call print
          la a0, space
          call print
          addi s0, s0, 65
          addi s1, s1, -1
          bnez s1, 1b
          la a0, newline
          call print
          li a0, 0
          sys exit_group
space:    .asciz " "
newline:  .asciz "\\n"
          .balign 8
buffer:   .zero 400
`;

/** A child writes the numbers 1 to 1000, one a line, into a pipe; the parent adds them up, a byte at a time as they come. */
const PIPELINE = `
_start:   la a0, ends
          li a1, 0
          sys pipe2
          li a0, 17
          li a1, 0
          li a2, 0
          li a3, 0
          li a4, 0
          sys clone
          beqz a0, child
          la s0, ends
          lw a0, 4(s0)
          sys close
          li s1, 0
          li s2, 0
          li s3, 0
1:        lw a0, 0(s0)
          la a1, buffer
          li a2, 512
          sys read
          blez a0, done
          la t0, buffer
          add t1, t0, a0
2:        lbu t2, 0(t0)
          addi t0, t0, 1
          li t3, '\\n'
          beq t2, t3, 3f
          li t4, 10
          mul s1, s1, t4
          addi t2, t2, -48
          add s1, s1, t2
          j 4f
3:        add s2, s2, s1
          addi s3, s3, 1
          li s1, 0
4:        bne t0, t1, 2b
          j 1b
done:     mv a0, s3
          call number
          la a0, lines
          call print
          mv a0, s2
          call number
          la a0, newline
          call print
          li a0, 0
          sys exit_group
child:    la s0, ends
          lw a0, 4(s0)
          li a1, 1
          li a2, 0
          sys dup3
          lw a0, 4(s0)
          sys close
          li s1, 1
1:        mv a0, s1
          call number
          la a0, newline
          call print
          addi s1, s1, 1
          li t0, 1001
          bne s1, t0, 1b
          li a0, 0
          sys exit_group
lines:    .asciz " lines came through the pipe; their sum is "
newline:  .asciz "\\n"
          .balign 8
ends:     .zero 8
buffer:   .zero 512
`;

/** Three children with exit statuses of their own, waited for one after the other. */
const FORK = `
_start:   li s0, 3
1:        li a0, 17
          li a1, 0
          li a2, 0
          li a3, 0
          li a4, 0
          sys clone
          bnez a0, 2f
          addi a0, s0, 10
          sys exit_group
2:        li a0, -1
          la a1, status
          li a2, 0
          li a3, 0
          sys wait4
          la a0, ended
          call print
          la t0, status
          lbu a0, 1(t0)
          call number
          la a0, newline
          call print
          addi s0, s0, -1
          bnez s0, 1b
          li a0, 0
          sys exit_group
ended:    .asciz "a child ended with status "
newline:  .asciz "\\n"
          .balign 8
status:   .zero 8
`;

/** A store through a null pointer with a handler for SIGSEGV, and one without in a child. */
const FAULT = `
_start:   li a0, 11
          la a1, action
          li a2, 0
          li a3, 8
          sys rt_sigaction
          li t0, 48
          sd zero, 0(t0)
          li a0, 1
          sys exit_group
caught:   ld s1, 16(a1)
          la a0, said
          call print
          mv a0, s1
          call number
          la a0, newline
          call print
          li a0, 17
          li a1, 0
          li a2, 0
          li a3, 0
          li a4, 0
          sys clone
          bnez a0, 1f
          li a0, 11
          la a1, default
          li a2, 0
          li a3, 8
          sys rt_sigaction
          li a0, 1
          la a1, mask
          li a2, 0
          li a3, 8
          sys rt_sigprocmask
          sd zero, 0(zero)
1:        li a0, -1
          la a1, status
          li a2, 0
          li a3, 0
          sys wait4
          la a0, killed
          call print
          la t0, status
          lbu a0, 0(t0)
          andi a0, a0, 127
          call number
          la a0, newline
          call print
          li a0, 0
          sys exit_group
said:     .asciz "the handler was told: no page at address "
killed:   .asciz "a child without a handler was ended by signal "
newline:  .asciz "\\n"
          .balign 8
action:   .dword caught, 4, 0
default:  .dword 0, 0, 0
mask:     .dword 1024
status:   .zero 8
`;

/** What the tour can run without an image. */
export const PROGRAMS = { uname: UNAME, pipeline: PIPELINE, fork: FORK, fault: FAULT } as const;
