// riscv_hwprobe(2): Documentation/arch/riscv/hwprobe.rst and asm/hwprobe.h of Linux 6.12 (newer than the headers of the recorder).

import { i64, raw64, struct } from '../lib/struct.ts';


// Keys
export const RISCV_HWPROBE_KEY_MVENDORID = 0;
export const RISCV_HWPROBE_KEY_MARCHID = 1;
export const RISCV_HWPROBE_KEY_MIMPID = 2;
export const RISCV_HWPROBE_KEY_BASE_BEHAVIOR = 3;
export const RISCV_HWPROBE_KEY_IMA_EXT_0 = 4;
export const RISCV_HWPROBE_KEY_CPUPERF_0 = 5;
export const RISCV_HWPROBE_KEY_ZICBOZ_BLOCK_SIZE = 6;
export const RISCV_HWPROBE_KEY_HIGHEST_VIRT_ADDRESS = 7;
export const RISCV_HWPROBE_KEY_TIME_CSR_FREQ = 8;
export const RISCV_HWPROBE_KEY_MISALIGNED_SCALAR_PERF = 9;

// KEY_BASE_BEHAVIOR
export const RISCV_HWPROBE_BASE_BEHAVIOR_IMA = 1;

// KEY_IMA_EXT_0, low word
export const RISCV_HWPROBE_IMA_FD = 0x1;
export const RISCV_HWPROBE_IMA_C = 0x2;
export const RISCV_HWPROBE_IMA_V = 0x4;
export const RISCV_HWPROBE_EXT_ZBA = 0x8;
export const RISCV_HWPROBE_EXT_ZBB = 0x10;
export const RISCV_HWPROBE_EXT_ZBS = 0x20;
export const RISCV_HWPROBE_EXT_ZICBOZ = 0x40;
export const RISCV_HWPROBE_EXT_ZBC = 0x80;

// KEY_IMA_EXT_0, above 2^31: test and set on the high word
export const RISCV_HWPROBE_EXT_ZTSO = 0x200000000;
export const RISCV_HWPROBE_EXT_ZACAS = 0x400000000;
export const RISCV_HWPROBE_EXT_ZICOND = 0x800000000;
export const RISCV_HWPROBE_EXT_ZIHINTPAUSE = 0x1000000000;

// KEY_CPUPERF_0 and KEY_MISALIGNED_SCALAR_PERF
export const RISCV_HWPROBE_MISALIGNED_UNKNOWN = 0;
export const RISCV_HWPROBE_MISALIGNED_EMULATED = 1;
export const RISCV_HWPROBE_MISALIGNED_SLOW = 2;
export const RISCV_HWPROBE_MISALIGNED_FAST = 3;
export const RISCV_HWPROBE_MISALIGNED_UNSUPPORTED = 4;

// Flags
export const RISCV_HWPROBE_WHICH_CPUS = 1;
export const SYS_RISCV_FLUSH_ICACHE_LOCAL = 1;

/** riscv_hwprobe(2): one key and its answer. */
export const RiscvHwprobe = struct('riscv_hwprobe', { key: i64, value: raw64 });
