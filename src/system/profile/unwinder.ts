// From a sample to a stack of names, afterwards. Callers come from the call frame information of the files (.eh_frame, which distributions leave in stripped
// programs, too), or from the instructions of the function (prologue.ts). Where there is neither, in generated code: from the frame pointer if s0 looks like
// one, and at the top from ra, which may name a caller that has already been left. What is beyond the copied part of the stack is missing.
import { latin1Encode } from '../../lib/utf8.ts';
import { ElfImage } from './elf-image.ts';
import { FrameRule } from './call-frames.ts';
import { SIGRETURN_OFFSET } from '../../kernel/task/vdso/image.ts';
import { vdsoImage } from '../../kernel/task/vdso/vdso.ts';
import type { Module, Sample } from './profiler.ts';

const RA = 1, SP = 2, S0 = 8;
const MOST_FRAMES = 256;
const VDSO = '[vdso]';
/** asm/sigcontext.h of riscv in the frame of a signal handler: siginfo (128 bytes), ucontext up to its registers (176 bytes); first of them is pc. */
const SIGNAL_REGISTERS = 128 + 176;
/** Function and file it is in. */
export interface Frame { readonly name: string; readonly file: string }

interface Place { readonly module: Module; readonly image: ElfImage | null; readonly address: number }

export class Unwinder {
  readonly #read: (path: string) => Uint8Array | null;
  readonly #images = new Map<string, ElfImage | null>();
  readonly #frames = new Map<string, Frame>();
  readonly #rule = new FrameRule();

  /** `read`: a file of the guest by path, null if it is not there (any more). */
  constructor(read: (path: string) => Uint8Array | null) { this.#read = read; }

  /** Innermost first. */
  unwind(s: Sample): Frame[] {
    const frames: Frame[] = [], x = s.x.slice(), stack = new DataView(s.stack.buffer, s.stack.byteOffset, s.stack.length), base = s.x[SP]!;
    // A return address is behind the call: it may be the first of the next function. Nobody has called what handlers return to.
    for (let pc = s.pc, back = 0; frames.length < MOST_FRAMES; back = 1) {
      const place = this.#placeOf(s, isTrampoline(s, pc) ? pc : pc - back);
      if (place === null) {
        if (frames.length === 0) frames.push(this.#frame('(unmapped)', ''));
        break;
      }
      frames.push(this.#nameOf(place));
      const from = x[SP]!;
      pc = isTrampoline(s, pc) ? interrupted(x, stack, base) : this.#caller(place, x, stack, base, s, frames.length === 1);
      if (pc <= 0 || x[SP]! < from || (x[SP] === from && back === 1)) break;
    }
    return frames;
  }

  /** Changes `x` into the caller's registers: its pc, or 0. */
  #caller({ image, address }: Place, x: Float64Array, stack: DataView, base: number, s: Sample, top: boolean): number {
    const rule = this.#rule;
    if (image === null || !image.ruleAt(address, rule)) return byFramePointer(x, stack, base, top ? pc => isTrampoline(s, pc) || this.#placeOf(s, pc - 1) !== null : null);
    if (rule.isUndefined(RA)) return 0;
    const cfa = x[rule.cfaRegister]! + rule.cfaOffset;
    for (let r = 1; r < 32; r++) {
      if (!rule.isSaved(r)) continue;
      const value = load(stack, cfa + rule.saved[r]! - base);
      if (value < 0) return 0;
      x[r] = value;
    }
    x[SP] = cfa;
    return x[RA]!;
  }

  #placeOf(s: Sample, pc: number): Place | null {
    const module = s.modules.find(m => pc >= m.start && pc < m.end);
    if (module === undefined) return null;
    const image = this.#imageOf(module.path), address = image?.addressOf(pc - module.start + module.offset) ?? -1;
    return { module, image: address < 0 ? null : image, address };
  }

  #imageOf(path: string): ElfImage | null {
    let image = this.#images.get(path);
    if (image === undefined) {
      const bytes = path === VDSO ? vdsoImage() : path.startsWith('/') ? this.#read(path) : null;
      image = bytes === null ? null : ElfImage.parse(bytes);
      this.#images.set(path, image);
    }
    return image;
  }

  #nameOf({ module, image, address }: Place): Frame {
    const file = module.path === '' ? '[generated code]' : module.path;
    const name = image?.nameOf(address) ?? '', short = file.slice(file.lastIndexOf('/') + 1);
    return this.#frame(name === '' ? short : name.startsWith('+') ? short + name : name, file);
  }

  /** The same object for the same function. File names are byte strings in the kernel. */
  #frame(name: string, file: string): Frame {
    const key = `${name}\0${file}`;
    const known = this.#frames.get(key) ?? { name: text(name), file: text(file) };
    this.#frames.set(key, known);
    return known;
  }
}

function isTrampoline({ modules }: Sample, pc: number): boolean {
  return modules.some(m => m.path === VDSO && pc >= m.start + SIGRETURN_OFFSET && pc < m.start + SIGRETURN_OFFSET + 8);
}

/** Layout of frames with -fno-omit-frame-pointer (riscv ELF psABI, "Frame Pointer Convention"): s0 = CFA, ra at -8, the caller's s0 at -16. */
function byFramePointer(x: Float64Array, stack: DataView, base: number, plausible: ((pc: number) => boolean) | null): number {
  const cfa = x[S0]!, ra = load(stack, cfa - 8 - base), s0 = load(stack, cfa - 16 - base);
  if (plausible !== null && (ra <= 0 || !plausible(ra))) return plausible(x[RA]!) ? x[RA]! : 0;
  if (ra <= 0 || s0 < 0) return 0;
  x[SP] = cfa;
  x[S0] = s0;
  return ra;
}

/** At the code to which signal handlers return: back to what the signal interrupted. */
function interrupted(x: Float64Array, stack: DataView, base: number): number {
  const at = x[SP]! + SIGNAL_REGISTERS - base;
  const pc = load(stack, at);
  for (let r = 1; r < 32; r++) x[r] = load(stack, at + 8 * r);
  // What follows is no return address: the unwinder looks one byte before it.
  return pc < 0 ? 0 : pc + 1;
}

function load(stack: DataView, at: number): number {
  return at >= 0 && at + 8 <= stack.byteLength ? stack.getUint32(at + 4, true) * 2 ** 32 + stack.getUint32(at, true) : -1;
}

const text = (bytes: string): string => new TextDecoder().decode(latin1Encode(bytes));
