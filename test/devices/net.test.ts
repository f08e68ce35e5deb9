// Network cards from the wire to packet sockets and back, with the driver's core in both places: frames between machines, filters, a link that breaks, a card
// whose device misbehaves, one that is pulled out while it is used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EMSGSIZE, ENETDOWN, ENODEV, ENXIO } from '../../src/abi/errno.ts';
import { ETH_P_ALL, PACKET_MR_MULTICAST, PACKET_MR_PROMISC } from '../../src/abi/packet.ts';
import { IFF_RUNNING, IFF_UP, SOCK_DGRAM } from '../../src/abi/socket.ts';
import { POLLERR } from '../../src/abi/poll.ts';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import { Hub } from '../../src/host/hub.ts';
import type { NetBackend, NetListener } from '../../src/host/host.ts';
import { setAddress, setFlags, setMtu } from '../../src/kernel/net/device/settings.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { frame, nameOf, NetWorld } from './net-world.ts';
import { PLACEMENTS, testIsolates } from './placements.ts';

const BROADCAST = [255, 255, 255, 255, 255, 255], GROUP = [1, 0, 94, 0, 0, 1], STRANGER = [2, 0, 0, 0, 0, 99];
const PROTOCOL = 0x88b5;

/** A wire whose other end is the test. */
class TestWire implements NetBackend {
  readonly mac = new Uint8Array([2, 0, 0, 0, 0, 1]);
  readonly mtu: number;
  isLinkUp = true;
  listener: NetListener | null = null;
  readonly sent: Uint8Array[] = [];
  constructor(mtu = 1500) { this.mtu = mtu; }
  send(f: Uint8Array): void { this.sent.push(f.slice()); }
  attach(listener: NetListener | null): void { this.listener = listener; }
  close(): void {}
  setLink(up: boolean): void {
    this.isLinkUp = up;
    this.listener!.linkChanged();
  }
}

for (const placement of PLACEMENTS) {
  const isolates = placement === 'isolated' ? testIsolates() : undefined;
  const world = (nets: readonly NetBackend[]): NetWorld => new NetWorld(nets, placement, isolates);

  test(`${placement}: two machines on a hub talk, one hears what is for it`, () => {
    const hub = new Hub();
    const [a, b] = [world([hub.port()]), world([hub.port()])];
    const [ea, eb] = [a.up(), b.up()];
    const tx = a.socket(0, 'eth0'), rx = b.socket(PROTOCOL, 'eth0'), cooked = b.socket(PROTOCOL, '', SOCK_DGRAM), all = a.socket(ETH_P_ALL);
    for (let i = 0; i < 300; i++) {
      const f = frame(eb.address, ea.address, PROTOCOL, 60 + i % 1455);
      f[20] = i;
      assert.equal(a.send(tx, f), f.length);
      b.settle();
      assert.deepEqual(b.receive(rx), f);
      assert.deepEqual(b.receive(cooked), f.subarray(14));
      assert.deepEqual(a.receive(all), f, 'what leaves is heard by the others');
    }
    assert.equal(a.send(tx, frame(STRANGER, ea.address, PROTOCOL)), 60);
    b.settle();
    assert.equal(b.receive(rx), EAGAIN);
    assert.equal(a.send(tx, frame(BROADCAST, ea.address, PROTOCOL)), 60);
    b.settle();
    assert.equal((b.receive(rx) as Uint8Array).length, 60);
    assert.equal(a.send(tx, frame(BROADCAST, ea.address, PROTOCOL, 1515)), EMSGSIZE);
    assert.deepEqual([ea.stats.txPackets, eb.stats.rxPackets, eb.stats.multicast], [302, 301, 1]);
    assert.equal(ea.stats.txBytes - 60, eb.stats.rxBytes);
  });

  test(`${placement}: bursts of frames: as many as there are buffers, the rest is the wire's loss`, () => {
    const wire = new TestWire();
    const w = world([wire]);
    w.up();
    const rx = w.socket(PROTOCOL, 'eth0');
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 100; i++) wire.listener!.received(frame(wire.mac, STRANGER, PROTOCOL));
      w.settle();
      let heard = 0;
      while (typeof w.receive(rx) !== 'number') heard++;
      assert.equal(heard, 64);
    }
    for (let i = 0; i < 500; i++) {
      wire.listener!.received(frame(wire.mac, STRANGER, PROTOCOL));
      w.settle();
    }
    let kept = 0;
    while (typeof w.receive(rx) !== 'number') kept++;
    assert.ok(kept > 200 && kept < 500, `${kept}: a socket that is not read has a bound`);
    assert.deepEqual([rx.heard, rx.dropped], [192 + kept, 500 - kept]);
  });

  test(`${placement}: promiscuous, groups, another address`, () => {
    const wire = new TestWire();
    const w = world([wire]);
    const card = w.up();
    const rx = w.socket(ETH_P_ALL, 'eth0');
    const hears = (to: readonly number[]): boolean => {
      wire.listener!.received(frame(to, STRANGER, PROTOCOL));
      w.settle();
      return typeof w.receive(rx) !== 'number';
    };
    assert.deepEqual([STRANGER, BROADCAST, GROUP].map(hears), [false, true, false]);
    rx.memberships.add(card.index, PACKET_MR_PROMISC, new Uint8Array(0));
    assert.deepEqual([STRANGER, BROADCAST, GROUP].map(hears), [true, true, true]);
    rx.memberships.drop(card.index, PACKET_MR_PROMISC, new Uint8Array(0));
    const other = w.socket(0);
    other.memberships.add(card.index, PACKET_MR_MULTICAST, new Uint8Array(GROUP));
    assert.deepEqual([STRANGER, GROUP, [1, 0, 94, 0, 0, 2]].map(hears), [false, true, false]);
    other.put();
    assert.ok(!hears(GROUP), 'a closed socket wants nothing');
    assert.equal(setAddress(w.kernel, card, new Uint8Array(STRANGER)), 0);
    assert.deepEqual([STRANGER, [...wire.mac]].map(hears), [true, false]);
  });

  test(`${placement}: large frames where the wire has them`, () => {
    const wire = new TestWire(9000);
    const w = world([wire]);
    const card = w.up();
    const s = w.socket(PROTOCOL, 'eth0');
    assert.equal(card.mtu, 9000);
    assert.equal(w.send(s, frame(STRANGER, card.address, PROTOCOL, 9014)), 9014);
    assert.deepEqual(wire.sent[0], frame(STRANGER, card.address, PROTOCOL, 9014));
    wire.listener!.received(frame(card.address, STRANGER, PROTOCOL, 9014));
    w.settle();
    assert.equal((w.receive(s) as Uint8Array).length, 9014);
    assert.equal(setMtu(w.kernel, card, 1000), 0);
    assert.equal(w.send(s, frame(STRANGER, card.address, PROTOCOL, 1015)), EMSGSIZE);
  });

  test(`${placement}: a link that breaks`, () => {
    const wire = new TestWire();
    const w = world([wire]);
    const card = w.up();
    assert.equal(card.visibleFlags & (IFF_UP | IFF_RUNNING), IFF_UP | IFF_RUNNING);
    wire.setLink(false);
    w.settle();
    assert.equal(card.visibleFlags & (IFF_UP | IFF_RUNNING), IFF_UP);
    wire.setLink(true);
    w.settle();
    assert.equal(card.visibleFlags & IFF_RUNNING, IFF_RUNNING);
    assert.equal(card.carrierChanges, 2);
  });

  test(`${placement}: an interface that is down neither sends nor hears`, () => {
    const wire = new TestWire();
    const w = world([wire]);
    const card = w.up();
    const s = w.socket(PROTOCOL, 'eth0');
    setFlags(w.kernel, card, card.flags & ~IFF_UP);
    assert.equal(s.poll() & POLLERR, POLLERR);
    assert.equal(w.receive(s), ENETDOWN);
    assert.equal(w.send(s, frame(STRANGER, card.address, PROTOCOL)), ENETDOWN);
    wire.listener!.received(frame(card.address, STRANGER, PROTOCOL));
    w.settle();
    assert.equal(w.receive(s), EAGAIN);
    w.up();
    wire.listener!.received(frame(card.address, STRANGER, PROTOCOL));
    w.settle();
    assert.equal((w.receive(s) as Uint8Array).length, 60);
  });

  test(`${placement}: a card that is pulled out while it is used, and another one in its place`, () => {
    const wire = new TestWire();
    const w = world([wire]);
    const before = w.kernel.frames.counts[KIND_KERNEL]!;
    const card = w.up();
    const s = w.socket(PROTOCOL, 'eth0'), everywhere = w.socket(ETH_P_ALL);
    s.memberships.add(card.index, PACKET_MR_PROMISC, new Uint8Array(0));
    wire.listener!.received(frame(card.address, STRANGER, PROTOCOL));
    assert.notEqual(w.board.unplugNet('net0'), null);
    assert.equal(wire.listener, null);
    assert.equal(w.send(s, frame(STRANGER, card.address, PROTOCOL)), 60, 'the kernel does not know yet; the frame is lost');
    w.settle();
    assert.equal(w.kernel.net.devices.find('eth0'), undefined);
    assert.equal(w.receive(s), ENETDOWN);
    assert.equal(w.receive(s), EAGAIN);
    assert.equal(w.send(s, frame(STRANGER, card.address, PROTOCOL)), ENXIO);
    assert.equal(w.send(everywhere, frame(STRANGER, card.address, PROTOCOL), nameOf(card.index, PROTOCOL)), ENXIO);
    assert.equal(s.bind(w.t, nameOf(card.index, PROTOCOL)), ENODEV);
    const again = new TestWire();
    assert.ok(w.board.plugNet('net1', again));
    w.settle();
    const second = w.up();
    assert.ok(second.index > card.index);
    assert.equal(s.bind(w.t, nameOf(second.index, PROTOCOL)), 0);
    again.listener!.received(frame(second.address, STRANGER, PROTOCOL));
    w.settle();
    while (typeof w.receive(everywhere) !== 'number');
    assert.equal((w.receive(s) as Uint8Array).length, 60);
    assert.equal(w.kernel.frames.counts[KIND_KERNEL], before);
    assert.equal(w.kernel.oopses, 0);
  });

  test(`${placement}: a device that uses what it was not given costs frames, not the interface`, () => {
    const wire = new TestWire();
    const w = world([wire]);
    const card = w.up();
    setAddress(w.kernel, card, new Uint8Array(STRANGER));
    const s = w.socket(ETH_P_ALL, 'eth0');
    s.memberships.add(card.index, PACKET_MR_MULTICAST, new Uint8Array(GROUP));
    const link = w.kernel.hardware!.devices.map(d => d.handler).find(h => h instanceof CoreLink && h.front.name === 'virtio-net') as CoreLink;
    assert.equal(link.placement, placement);
    for (let round = 0; round < 3; round++) {
      link.broken('as if the device had lied');
      assert.notEqual(w.send(s, frame(STRANGER, card.address, PROTOCOL)), 60);
      assert.equal(link.state, 'down');
      assert.notEqual(w.send(s, frame(STRANGER, card.address, PROTOCOL)), 60);
      assert.equal(s.poll() & POLLERR, 0);
      w.wait(1e9);
      assert.equal(link.state, 'up');
      while (typeof w.receive(s) !== 'number');
      wire.sent.length = 0;
      assert.equal(w.send(s, frame(BROADCAST, card.address, PROTOCOL)), 60);
      assert.equal(wire.sent.length, 1);
      for (const to of [STRANGER, GROUP, [...wire.mac], [1, 2, 3, 4, 5, 6]]) wire.listener!.received(frame(to, wire.mac, PROTOCOL));
      w.settle();
      assert.deepEqual([0, 1].map(() => [...(w.receive(s) as Uint8Array).subarray(0, 6)]), [STRANGER, GROUP], 'address and filter are told to the next core');
      assert.equal(w.receive(s), EAGAIN);
    }
    assert.equal(link.restarts, 3);
  });
}
