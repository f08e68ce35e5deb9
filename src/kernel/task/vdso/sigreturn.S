// Where signal handlers return to (riscv has no SA_RESTORER). Debuggers and unwinders know signal frames by exactly these two instructions; those that look
// at the byte before a return address must not find another function's call frame information there.
  .text
  .option norvc
  .balign 8
  nop
  .globl __vdso_rt_sigreturn
  .type __vdso_rt_sigreturn, @function
__vdso_rt_sigreturn:
  li a7, 139 // __NR_rt_sigreturn
  ecall
  .size __vdso_rt_sigreturn, . - __vdso_rt_sigreturn
