// Address space layout randomisation: how far each part of a new address space is moved, with the entropy that Linux has for riscv64 under Sv39
// (proc_sys_kernel(5), "randomize_va_space"; personality(2), ADDR_NO_RANDOMIZE). Off under a seed, until somebody writes to the setting.
import { ADDR_NO_RANDOMIZE } from '../../abi/sched.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { mmapBaseFor } from './layout.ts';

/** Bits of page number: vm.mmap_rnd_bits (mmap area, position-independent programs), stack (STACK_RND_MASK), heap (1 GiB). */
const MMAP_BITS = 18, STACK_BITS = 18, HEAP_BITS = 18;
/** Below the top of the stack, in steps of its alignment. */
const STACK_ALIGN_STEPS = 512, STACK_ALIGN = 16;

/** 0: nothing moves; 1: stack, mmap area, programs; 2: the heap, too. */
export type Randomization = 0 | 1 | 2;

/** Of a process as it executes a program. */
export function randomization(t: Task): Randomization {
  return (t.process.personality & ADDR_NO_RANDOMIZE) !== 0 ? 0 : t.kernel.randomizeVaSpace;
}

const pages = (t: Task, bits: number, from: Randomization): number => (randomization(t) < from ? 0 : t.kernel.random.below(2 ** bits) * PAGE_SIZE);

/** Distance of a position-independent program from its usual base. */
export const programOffset = (t: Task): number => pages(t, MMAP_BITS, 1);
/** Distance of the heap from the end of the program. */
export const heapOffset = (t: Task): number => pages(t, HEAP_BITS, 2);
/** How far below the top of the address space the stack begins, in whole pages. */
export const stackOffset = (t: Task): number => pages(t, STACK_BITS, 1);
/** How far below its top the stack's contents begin. */
export const stackPadding = (t: Task): number => (randomization(t) === 0 ? 0 : t.kernel.random.below(STACK_ALIGN_STEPS) * STACK_ALIGN);

/** Where mmap(2) starts to look, downwards. */
export function mmapBase(t: Task, stackLimit: number): number {
  const room = randomization(t) === 0 ? 0 : 2 ** STACK_BITS * PAGE_SIZE;
  return mmapBaseFor(stackLimit + room) - pages(t, MMAP_BITS, 1);
}
