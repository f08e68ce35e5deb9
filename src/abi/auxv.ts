// The auxiliary vector, getauxval(3): linux/auxvec.h, asm/auxvec.h, asm/hwcap.h.

// Entry types
export const AT_NULL = 0;
export const AT_IGNORE = 1;
export const AT_EXECFD = 2;
export const AT_PHDR = 3;
export const AT_PHENT = 4;
export const AT_PHNUM = 5;
export const AT_PAGESZ = 6;
export const AT_BASE = 7;
export const AT_FLAGS = 8;
export const AT_ENTRY = 9;
export const AT_NOTELF = 10;
export const AT_UID = 11;
export const AT_EUID = 12;
export const AT_GID = 13;
export const AT_EGID = 14;
export const AT_PLATFORM = 15;
export const AT_HWCAP = 16;
export const AT_CLKTCK = 17;
export const AT_SECURE = 23;
export const AT_BASE_PLATFORM = 24;
export const AT_RANDOM = 25;
export const AT_HWCAP2 = 26;
export const AT_RSEQ_FEATURE_SIZE = 27;
export const AT_RSEQ_ALIGN = 28;
export const AT_EXECFN = 31;
export const AT_SYSINFO_EHDR = 33;
export const AT_L1I_CACHESIZE = 40;
export const AT_L1I_CACHEGEOMETRY = 41;
export const AT_L1D_CACHESIZE = 42;
export const AT_L1D_CACHEGEOMETRY = 43;
export const AT_L2_CACHESIZE = 44;
export const AT_L2_CACHEGEOMETRY = 45;
export const AT_MINSIGSTKSZ = 51;

// AT_HWCAP bits
export const COMPAT_HWCAP_ISA_I = 0x100;
export const COMPAT_HWCAP_ISA_M = 0x1000;
export const COMPAT_HWCAP_ISA_A = 0x1;
export const COMPAT_HWCAP_ISA_F = 0x20;
export const COMPAT_HWCAP_ISA_D = 0x8;
export const COMPAT_HWCAP_ISA_C = 0x4;
export const COMPAT_HWCAP_ISA_V = 0x200000;
