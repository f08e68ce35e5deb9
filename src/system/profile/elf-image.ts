// An ELF file (elf(5)) as a profile needs it: where file offsets are in its own addresses, names of its functions, and its call frame information.
import { PT_LOAD, SHT_DYNSYM, SHT_SYMTAB } from '../../abi/elf.ts';
import { latin1Decode as latin1 } from '../../lib/utf8.ts';
import { CallFrames, type FrameRule } from './call-frames.ts';
import { ruleFromCode } from './prologue.ts';

const STT_NOTYPE = 0, STT_FUNC = 2, STT_GNU_IFUNC = 10;
const SYM_BYTES = 24;

interface Segment { readonly offset: number; readonly end: number; readonly vaddr: number }
interface Section { readonly name: string; readonly type: number; readonly addr: number; readonly offset: number; readonly size: number; readonly link: number }
interface Symbol { readonly start: number; readonly end: number; readonly name: string }

export class ElfImage {
  readonly #frames: CallFrames;
  readonly #view: DataView;
  readonly #segments: Segment[] = [];
  /** By address; none twice at the same. */
  readonly #symbols: readonly Symbol[];

  /** Null for what is not a little-endian 64-bit ELF file, or is damaged. */
  static parse(bytes: Uint8Array): ElfImage | null {
    if (bytes.length < 64 || bytes[0] !== 0x7f || latin1(bytes.subarray(1, 4)) !== 'ELF' || bytes[4] !== 2 || bytes[5] !== 1) return null;
    try {
      return new ElfImage(bytes);
    } catch {
      return null;    // offsets that lead out of the file
    }
  }

  private constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = view;
    const phoff = Number(view.getBigUint64(32, true)), phentsize = view.getUint16(54, true), phnum = view.getUint16(56, true);
    for (let i = 0, at = phoff; i < phnum; i++, at += phentsize) {
      if (view.getUint32(at, true) !== PT_LOAD) continue;
      const offset = word(view, at + 8);
      this.#segments.push({ offset, end: offset + word(view, at + 32), vaddr: word(view, at + 16) });
    }
    const sections = sectionsOf(view, bytes);
    const table = sections.find(s => s.type === SHT_SYMTAB) ?? sections.find(s => s.type === SHT_DYNSYM);
    this.#symbols = table === undefined ? [] : symbolsOf(view, bytes, table, sections[table.link]!.offset);
    const eh = sections.find(s => s.name === '.eh_frame');
    this.#frames = new CallFrames(eh === undefined ? new DataView(new ArrayBuffer(0)) : new DataView(bytes.buffer, bytes.byteOffset + eh.offset, eh.size), eh?.addr ?? 0);
  }

  /** The file's own address of what is at `offset` in it; -1: not loaded. A mapping is whole pages and shows more than its segment. */
  addressOf(offset: number): number {
    const page = offset - offset % 4096;
    const s = this.#segments.find(g => offset >= g.offset && offset < g.end) ?? this.#segments.find(g => g.offset >= page && g.offset < page + 4096);
    return s === undefined ? -1 : s.vaddr + offset - s.offset;
  }

  /** The function around `address`: by symbol, or, in stripped files, by where its call frame information begins ('+1a2b4'); '' if nothing is known. */
  nameOf(address: number): string {
    const s = this.#symbolAt(address);
    if (s !== undefined) return s.name;
    const start = this.#frames.startOf(address);
    return start < 0 ? '' : `+${start.toString(16)}`;
  }

  /** How to find the caller from `address`: by call frame information, else by the code of the function. False: no idea. */
  ruleAt(address: number, rule: FrameRule): boolean {
    if (this.#frames.ruleAt(address, rule)) return true;
    const s = this.#symbolAt(address);
    if (s === undefined) return false;
    const g = this.#segments.find(p => s.start >= p.vaddr && s.start - p.vaddr < p.end - p.offset);
    return g !== undefined && ruleFromCode(this.#view, s.start - g.vaddr + g.offset, address - g.vaddr + g.offset, rule);
  }

  #symbolAt(address: number): Symbol | undefined {
    let low = 0, high = this.#symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#symbols[middle]!.start <= address) low = middle + 1; else high = middle;
    }
    const s = this.#symbols[low - 1];
    return s !== undefined && address < s.end ? s : undefined;
  }
}

function sectionsOf(view: DataView, bytes: Uint8Array): Section[] {
  const shoff = word(view, 40), entry = view.getUint16(58, true), count = view.getUint16(60, true), strings = view.getUint16(62, true);
  const all: Section[] = [];
  if (shoff === 0 || count === 0) return all;
  const names = word(view, shoff + strings * entry + 24);
  for (let i = 0, at = shoff; i < count; i++, at += entry) {
    all.push({
      name: text(bytes, names + view.getUint32(at, true)), type: view.getUint32(at + 4, true), addr: word(view, at + 16), offset: word(view, at + 24),
      size: word(view, at + 32), link: view.getUint32(at + 40, true),
    });
  }
  return all;
}

function symbolsOf(view: DataView, bytes: Uint8Array, table: Section, strings: number): Symbol[] {
  const found: { start: number; size: number; name: number }[] = [];
  for (let at = table.offset; at + SYM_BYTES <= table.offset + table.size; at += SYM_BYTES) {
    const type = view.getUint8(at + 4) & 15, start = word(view, at + 8), name = view.getUint32(at, true);
    if (start === 0 || view.getUint16(at + 6, true) === 0 || name === 0 || (type !== STT_FUNC && type !== STT_GNU_IFUNC && type !== STT_NOTYPE)) continue;
    // Mapping symbols ($x, $d; ELF psABI) and local labels are no functions.
    const first = bytes[strings + name]!;
    if (first === 0x24 || first === 0x2e) continue;
    found.push({ start, size: word(view, at + 16), name: strings + name });
  }
  found.sort((a, b) => a.start - b.start || b.size - a.size);
  const symbols: Symbol[] = [];
  for (const [i, { start, size, name }] of found.entries()) {
    if (i > 0 && found[i - 1]!.start === start) continue;
    symbols.push({ start, end: size > 0 ? start + size : found.find((f, j) => j > i && f.start > start)?.start ?? start + 1, name: text(bytes, name) });
  }
  return symbols;
}

function text(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return latin1(bytes.subarray(at, end < 0 ? at : end));
}

const word = (view: DataView, at: number): number => view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
