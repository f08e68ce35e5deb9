// The interpreter against the translator: the same random program on two machines, each run at random pieces of budget, with faults that a kernel repairs and
// its other business in between; all state is compared at every trap and every exhausted budget.
import assert from 'node:assert/strict';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import { TRAP_BREAKPOINT, TRAP_BUDGET, TRAP_ECALL, TRAP_FETCH_FAULT, TRAP_LOAD_FAULT, TRAP_STORE_FAULT, type Trap } from '../../src/machine/machine.ts';
import type { TranslationStore } from '../../src/machine/jit/store.ts';
import type { TranslatorMode } from '../../src/machine/jit/translator.ts';
import { Random } from '../machine/random.ts';
import { FloatProgram, ordinaryFloats } from './float-program.ts';
import { randomContext, RandomProgram } from './random-program.ts';
import { WalkProgram } from './walk-program.ts';
import { CODE_PAGES, PLACES, Side } from './side.ts';

/** Times a program is run: at another place, with other data and other accidents. */
const ROUNDS = 2;
/** A run is given up after so many traps and preemptions. */
const STEPS = 30, HOT_STEPS = 400;

/** all: of everything a little. float: programs that compute. walk: that go through memory. hot: interpreters that run for long, with few accidents. */
export type DifferKind = 'all' | 'float' | 'walk' | 'hot';

export class Differ {
  readonly plain = new Side('off');
  readonly translated: Side;
  programs = 0;
  blocks = 0;
  /** By trap. */
  readonly traps = new Uint32Array(8);
  /** Page faults after which the program went on with the same instruction. */
  repaired = 0;

  readonly #kind: DifferKind;

  constructor(mode: TranslatorMode, kind: DifferKind = 'all', store: TranslationStore | null = null) {
    this.translated = new Side(mode, store);
    this.#kind = kind;
  }

  /** Runs one random program on both. */
  run(seed: number): void {
    const r = new Random(seed * 2654435761 + 1);
    const program = this.#program(r), { bytes } = assemble(program.lines.join('\n'), PLACES[0]);
    if (bytes.length > CODE_PAGES * 4096) return;
    this.programs++;
    this.blocks += program.blocks;
    for (const s of [this.plain, this.translated]) s.load(bytes, seed);
    for (let round = 0; round < ROUNDS; round++) this.#round(r, seed, round);
  }

  #program(r: Random): { readonly lines: readonly string[]; readonly blocks: number } {
    switch (this.#kind) {
      case 'float': return new FloatProgram(r);
      case 'walk': return new WalkProgram(r);
      case 'hot': return new RandomProgram(r, 'threaded');
      case 'all': return new RandomProgram(r, 'functions');
    }
  }

  #round(r: Random, seed: number, round: number): void {
    const { plain, translated } = this, place = r.below(PLACES.length), context = randomContext(r, place), accidents = r.u32();
    if (this.#kind === 'float') ordinaryFloats(r, context);
    for (const s of [plain, translated]) s.reset(place, accidents, context);
    const isHot = this.#kind === 'hot';
    for (let step = 0; step < (isHot ? HOT_STEPS : STEPS); step++) {
      const budget = isHot && r.below(3) === 0 ? 40_000 : r.below(4) === 0 ? 5000 : 1 + r.below(r.below(2) === 0 ? 30 : 3000);
      const before = plain.m.hart.instret, beforeTranslated = translated.m.hart.instret;
      const trap = plain.m.hart.run(budget), other = translated.m.hart.run(budget);
      const where = (): string => `seed ${seed}, round ${round}, step ${step}, budget ${budget}, pc ${plain.m.getPc().toString(16)} ${translated.m.getPc().toString(16)}`;
      if (other !== trap) assert.fail(`trap ${other} instead of ${trap}: ${where()}`);
      this.#compare(where);
      if (translated.m.hart.instret - beforeTranslated !== plain.m.hart.instret - before) assert.fail(`instret: ${where()}`);
      if (trap !== TRAP_BUDGET && trap !== TRAP_ECALL && translated.m.hart.tval !== plain.m.hart.tval) assert.fail(`tval: ${where()}`);
      this.traps[trap]!++;
      if (r.below(isHot ? 40 : 6) === 0) { plain.disturb(); translated.disturb(); }
      if (trap !== TRAP_BUDGET && !this.#goOn(trap)) return;
    }
  }

  /** Repairs what faulted, or goes on behind the instruction. False: the program has ended. */
  #goOn(trap: Trap): boolean {
    const { plain, translated } = this, pc = plain.m.getPc();
    if (trap === TRAP_LOAD_FAULT || trap === TRAP_STORE_FAULT || trap === TRAP_FETCH_FAULT) {
      const repaired = plain.repair(trap);
      assert.equal(translated.repair(trap), repaired);
      if (repaired) { this.repaired++; return true; }
    }
    const at = plain.offsetOf(pc);
    if (at < 0 || trap === TRAP_FETCH_FAULT) return false;
    const half = plain.half(at), isLong = (half & 3) === 3;
    if (trap === TRAP_BREAKPOINT && !isLong) return false;
    for (const s of [plain, translated]) s.m.setPc(pc + (isLong ? 4 : 2));
    return true;
  }

  #compare(where: () => string): void {
    const { plain, translated } = this, a = plain.context(), b = translated.context();
    if (Buffer.compare(a, b) !== 0) {
      const i = a.findIndex((v, k) => v !== b[k]);
      assert.fail(`${i < 256 ? `x${i >>> 3}` : i < 512 ? `f${i - 256 >>> 3}` : i < 520 ? 'pc' : 'fcsr'} (byte ${i}): ${where()}`);
    }
    const m = plain.memory(), n = translated.memory();
    if (Buffer.compare(m, n) === 0) return;
    const i = m.findIndex((v, k) => v !== n[k]);
    assert.fail(`memory: frame ${i >>> 12}, byte ${i & 4095}: ${where()}`);
  }
}
