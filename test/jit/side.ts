// One of the differ's two machines: code that is mapped at three places, pages of data of every kind, and a small kernel that answers faults and system calls
// and disturbs what it may. Everything it does follows from a seed, so that both machines see the same.
import { CTX_SIZE, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, TRAP_FETCH_FAULT, TRAP_LOAD_FAULT, TRAP_STORE_FAULT, type Trap } from '../../src/machine/machine.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';
import { addTranslator, type Translator, type TranslatorMode } from '../../src/machine/jit/translator.ts';
import type { TranslationStore } from '../../src/machine/jit/store.ts';
import { Random } from '../machine/random.ts';

/** The same frames of code at all of them: low, across 2^31, at the end of the lower half. */
export const PLACES = [0x10000, 0x7fffe000, 0x3fffff8000] as const;
export const CODE_PAGES = 5;
/** Where the code can be written, too. */
export const ALIAS = 0x60000;
export const DATA = 0x20000, STACK_TOP = 0x24000;
const RX = PTE_V | PTE_R | PTE_X | PTE_U, RW = PTE_V | PTE_R | PTE_W | PTE_U, RO = PTE_V | PTE_R | PTE_U, NONE = 0;
/** Addresses of the pages of data, and what they are at first. The first four hold the stack. */
const PAGES: readonly (readonly [va: number, flags: number])[] = [
  [DATA, RW], [DATA + 0x1000, RW], [DATA + 0x2000, RW], [DATA + 0x3000, RW], [0x28000, RO], [0x29000, RW], [0x2a000, NONE], [0x2b000, RW],
  [0x7ffff000 + 0x10000, RW], [0x80000000 + 0x10000, RO], [0x3fffffe000, NONE], [0x3ffffff000, RW],
];
/** Good bases of accesses: pages that lie beside one of another kind are met at their ends. */
export const BASE_PAGES = PAGES.map(([va]) => va);

interface Page { readonly va: number; flags: number; frame: number; spare: number }

export class Side {
  readonly m = new FlatMachine(16 << 20);
  readonly translator: Translator | null;
  readonly #data: readonly Page[];
  readonly #code: Page[];
  readonly #first: number;
  readonly #frames: number;
  /** Another address space, to be switched to and back. */
  readonly #other: number;
  #place = 0;
  #r = new Random(1);

  constructor(mode: TranslatorMode | 'off', store: TranslationStore | null = null) {
    const { m } = this, { hart } = m;
    const page = ([va, flags]: readonly [number, number]): Page => ({ va, flags, frame: m.frame(), spare: m.frame() });
    this.#data = PAGES.map(page);
    this.#code = Array.from({ length: CODE_PAGES }, (_, i) => page([i * 4096, RX]));
    this.#first = this.#data[0]!.frame;
    this.#frames = 2 * (PAGES.length + CODE_PAGES);
    this.#other = m.frame();
    this.translator = mode === 'off' ? null : addTranslator(hart, m.ram, mode, store);
    if (this.translator !== null) this.translator.alone = Infinity;
    this.translator?.makeCheap();
    hart.setEcallHandler({ ecall: () => this.#ecall() });
  }

  /** New code and new data, everything mapped as in the beginning. */
  load(code: Uint8Array, seed: number): void {
    const { u8, u32 } = this.m.ram, r = new Random(seed);
    for (const [i, p] of this.#code.entries()) {
      u8.fill(0, p.frame * 4096, p.frame * 4096 + 4096);
      u8.set(code.subarray(i * 4096, i * 4096 + 4096), p.frame * 4096);
    }
    // Another program, not one that has written its own code: what is translated may be kept.
    for (const p of this.#code) for (const pfn of [p.frame, p.spare]) this.m.hart.invalidateCode(pfn, 'evicted');
    for (const p of this.#data) for (let i = 0; i < 1024; i++) u32[p.frame * 1024 + i] = u32[p.spare * 1024 + i] = r.u32();
  }

  /** Ready for a run at `place`, whose accidents follow from `seed`. */
  reset(place: number, seed: number, context: Uint8Array): void {
    const { m } = this;
    this.#place = place;
    this.#r = new Random(seed);
    for (const [i, p] of this.#data.entries()) this.#set(p, PAGES[i]![1]);
    for (const p of this.#code) this.#set(p, RX);
    m.ram.u8.set(context, m.hart.base);
    m.hart.mmu.flushSpace(m.root);
    m.setPc(PLACES[place]!);
    m.hart.clearReservation();
  }

  /** Where `pc` is in the code of this place, or -1. */
  offsetOf(pc: number): number {
    const at = pc - PLACES[this.#place]!;
    return at >= 0 && at < CODE_PAGES * 4096 ? at : -1;
  }

  /** The half word at an offset of the code, mapped or not. */
  half(offset: number): number { return this.m.ram.u16[this.#code[offset >>> 12]!.frame * 2048 + ((offset & 4095) >>> 1)]!; }

  /** What the kernel does about a page fault: usually it makes the page accessible. False: the instruction is skipped. */
  repair(trap: Trap): boolean {
    const { tval } = this.m.hart, va = tval - tval % 4096;
    if (trap === TRAP_FETCH_FAULT) {
      const at = this.offsetOf(va);
      if (at < 0) return false;
      this.#set(this.#code[at >>> 12]!, RX);
      return true;
    }
    const page = this.#data.find(p => p.va === va) ?? this.#code.find(p => PLACES[this.#place]! + p.va === va || ALIAS + p.va === va);
    if (page === undefined || this.#r.below(4) === 0) return false;
    if (trap === TRAP_STORE_FAULT && page.flags === RO) this.#move(page);            // copy on write
    this.#set(page, this.#code.includes(page) ? this.#r.below(2) === 0 ? RX | PTE_W : RX : trap === TRAP_LOAD_FAULT && page.flags === NONE && this.#r.below(2) === 0 ? RO : RW);
    return trap === TRAP_LOAD_FAULT || (page.flags & PTE_W) !== 0;
  }

  /** A kernel's business while the program stands still. */
  disturb(): void {
    const { m } = this, { hart } = m, r = this.#r;
    const data = this.#data[r.below(this.#data.length)]!, code = this.#code[r.below(this.#code.length)]!;
    switch (r.below(30)) {
      case 0: this.#set(code, NONE); break;
      case 1: this.#move(code); this.#set(code, code.flags); break;
      case 2: this.#set(code, RX | PTE_W); break;
      case 3: hart.invalidateCode(code.frame, 'evicted'); break;
      case 4: hart.fenceI(); break;
      case 5: hart.fenceI(PLACES[this.#place]! + code.va, PLACES[this.#place]! + code.va + 4096); break;
      case 6: case 7: hart.mmu.flushSpace(m.root); break;
      case 8: case 9: hart.activate(this.#other); hart.activate(m.root); break;
      case 10: case 11: hart.clearReservation(); break;
      case 12: case 13: hart.mmu.flushPage(m.root, PLACES[this.#place]! + code.va); break;
      case 14: case 15: case 16: case 17: this.#set(data, RO); break;
      case 18: case 19: case 20: case 21: this.#set(data, NONE); break;
      case 22: case 23: case 24: case 25: this.#move(data); this.#set(data, data.flags); break;
      default: this.#set(data, RW);
    }
  }

  context(): Uint8Array { return this.m.ram.u8.subarray(this.m.hart.base, this.m.hart.base + CTX_SIZE - 4); }

  /** All frames, of data and of code. */
  memory(): Uint8Array { return this.m.ram.u8.subarray(this.#first * 4096, (this.#first + this.#frames) * 4096); }

  /** What a system call does depends on how many instructions have retired, which both sides must agree on. */
  #ecall(): number {
    const { m } = this, { hart } = m, what = hart.instret % 16;
    if (what === 0) return 1;
    m.setX(10, hart.instret);
    m.setPc(m.getPc() + (what === 1 ? 8 : 4));
    if (what === 2) hart.limitBudget(hart.instret % 5);
    if (what > 2 && what < 7) this.disturb();
    return 0;
  }

  #set(p: Page, flags: number): void {
    const { m } = this;
    p.flags = flags;
    if (!this.#code.includes(p)) { this.#map(p.va, flags, p.frame); return; }
    PLACES.forEach((start, i) => this.#map(start + p.va, i === this.#place ? flags : NONE, p.frame));
    this.#map(ALIAS + p.va, flags === NONE ? NONE : RW, p.frame);
    m.hart.invalidateCode(p.spare);
  }

  #map(va: number, flags: number, frame: number): void {
    this.m.map(va, flags, frame);
    this.m.hart.mmu.flushPage(this.m.root, va);
  }

  /** The page's content goes to its other frame. */
  #move(p: Page): void {
    const { u8 } = this.m.ram, { frame, spare } = p;
    u8.copyWithin(spare * 4096, frame * 4096, frame * 4096 + 4096);
    p.frame = spare;
    p.spare = frame;
    this.m.hart.invalidateCode(spare);
  }
}
