// Suite cpu: the translator's generator (generator.ts); then the bare hart without a kernel, interpreter and translator in alternation. Kernels from
// bench/guest/cpu.c; instructions are counted exactly, time is wall time of the best of four.
import { readFileSync } from 'node:fs';
import { FlatMachine } from '../src/machine/hart/flat.ts';
import { addTranslator } from '../src/machine/jit/translator.ts';
import { TRAP_BREAKPOINT } from '../src/machine/machine.ts';
import { suite as generator } from './generator.ts';
import type { Suite } from './suite.ts';

const KERNELS = [['fib', 100], ['sha', 4000], ['core', 150], ['bytes', 60], ['nbody', 20_000], ['ecall', 300_000]] as const;
const TIERS = ['interpreted', 'translated'] as const;
const ROUNDS = 4;
const STACK = 0x7f000000, STACK_SIZE = 0x10000, A0 = 10, A1 = 11, SP = 2;

export const suite: Suite = {
  name: 'cpu',
  run(report) {
    void generator.run(report);
    const start = performance.now();
    const contenders = TIERS.map(tier => ({ tier, m: machine(tier), best: Infinity, instructions: 0 }));
    report('create two machines', performance.now() - start, 'ms');
    KERNELS.forEach(([name, rounds], which) => {
      for (const c of contenders) c.best = Infinity;
      for (let i = 0; i < ROUNDS; i++) for (const c of contenders) {
        const { m, entry } = c.m;
        m.setX(SP, STACK + STACK_SIZE);
        m.setX(A0, which);
        m.setX(A1, rounds);
        m.setPc(entry);
        const from = m.hart.instret, t0 = performance.now();
        const trap = m.hart.run(2 ** 40);
        if (trap !== TRAP_BREAKPOINT) throw new Error(`${name}: trap ${trap} at ${m.getPc().toString(16)}, ${m.hart.tval.toString(16)}`);
        c.best = Math.min(c.best, performance.now() - t0);
        c.instructions = m.hart.instret - from;
      }
      for (const { tier, best, instructions } of contenders) {
        if (name === 'ecall') report(`ecall round trip, ${tier}`, best / rounds * 1e6, 'ns');
        else report(`${name}, ${tier} (${(instructions / 1e6).toFixed(1)} M instructions)`, instructions / best / 1000, 'MIPS');
      }
    });
  },
};

function machine(tier: (typeof TIERS)[number]): { readonly m: FlatMachine; readonly entry: number } {
  const m = new FlatMachine(64 << 20);
  const entry = m.loadElf(readFileSync(`${process.env['KSPACE_ROOT'] ?? ''}bench/guest/cpu.elf`));
  if (tier === 'translated') addTranslator(m.hart, m.ram, 'on');
  m.mapRange(STACK, STACK + STACK_SIZE);
  m.hart.setEcallHandler({ ecall() { m.setX(A0, 1); m.hart.x[128] = m.hart.x[128]! + 4; return 0; } });
  return { m, entry };
}
