// seccomp(2) for guest tests: filters as macros, the same source for riscv64 and the x86-64 that records.
#pragma once
#include "t.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/audit.h>
#include <linux/prctl.h>
#ifdef __riscv
#define ARCH AUDIT_ARCH_RISCV64
#define INSN_PC(uc) 0
#else
#define ARCH AUDIT_ARCH_X86_64
#endif
#define OFF(field) __builtin_offsetof(struct seccomp_data, field)
#define ARG(n) (OFF(args) + 8 * (n))
#define LD(off) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, off)
#define RET(v) BPF_STMT(BPF_RET | BPF_K, v)
#define IF(v, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v, yes, no)
/** `action` for one system call, allow for the rest. */
#define ONLY(call, action) LD(OFF(nr)), IF(call, 0, 1), RET(action), RET(SECCOMP_RET_ALLOW)
#define FILTER(...) ({ struct sock_filter f_[] = { __VA_ARGS__ }; struct sock_fprog p_ = { sizeof f_ / sizeof *f_, f_ }; SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, &p_); })
#define FILTER_FLAGS(flags, ...) ({ struct sock_filter f_[] = { __VA_ARGS__ }; struct sock_fprog p_ = { sizeof f_ / sizeof *f_, f_ }; SC(seccomp, SECCOMP_SET_MODE_FILTER, flags, &p_); })
#define no_new_privs() prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
