// The network card as a driver sees it: frames both ways, filters, commands, the link, resets; hubs and capture files behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetBackend, NetListener } from '../../src/host/host.ts';
import { Hub } from '../../src/host/hub.ts';
import { PcapTap } from '../../src/host/pcap.ts';
import { VirtioNet } from '../../src/machine/devices/net.ts';
import {
  ETHER_OVERHEAD_BYTES, INTERRUPT_CONFIG, INTERRUPT_USED, MMIO_CONFIG, MMIO_INTERRUPT_ACK, MMIO_INTERRUPT_STATUS, MMIO_STATUS, NET_CFG_MTU, NET_CFG_STATUS, NET_CTRL_MAC,
  NET_CTRL_MAC_ADDR_SET, NET_CTRL_MAC_TABLE_SET, NET_CTRL_RX, NET_CTRL_RX_ALLMULTI, NET_CTRL_RX_PROMISC, NET_F_CTRL_MAC_ADDR, NET_F_CTRL_RX, NET_F_CTRL_VQ, NET_F_MAC,
  NET_F_STATUS, NET_HEADER_BYTES, NET_QUEUE_CTRL, NET_QUEUE_RX, NET_QUEUE_TX, STATUS_NEEDS_RESET,
} from '../../src/machine/registers.ts';
import { newRam, Rig, RIG_DATA } from './rig.ts';

const MAC = [2, 0, 0, 0, 0, 1], OTHER = [2, 0, 0, 0, 0, 2], BROADCAST = [255, 255, 255, 255, 255, 255], GROUP = [1, 0, 94, 0, 0, 1];
const FEATURES = NET_F_MAC | NET_F_STATUS | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_MAC_ADDR;
const RX_BUFFER = RIG_DATA, TX_BUFFER = RIG_DATA + 0x4000, COMMAND = RIG_DATA + 0x6000;

class Wire implements NetBackend {
  readonly mac = new Uint8Array(MAC);
  readonly mtu = 1500;
  isLinkUp = true;
  readonly sent: Uint8Array[] = [];
  listener: NetListener | null = null;
  send(frame: Uint8Array): void { this.sent.push(frame.slice()); }
  attach(listener: NetListener | null): void { this.listener = listener; }
  close(): void {}
}

class Card {
  readonly wire = new Wire();
  readonly ram = newRam(1 << 17);
  readonly device = new VirtioNet(this.ram, { set: () => {} }, this.wire);
  readonly rig = new Rig(this.ram, this.device, 3);
  constructor(features = FEATURES) { this.rig.start(features); }

  give(length = 2048): void { this.rig.post(NET_QUEUE_RX, [{ addr: RX_BUFFER, length, writes: true }]); }
  /** The frame that came into the buffer, or null. */
  heard(): number[] | null {
    const used = this.rig.used(NET_QUEUE_RX);
    return used === null ? null : [...this.ram.u8.subarray(RX_BUFFER + NET_HEADER_BYTES, RX_BUFFER + used.length)];
  }
  transmit(frame: readonly number[], header: readonly number[] = []): void {
    this.ram.u8.fill(0, TX_BUFFER, TX_BUFFER + NET_HEADER_BYTES);
    this.ram.u8.set(header, TX_BUFFER);
    this.ram.u8.set(frame, TX_BUFFER + NET_HEADER_BYTES);
    this.rig.post(NET_QUEUE_TX, [{ addr: TX_BUFFER, length: NET_HEADER_BYTES, writes: false }, { addr: TX_BUFFER + NET_HEADER_BYTES, length: frame.length, writes: false }]);
    this.rig.notify(NET_QUEUE_TX);
    assert.equal(this.rig.used(NET_QUEUE_TX)?.length, 0);
  }
  command(bytes: readonly number[]): number {
    this.ram.u8.set(bytes, COMMAND);
    this.ram.u8[COMMAND + 4000] = 77;
    this.rig.post(NET_QUEUE_CTRL, [{ addr: COMMAND, length: bytes.length, writes: false }, { addr: COMMAND + 4000, length: 1, writes: true }]);
    this.rig.notify(NET_QUEUE_CTRL);
    assert.equal(this.rig.used(NET_QUEUE_CTRL)?.length, 1);
    return this.ram.u8[COMMAND + 4000]!;
  }
  hears(to: readonly number[]): boolean {
    this.give();
    this.device.received(frameTo(to));
    return this.heard() !== null;
  }
}

const frameTo = (to: readonly number[], length = 60): Uint8Array => new Uint8Array([...to, ...OTHER, 8, 0, ...Array.from({ length: length - 14 }, (_, i) => i & 255)]);

test('frames go out as they are, and come in behind a header that says one buffer', () => {
  const c = new Card();
  const frame = [...frameTo(OTHER, 1514)];
  c.transmit(frame);
  assert.deepEqual(c.wire.sent.map(f => [...f]), [frame]);
  c.give();
  c.device.received(frameTo(MAC));
  assert.deepEqual(c.heard(), [...frameTo(MAC)]);
  assert.deepEqual([...c.ram.u8.subarray(RX_BUFFER, RX_BUFFER + NET_HEADER_BYTES)], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  assert.equal(c.device.read32(MMIO_INTERRUPT_STATUS), INTERRUPT_USED);
});

test('what no wire carries is lost: too short, too long, with an offload nobody agreed on, on a link that is down, without a buffer', () => {
  const c = new Card();
  c.transmit([1, 2, 3]);
  c.transmit([...frameTo(OTHER, 1500 + ETHER_OVERHEAD_BYTES + 1)]);
  c.transmit([...frameTo(OTHER)], [1]);
  c.transmit([...frameTo(OTHER)], [0, 1]);
  c.wire.isLinkUp = false;
  c.transmit([...frameTo(OTHER)]);
  c.wire.isLinkUp = true;
  assert.equal(c.wire.sent.length, 0);
  c.device.received(frameTo(MAC));
  c.give(30);
  c.device.received(frameTo(MAC));
  assert.equal(c.heard(), null);
  assert.equal(c.device.dropped, 7);
  assert.equal(c.device.read32(MMIO_STATUS) & STATUS_NEEDS_RESET, 0);
});

test('the filter: own address and broadcast, tables, promiscuous and all-multicast as commanded', () => {
  const hears = (to: readonly number[], ...commands: number[][]): boolean => {
    const c = new Card();
    for (const command of commands) assert.equal(c.command(command), 0);
    return c.hears(to);
  };
  assert.deepEqual([MAC, OTHER, BROADCAST, GROUP].map(to => hears(to)), [true, false, true, false]);
  assert.ok(hears(OTHER, [NET_CTRL_RX, NET_CTRL_RX_PROMISC, 1]));
  assert.ok(!hears(OTHER, [NET_CTRL_RX, NET_CTRL_RX_PROMISC, 1], [NET_CTRL_RX, NET_CTRL_RX_PROMISC, 0]));
  assert.ok(hears(GROUP, [NET_CTRL_RX, NET_CTRL_RX_ALLMULTI, 1]));
  const tables = [NET_CTRL_MAC, NET_CTRL_MAC_TABLE_SET, 1, 0, 0, 0, ...OTHER, 1, 0, 0, 0, ...GROUP];
  assert.ok(hears(OTHER, tables) && hears(GROUP, tables) && !hears([1, 2, 3, 4, 5, 6], tables));
  assert.ok(hears(OTHER, [NET_CTRL_MAC, NET_CTRL_MAC_ADDR_SET, ...OTHER]) && !hears(MAC, [NET_CTRL_MAC, NET_CTRL_MAC_ADDR_SET, ...OTHER]));
  const many = [0, 1, 0, 0, ...Array.from({ length: 256 * 6 }, (_, i) => (i % 6 === 0 ? 3 : i & 255))];
  assert.ok(hears(GROUP, [NET_CTRL_MAC, NET_CTRL_MAC_TABLE_SET, 0, 0, 0, 0, ...many]), 'a table that is too large for the card lets everything of its kind in');
});

test('commands that make no sense are refused, and change nothing', () => {
  const c = new Card();
  for (const bytes of [[0], [NET_CTRL_RX, 9, 1], [NET_CTRL_RX, NET_CTRL_RX_PROMISC], [NET_CTRL_RX, NET_CTRL_RX_PROMISC, 1, 1], [NET_CTRL_MAC, NET_CTRL_MAC_ADDR_SET, 1, 2, 3],
    [NET_CTRL_MAC, NET_CTRL_MAC_TABLE_SET, 1, 0, 0, 0], [NET_CTRL_MAC, NET_CTRL_MAC_TABLE_SET, 255, 255, 255, 255, 0, 0, 0, 0], [7, 0, 0]]) assert.equal(c.command(bytes), 1);
  assert.ok(!c.hears(OTHER));
});

test('a driver without the control queue hears everything; a reset brings address and filter back', () => {
  const c = new Card(NET_F_MAC);
  assert.ok(c.hears(OTHER));
  c.rig.start(FEATURES);
  c.command([NET_CTRL_MAC, NET_CTRL_MAC_ADDR_SET, ...OTHER]);
  assert.equal(c.device.read32(MMIO_CONFIG + 4) & 0xffff, 0x0200);
  c.rig.start(FEATURES);
  assert.equal(c.device.read32(MMIO_CONFIG + 4) & 0xffff, 0x0100);
});

test('configuration: MTU, and a link that goes down is news', () => {
  const c = new Card();
  assert.equal(c.device.read32(MMIO_CONFIG + NET_CFG_MTU - 2) >>> 16, 1500);
  const link = (): number => (c.device.read32(MMIO_CONFIG + NET_CFG_STATUS - 2) >>> 16) & 1;
  assert.equal(link(), 1);
  c.device.write32(MMIO_INTERRUPT_ACK, 3);
  c.wire.isLinkUp = false;
  c.device.linkChanged();
  assert.equal(link(), 0);
  assert.equal(c.device.read32(MMIO_INTERRUPT_STATUS), INTERRUPT_CONFIG);
});

test('a hub joins cards: all but the sender hear, and a card that was pulled hears no more', () => {
  const hub = new Hub();
  const heard: number[][] = [[], [], []];
  const ports = heard.map((list, i) => {
    const port = hub.port();
    port.attach({ received: f => { heard[i] = [...list, f.length]; }, linkChanged: () => {} });
    return port;
  });
  assert.deepEqual(ports.map(p => p.mac[5]), [1, 2, 3]);
  ports[0]!.send(frameTo(BROADCAST));
  assert.deepEqual(heard, [[], [60], [60]]);
  ports[1]!.close();
  hub.send(frameTo(BROADCAST, 64));
  hub.send(frameTo(BROADCAST, 1519));
  assert.deepEqual(heard.map(h => h.length), [1, 1, 1]);
  assert.throws(() => hub.port(new Uint8Array([1, 0, 0, 0, 0, 0])), RangeError);
});

test('a tap writes both directions as a capture file', () => {
  const wire = new Wire();
  const chunks: Uint8Array[] = [];
  let nsec = 5;
  let received = 0;
  const tap = new PcapTap(wire, { write: b => { chunks.push(b); }, close: () => {} }, { now: () => ({ sec: 1000, nsec: nsec++ }) });
  tap.attach({ received: () => { received++; }, linkChanged: () => {} });
  tap.send(frameTo(OTHER));
  wire.listener!.received(frameTo(MAC, 64));
  assert.equal(received, 1);
  const file = Buffer.concat(chunks);
  assert.equal(file.readUInt32LE(0), 0xa1b23c4d);
  assert.deepEqual([file.readUInt16LE(4), file.readUInt16LE(6), file.readUInt32LE(16), file.readUInt32LE(20)], [2, 4, 1518, 1]);
  assert.deepEqual([24, 24 + 16 + 60].map(at => [0, 4, 8, 12].map(o => file.readUInt32LE(at + o))), [[1000, 5, 60, 60], [1000, 6, 64, 64]]);
  assert.deepEqual([...file.subarray(40, 100)], [...frameTo(OTHER)]);
});
