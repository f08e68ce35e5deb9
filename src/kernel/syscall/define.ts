// How a system call is declared: one row with name, typed arguments, known gaps and handler. Decoding, strace and docs/syscalls.md derive from it.
import type { Task } from '../task/task.ts';
import type { Fields, Struct } from '../../lib/struct.ts';

/** A result for a0: a non-negative number, a negative errno, or BLOCKED / ERESTART*. */
export type SysResult = number;

/** How a 64-bit argument register becomes a JS number. */
export const AS_I32 = 1;    // low word, signed: int, fd
export const AS_U32 = 2;    // low word, unsigned: flags, modes, uids
export const AS_I64 = 3;    // signed 64 bit, exact below 2^53 in magnitude: offsets
export const AS_U64 = 4;    // unsigned 64 bit: sizes, pointers
export type Decoding = 1 | 2 | 3 | 4;

/** How strace prints an argument. */
export type ArgKind =
  | 'int' | 'uint' | 'long' | 'size' | 'hex' | 'fd' | 'dirfd' | 'path' | 'string' | 'flags' | 'one-of' | 'mode' | 'signal' | 'sigset' | 'pid'
  | 'in-buffer' | 'out-buffer' | 'in-struct' | 'out-struct' | 'in-ints' | 'out-ints' | 'iovec' | 'strings' | 'sockaddr' | 'ptr';

export interface Arg {
  readonly name: string;
  readonly as: Decoding;
  readonly kind: ArgKind;
  /** flags and one-of: names to values. */
  readonly names?: Readonly<Record<string, number>>;
  /** in-struct, out-struct: layout. */
  readonly struct?: Struct<Fields>;
  /** buffers: index of the argument that holds the length (out-buffers print what the result says). ints: how many. */
  readonly length?: number;
}

export const int = (name: string): Arg => ({ name, as: AS_I32, kind: 'int' });
export const uint = (name: string): Arg => ({ name, as: AS_U32, kind: 'uint' });
export const long = (name: string): Arg => ({ name, as: AS_I64, kind: 'long' });
export const size = (name: string): Arg => ({ name, as: AS_U64, kind: 'size' });
export const ptr = (name: string): Arg => ({ name, as: AS_U64, kind: 'ptr' });
export const hex = (name: string): Arg => ({ name, as: AS_U64, kind: 'hex' });
export const fd = (name: string): Arg => ({ name, as: AS_I32, kind: 'fd' });
export const dirfd = (name: string): Arg => ({ name, as: AS_I32, kind: 'dirfd' });
export const pid = (name: string): Arg => ({ name, as: AS_I32, kind: 'pid' });
export const mode = (name: string): Arg => ({ name, as: AS_U32, kind: 'mode' });
export const signal = (name: string): Arg => ({ name, as: AS_I32, kind: 'signal' });
/** A user pointer to a path / other NUL-terminated string. */
export const path = (name: string): Arg => ({ name, as: AS_U64, kind: 'path' });
export const string = (name: string): Arg => ({ name, as: AS_U64, kind: 'string' });
export const flags = (name: string, names: Readonly<Record<string, number>>): Arg => ({ name, as: AS_U32, kind: 'flags', names });
export const oneOf = (name: string, names: Readonly<Record<string, number>>): Arg => ({ name, as: AS_I32, kind: 'one-of', names });
export const inBuffer = (name: string, length: number): Arg => ({ name, as: AS_U64, kind: 'in-buffer', length });
export const outBuffer = (name: string, length: number): Arg => ({ name, as: AS_U64, kind: 'out-buffer', length });
export const inStruct = (name: string, struct: Struct<Fields>): Arg => ({ name, as: AS_U64, kind: 'in-struct', struct });
export const outStruct = (name: string, struct: Struct<Fields>): Arg => ({ name, as: AS_U64, kind: 'out-struct', struct });
export const outInts = (name: string, count: number): Arg => ({ name, as: AS_U64, kind: 'out-ints', length: count });
export const sigset = (name: string): Arg => ({ name, as: AS_U64, kind: 'sigset' });
/** argv-like: NULL-terminated array of strings. */
export const strings = (name: string): Arg => ({ name, as: AS_U64, kind: 'strings' });
export const iovec = (name: string, count: number): Arg => ({ name, as: AS_U64, kind: 'iovec', length: count });
export const sockaddr = (name: string, length: number): Arg => ({ name, as: AS_U64, kind: 'sockaddr', length });

export interface Syscall {
  readonly name: string;
  readonly args: readonly Arg[];
  /** What does not work (yet), for docs/syscalls.md; absent = complete. */
  readonly gaps?: string;
  /** True for calls that never return to their caller's pc the ordinary way (rt_sigreturn, exit, execve on success set the registers themselves): the dispatcher then leaves a0 and pc alone on a 0 result. */
  readonly setsRegisters?: boolean;
  run(t: Task, a0: number, a1: number, a2: number, a3: number, a4: number, a5: number): SysResult;
}

/** Declares a call. Handlers may take fewer parameters than six; arguments arrive decoded as declared. */
export const syscall = (def: Syscall): Syscall => def;
