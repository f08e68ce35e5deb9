// Drivers of display, keyboard and balloon whose cores throw, hang, die and talk nonsense, and whose devices lie: in the end the display shows what was drawn, keys are told, and
// every page is where it belongs. KSPACE_DRIVER_FAULTS=1000 makes it a long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EV_KEY, EV_SYN, SYN_REPORT } from '../../src/abi/input.ts';
import { KIND_RESERVED } from '../../src/kernel/mm/frame-kinds.ts';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import { Rng } from '../../src/lib/rng.ts';
import { BASES, type Gadget, GadgetWorld, HEIGHT, WIDTH } from './gadget-world.ts';
import { LyingBus } from './lying-bus.ts';
import { PLACEMENTS, SickIsolates, testIsolates } from './placements.ts';

const FAULTS = Number(process.env['KSPACE_DRIVER_FAULTS'] ?? 10);
const SEED = Number(process.env['KSPACE_SEED'] ?? 42);
const KEY_A = 30;

/** Draws, types, inflates and deflates, against a model. */
class Load {
  readonly world: GadgetWorld;
  private readonly rng: Rng;
  private readonly drawn = new Uint8Array(WIDTH * HEIGHT * 4);
  private readonly reserved: number;

  constructor(world: GadgetWorld, rng: Rng) {
    this.world = world;
    this.rng = rng;
    this.reserved = world.kernel.frames.counts[KIND_RESERVED]! - world.board.peripherals.balloon!.pages;
  }

  step(): void {
    const { world, rng, drawn } = this;
    const { balloon, inputs } = world.board.peripherals;
    const at = 4 * rng.below(WIDTH * HEIGHT - 2000), bytes = new Uint8Array(4 * (1 + rng.below(2000)));
    for (let i = 0; i < bytes.length; i += 4) bytes.set([rng.below(256), rng.below(256), rng.below(256)], i);
    drawn.set(bytes, at);
    world.draw(at, bytes);
    const keyboard = inputs.get('keyboard')!;
    keyboard.send(EV_KEY, 2 + rng.below(50), rng.below(2));
    keyboard.send(EV_SYN, SYN_REPORT, 0);
    if (rng.below(3) === 0) balloon!.target = rng.below(2500);
    if (rng.below(3) === 0) balloon!.askStats();
    world.settle(1 + rng.below(5));
  }

  /** Nothing fails any more: things must come right by themselves, given time, a stroke of the pen and a key. */
  check(): void {
    const { world, drawn } = this;
    const { balloon, inputs } = world.board.peripherals, { kernel } = world;
    for (const driver of Object.keys(BASES) as Gadget[]) assert.ok(world.link(driver) !== null, `${driver} was given up`);
    balloon!.target = 700;
    world.draw(0, drawn.subarray(0, 4));
    world.settle(2000);
    assert.ok(Buffer.from(world.shown()).equals(drawn), 'the display shows what was drawn');
    assert.equal(kernel.frames.counts[KIND_RESERVED]! - this.reserved, 700, 'pages that the kernel does without');
    assert.equal(balloon!.pages, 700, 'pages that the host has been told of');
    assert.deepEqual(auditKernel(kernel), []);
    const keyboard = inputs.get('keyboard')!;
    for (const value of [0, 1]) {
      keyboard.send(EV_KEY, KEY_A, value);
      keyboard.send(EV_SYN, SYN_REPORT, 0);
    }
    for (let i = 0; i < 100 && world.board.interruptPending; i++) kernel.interrupts!.dispatch();
    assert.ok((world.keyboard.state.get(EV_KEY)![KEY_A >>> 3]! >>> (KEY_A & 7) & 1) === 1, 'a key is told');
    assert.equal(kernel.oopses, 0);
  }
}

test(`${FAULTS} cores of display, keyboard and balloon fail: what they did not do is done by the next`, async () => {
  const rng = new Rng(SEED);
  const isolates = new SickIsolates(rng, 0);
  const world = new GadgetWorld('isolated', { isolates });
  const load = new Load(world, rng);
  isolates.faults = FAULTS;
  for (let id = 0; id < 6; id++) void isolates.workerOf(id)?.terminate();       // those that booted are well
  for (let step = 0; isolates.faults > 0; step++) {
    load.step();
    if (step % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 0); });
  }
  // Sick ones that are left come to their end.
  for (let step = 0; step < 150; step++) load.step();
  load.check();
  assert.ok(world.kernel.log.lines.some(l => l.level === 3 && l.text.includes('driver failed')));
});

for (const placement of PLACEMENTS) {
  for (const driver of Object.keys(BASES) as Gadget[]) {
    test(`a ${driver} device that lies, ${placement}: it is reset, and everything comes right`, () => {
      const rng = new Rng(SEED);
      let bus: LyingBus | null = null;
      const world = new GadgetWorld(placement, {
        isolates: placement === 'isolated' ? testIsolates() : undefined, machineOf: board => (bus = new LyingBus(board, rng, BASES[driver])).machine(),
      });
      const load = new Load(world, rng), link = world.link(driver)!;
      if (placement === 'kernel') bus!.victim = link;
      for (let step = 0; link.restarts < FAULTS && step < 100 * FAULTS; step++) {
        bus!.odds = step % 3 === 0 ? 10 : 0;
        load.step();
      }
      bus!.odds = 0;
      assert.ok(bus!.lies >= FAULTS, `${bus!.lies}`);
      load.check();
    });
  }
}
