// The hart's private words behind its architectural context (machine.ts), in the same frame: what the generated code and the hart tell each other.
import { CTX_SIZE } from '../machine.ts';

/** u32: base of the active read TLB; the write TLB follows it. */
export const CTX_TLB = CTX_SIZE;
/** i32: instructions left in this entry, may end below zero. */
export const CTX_FUEL = CTX_SIZE + 4;
/** i64: key of the active address space in the fetch TLB, space number << 52. */
export const CTX_SPACE = CTX_SIZE + 8;
/** i64: address of the access that missed. */
export const CTX_ADDRESS = CTX_SIZE + 16;
/** i64: address of the LR/SC reservation; -1 (odd, so no address matches) is none. */
export const CTX_RESERVED = CTX_SIZE + 24;
/** i64: the value that LR saw. */
export const CTX_RESERVED_VALUE = CTX_SIZE + 32;
/** u32: op pointer on leaving. */
export const CTX_OP = CTX_SIZE + 40;
/** i32: why translated code left. */
export const CTX_EXIT = CTX_SIZE + 44;

/** i32: instructions until the tier wants to know where the interpreter is; may end below zero. */
export const CTX_SLICE = CTX_SIZE + 48;
/** i64: pc at which translated code handed over to the interpreter, if that is what runs now; -2 while translated code runs, else -1. */
export const CTX_STRETCH = CTX_SIZE + 56;

/** u32: what is remembered of jumps holds if it was noted under this number (jit/jumps.ts). */
export const CTX_EPOCH = CTX_SIZE + 64;

/** Why generated code came back. pc and fuel are in the context; the instruction at pc has had no effect, except for EXIT_FUEL and EXIT_FETCH. */
export const EXIT_FUEL = 0;          // pc is the next instruction
export const EXIT_FETCH = 1;         // pc is not in the fetch TLB
export const EXIT_UNDECODED = 2;
export const EXIT_LOAD = 3;          // address not in the read TLB, or crossing a page
export const EXIT_STORE = 4;
export const EXIT_ATOMIC = 5;        // address not in the write TLB, or misaligned
export const EXIT_SLOW = 6;          // the row is executed by the hart
export const EXIT_ECALL = 7;
export const EXIT_TRANSLATED = 8;    // the op is the entry of translated code
export const EXIT_UNWIND = 9;        // a system call made from translated code asked to unwind
export const EXIT_AGAIN = 10;        // a system call has changed what translated code relies on: go on at pc
export const EXIT_SAMPLE = 11;       // the interpreter's slice ended, behind a taken jump or in front of translated code
export const EXIT_GROUP_LOAD = 12;   // accesses that share a check: the page of the address is not in the TLB, or not beside the one before it in RAM
export const EXIT_GROUP_STORE = 13;
