// Random programs that walk through memory: loops whose registers move by constants over pages of every kind, upwards and downwards, with ways around and out.
import { BASE_PAGES } from './side.ts';
import type { Random } from '../machine/random.ts';

/** Registers that walk, and those for values. */
const WALKERS = [20, 21, 22, 23, 8], VALUES = [5, 6, 10, 11, 12];
const STRIDES = [0, 8, 8, 4, 1, 2, 16, 24, 56, 256, 264, -8, -1, -4, -48];
const COMPUTING = ['add', 'addw', 'xor', 'sub', 'and', 'sllw', 'srl', 'sltu', 'mulw'], BY_CONSTANT = ['addi', 'addiw', 'slliw', 'srliw', 'slli', 'srli', 'srai', 'andi', 'xori'];
/** Distances that a TLB may reach, as lui has them. */
const REACHES = [0x1000, 0x2000, 0x4000];
const LOADS = ['lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld'], STORES = ['sb', 'sh', 'sw', 'sd'];

export class WalkProgram {
  readonly lines: string[] = ['f0:'];
  blocks = 0;
  readonly #r: Random;
  #labels = 0;

  constructor(r: Random) {
    this.#r = r;
    for (let n = 1 + r.below(4); n > 0; n--) {
      if (r.below(3) !== 0) { this.#loop(); continue; }
      const id = this.#labels++;
      this.lines.push(`li s2, ${1 + r.below(6)}`, `o${id}:`);
      this.#loop();
      if (r.below(2) === 0) this.lines.push(`addi x${this.#walker()}, x${this.#walker()}, ${r.below(400)}`);
      this.lines.push('addi s2, s2, -1', `bnez s2, o${id}`);
    }
    this.lines.push('ebreak');
  }

  #loop(): void {
    const r = this.#r, { lines } = this, id = this.#labels++;
    if (r.below(2) === 0) lines.push(`li x${this.#walker()}, ${BASE_PAGES[r.below(BASE_PAGES.length)]! + r.below(4096)}`);
    lines.push(`li s1, ${r.below(3) === 0 ? 1 + r.below(6) : 1 + r.below(700)}`, `l${id}:`);
    this.#body();
    if (r.below(3) === 0) lines.push(`${r.below(2) === 0 ? 'beq' : 'bltu'} x${this.#value()}, x${this.#value()}, m${id}`);
    this.#body();
    if (r.below(4) === 0) lines.push(`m${id}:`);
    for (const w of WALKERS.slice(0, 1 + r.below(WALKERS.length))) {
      const stride = STRIDES[r.below(STRIDES.length)]!;
      if (stride !== 0) lines.push(`addi x${w}, x${w}, ${stride}`);
      if (r.below(12) === 0) lines.push(`add x${w}, x${w}, s1`);
    }
    if (lines.every(l => l !== `m${id}:`)) lines.push(`m${id}:`);
    if (r.below(8) === 0) lines.push(`beq x${this.#value()}, x${this.#value()}, e${id}`);
    if (r.below(15) === 0) lines.push('ecall');
    lines.push('addi s1, s1, -1', `${r.below(4) === 0 ? 'bgtz' : 'bnez'} s1, l${id}`, `e${id}:`);
    this.blocks += 4;
  }

  /** What a round does beside its accesses, moves among it. */
  #compute(): void {
    const r = this.#r, to = `x${this.#value()}`, from = `x${this.#value()}`;
    switch (r.below(4)) {
      case 0: this.lines.push(`${['mv', 'sext.w', 'not'][r.below(3)]} ${to}, ${from}`); break;
      case 1: this.lines.push(`${BY_CONSTANT[r.below(BY_CONSTANT.length)]} ${to}, ${from}, ${r.below(32)}`); break;
      default: this.lines.push(`${COMPUTING[r.below(COMPUTING.length)]} ${to}, ${from}, x${this.#value()}`);
    }
  }

  #body(): void {
    const r = this.#r, { lines } = this;
    for (let n = r.below(10); n > 0; n--) {
      const offset = r.below(4) === 0 ? r.below(128) - 64 : 8 * (r.below(8) - 4), place = `${offset}(x${this.#walker()})`;
      switch (r.below(10)) {
        case 9: this.#chase(place); break;
        case 0: case 1: lines.push(`${LOADS[r.below(LOADS.length)]} x${this.#value()}, ${place}`); break;
        case 2: case 3: lines.push(`${STORES[r.below(STORES.length)]} x${this.#value()}, ${place}`); break;
        default: this.#compute();
      }
    }
  }

  /** Goes where something that is loaded says: up to three pages on, or to what has the same place in the TLB as a page that is there. */
  #chase(place: string): void {
    const r = this.#r, { lines } = this, link = `x${this.#value()}`, far = REACHES[r.below(20)];
    lines.push(`${r.below(3) === 0 ? LOADS[r.below(LOADS.length)]! : 'ld'} ${link}, ${place}`, `srli ${link}, ${link}, ${[51, 51, 53, 58, 0][r.below(5)]!}`, `add x24, ${link}, x${this.#walker()}`);
    if (r.below(2) === 0) lines.push('andi x24, x24, -8');
    if (far !== undefined) lines.push(`lui ${link}, ${far}`, `add x24, x24, ${link}`);
    for (let n = 1 + r.below(3); n > 0; n--) {
      const insn = r.below(4) === 0 ? STORES[r.below(STORES.length)]! : LOADS[r.below(LOADS.length)]!;
      lines.push(`${insn} x${this.#value()}, ${8 * r.below(4)}(x24)`);
    }
  }

  #walker(): number { return WALKERS[this.#r.below(WALKERS.length)]!; }
  #value(): number { return VALUES[this.#r.below(VALUES.length)]!; }
}
