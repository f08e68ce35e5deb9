// A core that fails: it does what the real one does until its time has come, and then throws, hangs, dies, or says things that make no sense. What it does
// and when follows from a seed, which the test leaves in the last word of `args`: odd for one that fails soon; below -1 for failures that it orders.
import type { Errno } from '../../src/abi/errno.ts';
import { type DevicePort, DriverCore } from '../../src/drivers/core/core.ts';
import type { CoreClass } from '../../src/drivers/core/table.ts';
import { Rng } from '../../src/lib/rng.ts';

export const SEED_WORD = 511;
/** How many there were so far is in this word of `args`. */
export const TICKS_WORD = 510;
/** THROWS_AT - n: at its nth access, operation or event. */
export const THROWS_AT = -10;
export const FAULTS = ['throw', 'hang', 'exit', 'ask for ever', 'recursion', 'strange registers', 'strange events', 'broken', 'memory'] as const;

export function faulty(inner: CoreClass): CoreClass {
  return class extends FaultyCore {
    constructor(port: DevicePort) { super(port, inner); }
  };
}

class FaultyCore extends DriverCore {
  private readonly inner: DriverCore;
  private readonly real: DevicePort;
  /** Null: it throws. */
  private rng: Rng | null = new Rng(1);
  /** Accesses and operations that still go well. */
  private left = Infinity;

  constructor(port: DevicePort, inner: CoreClass) {
    super(port);
    this.real = port;
    this.inner = new inner({
      memory: port.memory, args: port.args,
      read32: offset => { this.tick(); return port.read32(offset); },
      write32: (offset, value) => { this.tick(); port.write32(offset, value); this.tick(); },
      allocDma: order => port.allocDma(order), freeDma: (addr, order) => { port.freeDma(addr, order); },
      log: text => { port.log(text); },
      event: (kind, a, b, c, d) => { this.tick(); port.event(kind, a, b, c, d); },
      broken: why => { port.broken(why); },
    });
  }

  override start(): 0 | Errno {
    const seed = this.real.args[SEED_WORD]!;
    if (seed === -1) throw new Error('sick from birth');
    if (seed === -2) for (;;);
    if (seed <= THROWS_AT) {
      this.left = THROWS_AT - seed;
      this.rng = null;
    }
    if (seed > 0) {
      this.rng = new Rng(seed);
      this.left = this.rng.below(seed % 2 === 1 ? 60 : this.rng.below(8) === 0 ? 20 : 1000);
    }
    return this.inner.start();
  }
  override call(op: number, a: number, b: number, c: number, d: number): number {
    this.tick();
    return this.inner.call(op, a, b, c, d);
  }
  override irq(): void {
    this.tick();
    this.inner.irq();
  }
  override stop(): void { this.inner.stop(); }

  private tick(): void {
    this.real.args[TICKS_WORD]!++;
    if (this.left-- > 0) return;
    this.left = Infinity;
    const { rng, real } = this;
    if (rng === null) throw new Error('as it was told');
    switch (FAULTS[rng.below(FAULTS.length)]!) {
      case 'throw': throw new Error('sick');
      case 'hang': for (;;);
      case 'exit': process.exit(3);
      // eslint-disable-next-line no-fallthrough -- exit does not return.
      case 'ask for ever': for (;;) real.read32(0);
      case 'recursion': return this.tick2();
      case 'strange registers': real.write32([-4, 2, 4096, 1e300, NaN, Infinity][rng.below(6)]!, rng.next()); return;
      case 'strange events': for (let i = 0; i < 600; i++) real.event(rng.below(3), [-1, NaN, 1e9, 17, 0.5, Infinity][rng.below(6)]!, rng.next(), 0, 0); throw new Error('sick of talking');
      case 'broken': real.broken('sick'); return;
      case 'memory': { const all: unknown[] = []; for (;;) all.push(Array.from({ length: 10_000 }, (_, i) => i)); }
    }
  }
  private tick2(): void { this.tick2(); }
}
