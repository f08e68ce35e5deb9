// Where things live in a user address space: Linux' layout for riscv64 with Sv39 (Documentation/arch/riscv/vm-layout). Randomisation: aslr.ts.
import { PAGE_SIZE } from '../../machine/machine.ts';

/** First address that is not the user's: the lower half of Sv39. */
export const TASK_SIZE = 0x40_0000_0000;
export const STACK_TOP = TASK_SIZE - PAGE_SIZE;
/** Where position-independent executables are loaded (ELF_ET_DYN_BASE). */
export const PIE_BASE = 0x2a_aaaa_a000;
/** vm.mmap_min_addr: nothing may be mapped below without CAP_SYS_RAWIO. */
export const MMAP_MIN_ADDR = 0x1_0000;
/** stack_guard_gap: what stays free below a stack that grows. */
export const STACK_GUARD = 256 * PAGE_SIZE;
/** Default of vm.max_map_count. */
export const MAX_MAP_COUNT = 65530;

/** Top of the mmap area: below the largest stack that RLIMIT_STACK allows, at least 128 MiB and at most 5/6 of the space. */
export function mmapBaseFor(stackLimit: number): number {
  const gap = Math.min(Math.max(stackLimit + STACK_GUARD, 128 << 20), TASK_SIZE / 6 * 5);
  return pageDown(STACK_TOP - gap);
}

/** Addresses exceed 32 bits: page arithmetic is done on doubles. */
export const pageDown = (addr: number): number => addr - (addr % PAGE_SIZE);
export const pageUp = (addr: number): number => Math.ceil(addr / PAGE_SIZE) * PAGE_SIZE;
/** Virtual page number: below 2^26, an int32. */
export const vpnOf = (addr: number): number => (addr / PAGE_SIZE) | 0;
