// Arguments as strace(1) prints them: names for flags, quoted strings, structs, arrays. Reads user memory of the current task only.
import { errnoName, strerror, isErr } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import * as sig from '../../abi/signal.ts';
import { major, minor, S_IFBLK, S_IFCHR, S_IFMT, Stat } from '../../abi/stat.ts';
import type { Fields, Struct } from '../../lib/struct.ts';
import type { Task } from '../task/task.ts';
import type { Arg } from '../syscall/define.ts';

const MAX_STRING = 32;
const MAX_ARRAY = 32;

/** Kinds whose value exists only after the call. */
export const isOutput = (a: Arg): boolean => a.kind === 'out-buffer' || a.kind === 'out-struct' || a.kind === 'out-ints';
const RESTARTS = -512;

/** One argument. `all`: decoded argument values; `result`: the call's, for output buffers. */
export function formatArg(t: Task, a: Arg, v: number, all: readonly number[], result: number): string {
  switch (a.kind) {
    case 'int': case 'uint': case 'long': case 'size': case 'pid': case 'fd': return String(v);
    case 'hex': return `0x${v.toString(16)}`;
    case 'dirfd': return v === AT_FDCWD ? 'AT_FDCWD' : String(v);
    case 'mode': return v === 0 ? '000' : `0${v.toString(8)}`;
    case 'signal': return signalName(v);
    case 'flags': return flagNames(v, a.names!);
    case 'one-of': return Object.entries(a.names!).find(([, n]) => n === v)?.[0] ?? String(v);
    case 'path': case 'string': return stringAt(t, v, a.kind === 'path' ? 4096 : MAX_STRING);
    case 'in-buffer': return bufferAt(t, v, all[a.length!]!);
    case 'out-buffer': return result < 0 ? pointer(v) : bufferAt(t, v, Math.min(result, all[a.length!]!));
    case 'in-struct': return structAt(t, v, a.struct!);
    case 'out-struct': return result < 0 ? pointer(v) : a.struct === Stat ? statAt(t, v) : structAt(t, v, a.struct!);
    case 'out-ints': return result < 0 ? pointer(v) : intsAt(t, v, a.length!);
    case 'in-ints': return intsAt(t, v, a.length!);
    case 'sigset': return sigsetAt(t, v);
    case 'strings': return stringsAt(t, v);
    case 'iovec': return iovecAt(t, v, all[a.length!]!);
    case 'sockaddr': return sockaddrAt(t, v, all[a.length!]!);
    case 'ptr': return pointer(v);
  }
}

/** The part behind `= `. */
export function formatResult(result: number, args: readonly Arg[]): string {
  if (result <= RESTARTS && result > -600) return `? ${errnoName(result)} (${strerror(result)})`;
  if (result < 0 && result > -4096) return `-1 ${errnoName(result)} (${strerror(result)})`;
  if (args.some(a => a.name === 'addr') && result > 65536) return pointer(result);
  return String(result);
}

export const signalName = (n: number): string => SIGNALS.get(n) ?? (n >= 34 && n <= 64 ? `SIGRT_${n - 32}` : String(n));

const SIGNALS = new Map<number, string>([['SIGRTMIN', 32] as const, ...Object.entries(sig)
  .filter((e): e is [string, number] => /^SIG[A-Z0-9]+$/.test(e[0]) && typeof e[1] === 'number' && e[1] > 0 && e[1] < 32 && !['SIGIOT', 'SIGPOLL'].includes(e[0]))]
  .map(([k, v]) => [v, k]));

export const pointer = (v: number): string => (v === 0 ? 'NULL' : `0x${v.toString(16)}`);

export function flagNames(v: number, names: Readonly<Record<string, number>>): string {
  let rest = v >>> 0;
  const out: string[] = [];
  for (const [name, bits] of Object.entries(names)) {
    const b = bits >>> 0;
    if (b === 0 || (rest & b) >>> 0 !== b) continue;
    out.push(name);
    rest = (rest & ~b) >>> 0;
  }
  const zero = Object.entries(names).find(([, b]) => b === 0)?.[0];
  if (zero !== undefined && /RDONLY/.test(zero) && !out.some(n => /WRONLY|RDWR/.test(n))) out.unshift(zero);
  if (rest !== 0) out.push(`0x${rest.toString(16)}`);
  return out.length === 0 ? zero ?? '0' : out.join('|');
}

export function stringAt(t: Task, at: number, max: number): string {
  if (at === 0) return 'NULL';
  let s = '';
  for (; s.length <= max; s += String.fromCharCode(t.user.value)) {
    if (isErr(t.user.loadU8(at + s.length))) return pointer(at);
    if (t.user.value === 0) return quote(s);
  }
  return `${quote(s.slice(0, max))}...`;
}

function bufferAt(t: Task, at: number, length: number): string {
  if (at === 0) return 'NULL';
  const bytes = new Uint8Array(Math.max(0, Math.min(length, MAX_STRING)));
  if (isErr(t.user.copyIn(at, bytes))) return pointer(at);
  return quote(String.fromCharCode(...bytes)) + (length > MAX_STRING ? '...' : '');
}

export function quote(s: string): string {
  const ESCAPES: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\f': '\\f', '\v': '\\v', '"': '\\"', '\\': '\\\\' };
  let out = '';
  for (let i = 0; i < s.length; i++) {
    const c = s[i]!, code = s.charCodeAt(i);
    const nextIsDigit = i + 1 < s.length && s[i + 1]! >= '0' && s[i + 1]! <= '9';
    out += ESCAPES[c] ?? (code >= 32 && code < 127 ? c : `\\${code.toString(8).padStart(nextIsDigit ? 3 : 1, '0')}`);
  }
  return `"${out}"`;
}

function structAt(t: Task, at: number, s: Struct<Fields>): string {
  if (at === 0) return 'NULL';
  const bytes = new Uint8Array(s.size);
  if (isErr(t.user.copyIn(at, bytes))) return pointer(at);
  return fieldsOf(s, s.view(bytes) as unknown as Record<string, unknown>);
}

/** What matters of a file: its type, and its size or device number. */
function statAt(t: Task, at: number): string {
  const v = Stat.view();
  if (at === 0 || isErr(t.user.copyIn(at, v.bytes))) return pointer(at);
  const device = (v.st_mode & S_IFMT) === S_IFCHR || (v.st_mode & S_IFMT) === S_IFBLK;
  const what = device ? `st_rdev=makedev(0x${major(v.st_rdev).toString(16)}, 0x${minor(v.st_rdev).toString(16)})` : `st_size=${v.st_size}`;
  return `{st_mode=${fileMode(v.st_mode)}, ${what}, ...}`;
}

function fieldsOf(s: Struct<Fields>, view: Record<string, unknown>): string {
  const out: string[] = [];
  for (const [name, field] of Object.entries(s.fields)) {
    const f = field as { kind: string };
    if (f.kind === 'scalar') out.push(`${name}=${scalar(name, view[name] as number)}`);
    else if (f.kind === 'struct') out.push(`${name}=${fieldsOf(field as Struct<Fields>, view[name] as Record<string, unknown>)}`);
    else if (f.kind === 'raw64') out.push(`${name}=0x${(((view[`${name}_hi`] as number) >>> 0) * 2 ** 32 + ((view[`${name}_lo`] as number) >>> 0)).toString(16)}`);
    else if (f.kind === 'bytes') out.push(`${name}=${quote(String.fromCharCode(...(view[name] as Uint8Array)).replace(/\0.*$/s, ''))}`);
  }
  return `{${out.join(', ')}}`;
}

const FILE_TYPES = new Map([[0o14, 'S_IFSOCK'], [0o12, 'S_IFLNK'], [0o10, 'S_IFREG'], [0o6, 'S_IFBLK'], [0o4, 'S_IFDIR'], [0o2, 'S_IFCHR'], [0o1, 'S_IFIFO']]);
const fileMode = (v: number): string => `${FILE_TYPES.get(v >>> 12) ?? `0${(v >>> 12).toString(8)}0000`}|0${(v & 0o7777).toString(8)}`;
const scalar = (name: string, v: number): string => (name === 'st_mode' ? fileMode(v) : name.endsWith('mode') ? `0${v.toString(8)}` : /addr|handler|flags|_sp$/.test(name) && v > 9 ? `0x${v.toString(16)}` : String(v));

function intsAt(t: Task, at: number, count: number): string {
  if (at === 0) return 'NULL';
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    if (isErr(t.user.loadI32(at + 4 * i))) return pointer(at);
    out.push(t.user.value);
  }
  return `[${out.join(', ')}]`;
}

function sigsetAt(t: Task, at: number): string {
  if (at === 0) return 'NULL';
  if (isErr(t.user.loadU64(at))) return pointer(at);
  return sigset(t.user.lo, t.user.hi);
}

/** [INT TERM], or ~[KILL STOP] if most are in. */
export function sigset(lo: number, hi: number): string {
  const names = signalsIn(lo, hi);
  return names.length > 32 ? `~[${signalsIn(~lo, ~hi).join(' ')}]` : `[${names.join(' ')}]`;
}

function signalsIn(lo: number, hi: number): string[] {
  const out: string[] = [];
  for (let i = 1; i <= 64; i++) if (((i <= 32 ? lo >>> (i - 1) : hi >>> (i - 33)) & 1) === 1) out.push(signalName(i).replace(/^SIG/, ''));
  return out;
}

function stringsAt(t: Task, at: number): string {
  if (at === 0) return 'NULL';
  const out: string[] = [];
  for (let p = at; out.length < MAX_ARRAY; p += 8) {
    if (isErr(t.user.loadU64(p))) return pointer(at);
    if (t.user.value === 0) return `[${out.join(', ')}]`;
    out.push(stringAt(t, t.user.value, MAX_STRING));
  }
  return `[${out.join(', ')}, ...]`;
}

function iovecAt(t: Task, at: number, count: number): string {
  const out: string[] = [];
  for (let i = 0; i < Math.min(count, MAX_ARRAY); i++) {
    if (isErr(t.user.loadU64(at + 16 * i))) return pointer(at);
    const base = t.user.value;
    if (isErr(t.user.loadU64(at + 16 * i + 8))) return pointer(at);
    const length = t.user.value;
    out.push(`{iov_base=${bufferAt(t, base, length)}, iov_len=${length}}`);
  }
  return `[${out.join(', ')}${count > MAX_ARRAY ? ', ...' : ''}]`;
}

function sockaddrAt(t: Task, at: number, length: number): string {
  if (at === 0) return 'NULL';
  const bytes = new Uint8Array(Math.max(0, Math.min(length, 128)));
  if (length < 2 || isErr(t.user.copyIn(at, bytes))) return pointer(at);
  const family = bytes[0]! | (bytes[1]! << 8);
  const text = (from: number): string => String.fromCharCode(...bytes.subarray(from)).replace(/\0.*$/s, '');
  if (family === 1) return `{sa_family=AF_UNIX, sun_path=${bytes[2] === 0 ? `@${quote(text(3))}` : quote(text(2))}}`;
  const port = (bytes[2]! << 8) | bytes[3]!;
  if (family === 2) return `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("${bytes.subarray(4, 8).join('.')}")}`;
  return `{sa_family=${family === 10 ? 'AF_INET6' : family}, sin6_port=htons(${port}), ...}`;
}
