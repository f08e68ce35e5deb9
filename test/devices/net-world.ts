// Machines with network cards, their kernels probed, for tests of the card's driver and of packet sockets.
import { SockaddrLl } from '../../src/abi/packet.ts';
import { AF_PACKET, IFF_UP, SOCK_RAW } from '../../src/abi/socket.ts';
import { probeDevices } from '../../src/drivers/probe.ts';
import type { NetBackend } from '../../src/host/host.ts';
import type { Placement } from '../../src/kernel/device/manager.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { NetDevice } from '../../src/kernel/net/device/net-device.ts';
import { setFlags } from '../../src/kernel/net/device/settings.ts';
import { Outgoing, Received } from '../../src/kernel/net/message.ts';
import { createSocket } from '../../src/kernel/net/network.ts';
import { PacketSocket } from '../../src/kernel/net/packet/socket.ts';
import { createInit } from '../../src/kernel/task/init.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { type Board, createBoard } from '../../src/machine/board.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import type { Isolates, Machine } from '../../src/machine/machine.ts';
import { createRam } from '../../src/machine/ram.ts';
import { must } from './world.ts';

export class NetWorld {
  readonly kernel: Kernel;
  readonly board: Board;
  readonly t: Task;
  now = 1_000_000_000;

  /** `wrap`: what the kernel sees instead of the board. */
  constructor(nets: readonly NetBackend[], placement: Placement = 'kernel', isolates?: Isolates, wrap: (board: Board) => Machine = b => b) {
    const ram = createRam(24 << 20);
    const clock = { monotonicNs: () => (this.now += 1000) };
    const board = createBoard({
      ram, hart: createHart(ram, clock), clock, boot: { sec: 1_767_225_600, nsec: 0 }, entropy: { fill: b => { b.fill(9); } }, console: null, bootargs: '', fs: [], isolates,
      nets: nets.map((backend, i) => ({ id: `net${i}`, backend })),
    });
    this.board = board;
    this.kernel = new Kernel(wrap(board), 1);
    this.t = createInit(this.kernel);
    probeDevices(this.kernel, { otherwise: 'kernel', byName: { 'virtio-net': placement } });
    this.settle();
  }

  device(name: string): NetDevice {
    const d = this.kernel.net.devices.find(name);
    if (d === undefined) throw new Error(`no ${name}`);
    return d;
  }
  up(name = 'eth0'): NetDevice {
    const d = this.device(name);
    must(setFlags(this.kernel, d, d.flags | IFF_UP));
    return d;
  }

  /** A packet socket of this protocol on an interface, or on all. */
  socket(protocol: number, name = '', type = SOCK_RAW): PacketSocket {
    const s = must(createSocket(this.t, AF_PACKET, type, ((protocol & 255) << 8) | (protocol >> 8))) as PacketSocket;
    if (name !== '') must(s.bind(this.t, nameOf(this.device(name).index, 0)));
    return s;
  }

  send(s: PacketSocket, bytes: Uint8Array | readonly number[], to: Uint8Array | null = null): number {
    const msg = new Outgoing();
    msg.address = to;
    return s.send(this.t, new KernelBuffer(Uint8Array.from(bytes)), msg);
  }

  /** The next packet, or the errno. */
  receive(s: PacketSocket): Uint8Array | number {
    const into = new KernelBuffer(new Uint8Array(70_000));
    const n = s.receive(this.t, into, 'consume', new Received());
    return n < 0 ? n : into.bytes.slice(0, n);
  }

  /** Interrupts and timers, until nothing is under way. */
  settle(): void {
    for (let i = 0; i < 1000 && this.board.interruptPending; i++) this.kernel.interrupts!.dispatch();
    if (this.kernel.timers.nextDeadline <= this.now) this.kernel.timers.run(this.now);
  }

  /** Time goes by. */
  wait(ns: number): void {
    this.now += ns;
    this.settle();
  }
}

export function nameOf(ifindex: number, protocol: number, address: readonly number[] = []): Uint8Array {
  const a = SockaddrLl.view();
  a.sll_family = AF_PACKET;
  a.sll_ifindex = ifindex;
  a.sll_protocol = ((protocol & 255) << 8) | (protocol >> 8);
  a.sll_halen = address.length;
  a.bytes.set(address, 12);
  return a.bytes;
}

/** An Ethernet frame. */
export function frame(to: readonly number[] | Uint8Array, from: readonly number[] | Uint8Array, protocol: number, length = 60): Uint8Array {
  const f = Uint8Array.from({ length }, (_, i) => i & 255);
  f.set(to);
  f.set(from, 6);
  f.set([protocol >> 8, protocol & 255], 12);
  return f;
}
