// A network card whose driver's core throws, hangs, dies and talks nonsense, or which lies itself, while frames go both ways: frames may be lost, as on any wire, but none
// comes twice, changed or out of order, and address and filter are the card's again afterwards. KSPACE_DRIVER_FAULTS=1000 makes it a long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PACKET_MR_MULTICAST } from '../../src/abi/packet.ts';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import type { NetBackend, NetListener } from '../../src/host/host.ts';
import type { NetDevice } from '../../src/kernel/net/device/net-device.ts';
import { setAddress } from '../../src/kernel/net/device/settings.ts';
import type { PacketSocket } from '../../src/kernel/net/packet/socket.ts';
import { Rng } from '../../src/lib/rng.ts';
import { LyingBus } from './lying-bus.ts';
import { frame, NetWorld } from './net-world.ts';
import { PLACEMENTS, SickIsolates } from './placements.ts';

const FAULTS = Number(process.env['KSPACE_DRIVER_FAULTS'] ?? 25);
const SEED = Number(process.env['KSPACE_SEED'] ?? 42);
const PROTOCOL = 0x88b5, BASE = 0x1_1000_2000;
const ADDRESS = new Uint8Array([2, 0, 0, 0, 7, 7]), OTHER = new Uint8Array([2, 0, 0, 0, 0, 9]), GROUP = new Uint8Array([1, 0, 94, 0, 0, 1]);
const HEAD = 14, MARKED = HEAD + 4;

/** A frame that says which one it is, and shows when it was changed. */
function marked(to: Uint8Array, from: Uint8Array, number: number, length: number): Uint8Array {
  const f = frame(to, from, PROTOCOL, length);
  new DataView(f.buffer).setUint32(HEAD, number);
  for (let i = MARKED; i < length; i++) f[i] = (number * 31 + i) & 255;
  return f;
}

/** Takes marked frames in: each later than the one before, none changed. */
class Inbox {
  last = -1;
  count = 0;
  wrong = 0;
  take(f: Uint8Array): void {
    const number = new DataView(f.buffer, f.byteOffset).getUint32(HEAD);
    if (number <= this.last || f.subarray(MARKED).some((b, i) => b !== ((number * 31 + i + MARKED) & 255))) this.wrong++;
    this.last = Math.max(this.last, number);
    this.count++;
  }
}

class Wire implements NetBackend {
  readonly mac = new Uint8Array([2, 0, 0, 0, 0, 1]);
  readonly mtu = 1500;
  readonly isLinkUp = true;
  readonly got = new Inbox();
  listener: NetListener | null = null;
  send(f: Uint8Array): void { this.got.take(f); }
  attach(listener: NetListener | null): void { this.listener = listener; }
  close(): void {}
}

class Traffic {
  readonly world: NetWorld;
  readonly wire: Wire;
  readonly card: NetDevice;
  readonly socket: PacketSocket;
  readonly heard = new Inbox();
  private readonly rng: Rng;
  private sent = 0;
  private given = 0;

  constructor(world: NetWorld, wire: Wire, rng: Rng) {
    this.world = world;
    this.wire = wire;
    this.rng = rng;
    this.card = world.up();
    this.socket = world.socket(PROTOCOL, 'eth0');
    assert.equal(setAddress(world.kernel, this.card, ADDRESS), 0);
    this.socket.memberships.add(this.card.index, PACKET_MR_MULTICAST, GROUP);
  }

  get link(): CoreLink {
    const { handler } = this.world.kernel.hardware!.devices.find(d => d.child?.driver === 'virtio_net')!;
    assert.ok(handler instanceof CoreLink);
    return handler;
  }

  step(): void {
    const { world, wire, card, socket, rng } = this;
    for (let n = rng.below(8); n > 0; n--) world.send(socket, marked(OTHER, card.address, this.sent++, MARKED + rng.below(1400)));
    for (let n = rng.below(8); n > 0; n--) wire.listener?.received(marked(rng.below(2) === 0 ? ADDRESS : GROUP, OTHER, this.given++, MARKED + rng.below(1400)));
    world.wait(rng.below(3) === 0 ? 20_000_000 : 1000);
    this.drain();
  }

  drain(): void { for (let f = this.world.receive(this.socket); typeof f !== 'number'; f = this.world.receive(this.socket)) this.heard.take(f); }

  /** Nothing fails any more: both ways are open, and the card hears what it is to hear. */
  check(): void {
    const { world, wire, card, socket, heard } = this;
    const tries = (): boolean => {
      world.wait(10e9);
      this.drain();
      const before = [wire.got.count, heard.count];
      const isSent = world.send(socket, marked(OTHER, card.address, this.sent++, 60)) === 60;
      for (const to of [ADDRESS, GROUP, OTHER, new Uint8Array([1, 0, 94, 0, 0, 2])]) wire.listener!.received(marked(to, OTHER, this.given++, 60));
      world.settle();
      this.drain();
      return isSent && wire.got.count === before[0]! + 1 && heard.count === before[1]! + 2;
    };
    // What sick cores and lies in the rings have left costs a restart or two.
    let isWell = false;
    for (let i = 0; i < 10 && !isWell; i++) isWell = tries();
    assert.ok(isWell, 'frames go both ways, for its address and its groups, and for no other');
    assert.equal(world.kernel.oopses, 0);
  }
}

test(`${FAULTS} cores of a network card fail: no frame comes twice, changed, or out of order`, async () => {
  const rng = new Rng(SEED), isolates = new SickIsolates(rng, 0), wire = new Wire();
  const world = new NetWorld([wire], 'isolated', isolates);
  const traffic = new Traffic(world, wire, rng);
  isolates.faults = FAULTS;
  void isolates.workerOf(0)!.terminate();
  for (let step = 0; (isolates.faults > 0 || step % 100 !== 0) && step < 2000 * FAULTS; step++) {
    traffic.step();
    if (step % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 0); });
  }
  for (let step = 0; step < 300; step++) traffic.step();
  traffic.check();
  const { got } = wire, { heard, link } = traffic;
  assert.deepEqual([got.wrong, heard.wrong], [0, 0]);
  assert.ok(link.restarts >= FAULTS && got.count > 3 * FAULTS && heard.count > 3 * FAULTS, `${link.restarts} restarts, ${got.count} sent, ${heard.count} heard`);
});

for (const placement of PLACEMENTS) {
  test(`a network card that lies until its driver was started ${FAULTS} times more, ${placement}: it works when it tells the truth`, () => {
    const rng = new Rng(SEED), wire = new Wire();
    let bus: LyingBus | null = null;
    const world = new NetWorld([wire], placement, placement === 'isolated' ? new SickIsolates(rng, 0) : undefined, board => (bus = new LyingBus(board, rng, BASE)).machine());
    const lying = bus! as LyingBus;
    const traffic = new Traffic(world, wire, rng), { link } = traffic;
    if (placement === 'kernel') lying.victim = link;
    for (let step = 0; link.restarts < FAULTS && step < 500 * FAULTS; step++) {
      lying.odds = step % 3 === 0 ? 10 : 0;
      traffic.step();
    }
    lying.odds = 0;
    assert.ok(link.restarts >= FAULTS && lying.lies >= FAULTS, `${link.restarts}, ${lying.lies}, ${link.state}`);
    traffic.check();
    traffic.socket.put();
    world.board.unplugNet('net0')!.close();
    world.settle();
    assert.equal(world.kernel.net.devices.find('eth0'), undefined);
  });
}
