// What riscv_hwprobe(2) and the vDSO say of the hart. Misaligned scalar accesses are fast: the TLB check lets them through within a page.
import * as hwprobe from '../../abi/hwprobe.ts';

const EXTENSIONS = hwprobe.RISCV_HWPROBE_IMA_FD + hwprobe.RISCV_HWPROBE_IMA_C + hwprobe.RISCV_HWPROBE_EXT_ZBA + hwprobe.RISCV_HWPROBE_EXT_ZBB
  + hwprobe.RISCV_HWPROBE_EXT_ZBS + hwprobe.RISCV_HWPROBE_EXT_ZICOND + hwprobe.RISCV_HWPROBE_EXT_ZIHINTPAUSE;

/** The answer for a key, null for one we do not know. */
export function answerOf(key: number): number | null {
  switch (key) {
    case hwprobe.RISCV_HWPROBE_KEY_MVENDORID: case hwprobe.RISCV_HWPROBE_KEY_MARCHID: case hwprobe.RISCV_HWPROBE_KEY_MIMPID: return 0;
    case hwprobe.RISCV_HWPROBE_KEY_BASE_BEHAVIOR: return hwprobe.RISCV_HWPROBE_BASE_BEHAVIOR_IMA;
    case hwprobe.RISCV_HWPROBE_KEY_IMA_EXT_0: return EXTENSIONS;
    case hwprobe.RISCV_HWPROBE_KEY_CPUPERF_0: case hwprobe.RISCV_HWPROBE_KEY_MISALIGNED_SCALAR_PERF: return hwprobe.RISCV_HWPROBE_MISALIGNED_FAST;
    case hwprobe.RISCV_HWPROBE_KEY_ZICBOZ_BLOCK_SIZE: return 0;
    case hwprobe.RISCV_HWPROBE_KEY_HIGHEST_VIRT_ADDRESS: return 0x3f_ffff_ffff;
    case hwprobe.RISCV_HWPROBE_KEY_TIME_CSR_FREQ: return 10_000_000;
    default: return null;
  }
}
