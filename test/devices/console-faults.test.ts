// The console's driver fails while streams of the host run through it: its core throws, hangs, dies and talks nonsense, its device lies. What the host sent
// is read once and in order, what was written arrives once and in order, and streams that were opened or closed meanwhile are so afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EIO, errnoName, isErr } from '../../src/abi/errno.ts';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import type { BytePort, PortListener } from '../../src/host/host.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import type { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { Rng } from '../../src/lib/rng.ts';
import { TICKS_WORD } from './faulty-core.ts';
import { LyingBus } from './lying-bus.ts';
import { SickIsolates } from './placements.ts';
import { World } from './world.ts';

const FAULTS = Number(process.env['KSPACE_DRIVER_FAULTS'] ?? 25);
const SEED = Number(process.env['KSPACE_SEED'] ?? 42);

/** The nth byte of a stream. */
const byteAt = (n: number): number => (n * 7 + (n >>> 8)) & 255;

/** A stream of the host: gives what it was told to, checks what it gets. */
class StreamPort implements BytePort {
  given = 0;
  offered = 0;
  got = 0;
  wrong = 0;
  isClosed = false;
  listener: PortListener | null = null;
  read(into: Uint8Array): number {
    const n = Math.min(into.length, this.offered - this.given);
    for (let i = 0; i < n; i++) into[i] = byteAt(this.given++);
    return n > 0 ? n : EAGAIN;
  }
  write(bytes: Uint8Array): number {
    for (const b of bytes) if (b !== byteAt(this.got++)) this.wrong++;
    return bytes.length;
  }
  close(): void { this.isClosed = true; }
  attach(l: PortListener | null): void { this.listener = l; }
}

class Streams {
  readonly world: World;
  readonly stdin = new StreamPort();
  readonly stdout = new StreamPort();
  private readonly input: OpenFile;
  private readonly output: OpenFile;
  private readonly rng: Rng;
  read = 0;
  wrong = 0;
  written = 0;
  torn = 0;

  constructor(world: World, rng: Rng) {
    this.world = world;
    this.rng = rng;
    this.input = this.open(this.stdin, 'input');
    this.output = this.open(this.stdout, 'output');
  }

  get link(): CoreLink {
    const { handler } = this.world.kernel.hardware!.devices.find(d => d.child?.driver === 'virtio_console')!;
    assert.ok(handler instanceof CoreLink);
    return handler;
  }

  open(port: StreamPort, direction: 'input' | 'output'): OpenFile {
    const { world } = this;
    const id = world.board.console.addPort(direction, port);
    for (let i = 0; i < 100; i++) {
      world.turn();
      const file = world.devices.console!.openStream(id, direction);
      if (!isErr(file)) return file;
    }
    throw new Error('a port that never appears');
  }

  step(): void {
    const { rng, stdin } = this;
    stdin.offered += rng.below(5000);
    stdin.listener?.readable();
    this.writeOnly();
    this.readAll(50);
    if (rng.below(5) === 0) this.another();
  }

  /** A write to its end. */
  writeOnly(): void {
    const { world, rng, output } = this;
    const bytes = new Uint8Array(1 + rng.below(40_000)).map((_, i) => byteAt(this.written + i));
    const io = new KernelBuffer(bytes);
    for (let tries = 0; io.remaining > 0; tries++) {
      const n = output.write(world.task, io, 0);
      if (n === EIO) this.torn++;
      else if (n === EAGAIN) world.turn();
      else assert.ok(n > 0, errnoName(n));
      assert.ok(tries < 2000, 'a write that never ends');
    }
    this.written += bytes.length;
  }

  /** What there is, after at most `turns` of waiting. */
  readAll(turns: number): void {
    const { world, input, stdin } = this;
    for (let i = 0; i < turns && this.read < stdin.offered; i++) {
      const io = new KernelBuffer(new Uint8Array(3000));
      const n = input.read(world.task, io, 0);
      if (n < 0) {
        assert.equal(n, EAGAIN);
        world.turn();
        continue;
      }
      for (let k = 0; k < n; k++) if (io.bytes[k] !== byteAt(this.read + k)) this.wrong++;
      this.read += n;
    }
  }

  /** Goes, or does not: a device that lies may lose it. */
  tryWrite(io: KernelBuffer): void { this.output.write(this.world.task, io, 0); }

  /** A stream that comes and goes: the host hears of its end. */
  private another(): void {
    const port = new StreamPort();
    const file = this.open(port, 'output');
    const io = new KernelBuffer(Uint8Array.of(byteAt(0)));
    for (let i = 0; io.remaining > 0 && i < 1000; i++) if (file.write(this.world.task, io, 0) < 0) this.world.turn();
    file.put();
    for (let i = 0; i < 1000 && !port.isClosed; i++) this.world.turn();
    assert.ok(port.isClosed && port.got === 1 && port.wrong === 0, `${port.got}`);
  }
}

test(`${FAULTS} cores of a console fail: every byte arrives once, in order`, async () => {
  const rng = new Rng(SEED);
  const isolates = new SickIsolates(rng, 0);
  const world = new World(memoryFs({}), { isolates, placements: { otherwise: 'kernel', byName: { 'virtio-console': 'isolated' } } });
  const streams = new Streams(world, rng);
  isolates.faults = FAULTS;
  void isolates.workerOf(0)!.terminate();
  for (let step = 0; streams.link.restarts < FAULTS && step < 200 * FAULTS; step++) {
    streams.step();
    if (step % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 0); });
  }
  streams.readAll(20_000);
  const { stdin, stdout, link } = streams;
  assert.ok(link.restarts >= FAULTS, `${link.restarts}`);
  assert.deepEqual([streams.read, streams.wrong, stdout.got, stdout.wrong, streams.torn], [stdin.offered, 0, streams.written, 0, 0]);
  assert.equal(world.kernel.oopses, 0);
});

test('a core fails, and the next one while it takes over what the first had not sent: nothing is lost', async () => {
  const isolates = new SickIsolates(new Rng(SEED), 0);
  const world = new World(memoryFs({}), { isolates, placements: { otherwise: 'kernel', byName: { 'virtio-console': 'isolated' } } });
  const streams = new Streams(world, new Rng(SEED));
  const killed = (): void => {
    void isolates.workerOf(isolates.latest)!.terminate();
    while (streams.link.state === 'up') streams.writeOnly();
  };
  killed();
  while (streams.link.state as string !== 'up') world.turn();
  /** Accesses that a core makes until it has opened the ports that were open. */
  const takeOver = isolates.args(isolates.latest)[TICKS_WORD]!;
  for (let early = takeOver - 30; early <= takeOver; early++) isolates.orders.push(takeOver + 100, early);
  const { length } = isolates.orders;
  killed();
  for (let step = 0; isolates.orders.length > 0 && step < 20_000; step++) {
    streams.writeOnly();
    if (step % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 0); });
  }
  for (let step = 0; step < 30; step++) streams.writeOnly();
  const { stdout, link, written, torn } = streams;
  assert.ok(link.restarts >= length, `${link.restarts}`);
  assert.deepEqual([stdout.got, stdout.wrong, torn], [written, 0, 0]);
});

for (const placement of ['kernel', 'isolated'] as const) {
  test(`a console device that lies ${FAULTS} times, ${placement}: nothing hangs, and the machine lives`, () => {
    const rng = new Rng(SEED);
    let bus: LyingBus | null = null;
    const world = new World(memoryFs({}), {
      isolates: new SickIsolates(rng, 0), placements: { otherwise: 'kernel', byName: { 'virtio-console': placement } },
      machineOf: board => (bus = new LyingBus(board, rng, 0x1_1000_0000)).machine(),
    });
    const streams = new Streams(world, rng);
    if (placement === 'kernel') bus!.victim = streams.link;
    const io = new KernelBuffer(new Uint8Array(100));
    for (let step = 0; streams.link.restarts < FAULTS && step < 500 * FAULTS; step++) {
      bus!.odds = step % 3 === 0 ? 10 : 0;
      streams.stdin.offered += 10;
      streams.stdin.listener?.readable();
      streams.readAll(5);
      io.done = 0;
      streams.tryWrite(io);
      world.turn();
    }
    assert.ok(streams.link.restarts >= FAULTS || streams.link.state === 'ended', `${streams.link.restarts}`);
    assert.equal(world.kernel.oopses, 0);
  });
}
