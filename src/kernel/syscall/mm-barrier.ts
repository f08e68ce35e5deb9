// Ordering: membarrier(2), riscv_flush_icache (riscv's own call, used by JIT compilers). One hart runs at a time, and every trap orders memory.
import { EINVAL, EPERM } from '../../abi/errno.ts';
import * as mman from '../../abi/mman.ts';
import { flags, int, oneOf, ptr, syscall, uint } from './define.ts';

const {
  MEMBARRIER_CMD_GET_REGISTRATIONS, MEMBARRIER_CMD_GLOBAL, MEMBARRIER_CMD_GLOBAL_EXPEDITED, MEMBARRIER_CMD_PRIVATE_EXPEDITED,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, MEMBARRIER_CMD_QUERY, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
} = mman;
const COMMANDS = Object.fromEntries(Object.entries(mman).filter(([k]) => k.startsWith('MEMBARRIER_CMD_') && !k.includes('FLAG'))) as Record<string, number>;
const REGISTRATIONS = MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED
  | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
const SUPPORTED = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED
  | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | REGISTRATIONS | MEMBARRIER_CMD_GET_REGISTRATIONS;
const SYS_RISCV_FLUSH_ICACHE_LOCAL = 1;

/** membarrier(2). */
export const sys_membarrier = syscall({
  name: 'membarrier', args: [oneOf('cmd', COMMANDS), uint('flags'), int('cpu_id')],
  gaps: 'MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ is not offered',
  run(t, cmd, how) {
    const mm = t.mm!;
    if (how !== 0) return EINVAL;
    switch (cmd) {
      case MEMBARRIER_CMD_QUERY: return SUPPORTED;
      case MEMBARRIER_CMD_GLOBAL:
      case MEMBARRIER_CMD_GLOBAL_EXPEDITED: return 0;
      case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
      case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
      case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
        mm.membarrierRegistered |= cmd;
        return 0;
      case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        return (mm.membarrierRegistered & MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) === 0 ? EPERM : 0;
      case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
        if ((mm.membarrierRegistered & MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE) === 0) return EPERM;
        t.kernel.hart.fenceI();
        return 0;
      case MEMBARRIER_CMD_GET_REGISTRATIONS: return mm.membarrierRegistered;
      default: return EINVAL;
    }
  },
});

/** riscv_flush_icache: start and end are hints, as on Linux; code that is written elsewhere is seen, too. */
export const sys_riscv_flush_icache = syscall({
  name: 'riscv_flush_icache', args: [ptr('start'), ptr('end'), flags('flags', { SYS_RISCV_FLUSH_ICACHE_LOCAL })],
  run(t, start, end, how) {
    if ((how & ~SYS_RISCV_FLUSH_ICACHE_LOCAL) !== 0) return EINVAL;
    t.kernel.hart.fenceI(start, end);
    return 0;
  },
});
