// ELF files as execve(2) needs them: validation of the headers and the list of segments (elf(5), ELF psABI for RISC-V).
import { type Fallible, EIO, ELIBBAD, ENOEXEC, isErr } from '../../abi/errno.ts';
import {
  ELFCLASS64, ELFDATA2LSB, EM_RISCV, ET_DYN, ET_EXEC, PF_R, PF_W, PF_X, PT_GNU_STACK, PT_INTERP, PT_LOAD, PT_PHDR,
} from '../../abi/elf.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { Task } from './task.ts';

export interface Segment { vaddr: number; offset: number; filesz: number; memsz: number; prot: number; align: number }

export interface ElfImage {
  readonly file: OpenFile;
  readonly type: 'fixed' | 'position-independent';
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** Path of PT_INTERP, '' if static. */
  readonly interp: string;
  /** Address of the program headers as linked, for AT_PHDR; 0 if they are not loaded. */
  readonly phdrAddr: number;
  readonly phnum: number;
  readonly stackExec: boolean;
  /** Extent of the loaded image as linked, page-aligned outwards. */
  readonly start: number;
  readonly end: number;
}

const EHDR_SIZE = 64, PHDR_SIZE = 56, MAX_PHNUM = 512;
const USER_END = 0x40_0000_0000;

/** Parses and checks a file. `role` chooses the errno for malformed input: a broken interpreter is ELIBBAD. */
export function readElf(t: Task, file: OpenFile, role: 'program' | 'interpreter'): Fallible<ElfImage> {
  const bad = role === 'program' ? ENOEXEC : ELIBBAD;
  const head = readAt(t, file, 0, EHDR_SIZE);
  if (isErr(head)) return head;
  if (head.length < EHDR_SIZE || !isElf(head)) return bad;
  const d = new DataView(head.buffer);
  const type = d.getUint16(16, true);
  if (head[4] !== ELFCLASS64 || head[5] !== ELFDATA2LSB || d.getUint16(18, true) !== EM_RISCV || (type !== ET_EXEC && type !== ET_DYN)) return bad;
  const phnum = d.getUint16(56, true);
  const phoff = number64(d, 32);
  if (d.getUint16(54, true) !== PHDR_SIZE || phnum === 0 || phnum > MAX_PHNUM) return bad;
  const table = readAt(t, file, phoff, phnum * PHDR_SIZE);
  if (isErr(table)) return table;
  if (table.length < phnum * PHDR_SIZE) return bad;

  const ph = new DataView(table.buffer);
  const segments: Segment[] = [];
  let interp = '', phdrAddr = 0, stackExec = false, start = Infinity, end = 0;
  for (let i = 0; i < phnum; i++) {
    const p = readPhdr(ph, i * PHDR_SIZE);
    if (p.type === PT_GNU_STACK) stackExec = (p.flags & PF_X) !== 0;
    if (p.type === PT_PHDR) phdrAddr = p.vaddr;
    if (p.type === PT_INTERP && role === 'program') {
      const name = readInterp(t, file, p.offset, p.filesz);
      if (isErr(name)) return name;
      interp = name;
    }
    if (p.type !== PT_LOAD || p.memsz === 0) continue;
    if (p.filesz > p.memsz || p.vaddr + p.memsz > USER_END || p.vaddr % 4096 !== p.offset % 4096) return bad;
    segments.push({ vaddr: p.vaddr, offset: p.offset, filesz: p.filesz, memsz: p.memsz, prot: protOf(p.flags), align: p.align });
    start = Math.min(start, p.vaddr - (p.vaddr % 4096));
    end = Math.max(end, Math.ceil((p.vaddr + p.memsz) / 4096) * 4096);
    if (phdrAddr === 0 && p.offset <= phoff && phoff + phnum * PHDR_SIZE <= p.offset + p.filesz) phdrAddr = p.vaddr + phoff - p.offset;
  }
  if (segments.length === 0) return bad;
  return {
    file, type: type === ET_EXEC ? 'fixed' : 'position-independent', entry: number64(d, 24), segments, interp, phdrAddr, phnum, stackExec, start, end,
  };
}

/** `\x7fELF` */
export const isElf = (b: Uint8Array): boolean => b[0] === 0x7f && b[1] === 0x45 && b[2] === 0x4c && b[3] === 0x46;

/** Up to `length` bytes of a file at `offset`, short at its end; also BLOCKED while they travel. */
export function readAt(t: Task, file: OpenFile, offset: number, length: number): Fallible<Uint8Array<ArrayBuffer>> {
  const buffer = new KernelBuffer(new Uint8Array(length));
  while (buffer.remaining > 0) {
    const n = file.read(t, buffer, offset + buffer.done);
    if (isErr(n)) return n;
    if (n === 0) break;
  }
  return buffer.bytes.slice(0, buffer.done) as Uint8Array<ArrayBuffer>;
}

function readInterp(t: Task, file: OpenFile, offset: number, size: number): Fallible<string> {
  if (size < 2 || size > 4096) return ENOEXEC;
  const bytes = readAt(t, file, offset, size);
  if (isErr(bytes)) return bytes;
  if (bytes.length < size) return EIO;
  if (bytes[size - 1] !== 0) return ENOEXEC;
  let s = '';
  for (let i = 0; i < size - 1; i++) s += String.fromCharCode(bytes[i]!);
  return s;
}

interface Phdr { type: number; flags: number; offset: number; vaddr: number; filesz: number; memsz: number; align: number }

function readPhdr(d: DataView, at: number): Phdr {
  return {
    type: d.getUint32(at, true), flags: d.getUint32(at + 4, true), offset: number64(d, at + 8), vaddr: number64(d, at + 16),
    filesz: number64(d, at + 32), memsz: number64(d, at + 40), align: number64(d, at + 48),
  };
}

const number64 = (d: DataView, at: number): number => d.getUint32(at + 4, true) * 2 ** 32 + d.getUint32(at, true);
const protOf = (f: number): number => (f & PF_R ? PROT_READ : 0) | (f & PF_W ? PROT_WRITE : 0) | (f & PF_X ? PROT_EXEC : 0);

