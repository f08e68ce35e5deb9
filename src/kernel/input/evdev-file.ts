// /dev/input/eventN (Linux: drivers/input/evdev.c; Documentation/input/input.rst, "Event interface"): each open file is a reader with a ring of its own; what is written is
// treated as if the device had said it. After the device has gone, or EVIOCREVOKE, everything answers ENODEV.
import { EAGAIN, EFAULT, EINVAL, ENODEV, type Errno, isErr } from '../../abi/errno.ts';
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { ABS_CNT, EV_ABS, EV_CNT, EV_REL, EV_SYN, InputEvent, SYN_REPORT } from '../../abi/input.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME } from '../../abi/time.ts';
import { bitsOf, hasBit } from '../../lib/bits.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import { evdevIoctl } from './evdev-ioctl.ts';
import { EventRing } from './event-ring.ts';
import { CODE_COUNTS, type InputDevice } from './input-device.ts';

/** Room for eight packets, and no less than this. */
const MIN_EVENTS = 64, PACKETS = 8;
/** Of a packet beside its axes: keys and EV_MSC. */
const OTHER_EVENTS = 7;
/** Events moved by one copy. */
const BATCH = 64;

export class EvdevFile extends OpenFile {
  readonly device: InputDevice;
  readonly ring: EventRing;
  /** CLOCK_* of the time stamps. */
  clock: number = CLOCK_REALTIME;
  isRevoked = false;
  /** EVIOCSMASK: events that get through, by type; null: all. Under EV_SYN the types. */
  masks: Map<number, Uint8Array> | null = null;
  private readonly queue = new WaitQueue();

  constructor(inode: Inode, flags: number, device: InputDevice) {
    super(inode, flags);
    this.device = device;
    this.ring = new EventRing(ringSize(device));
    device.readers.add(this);
  }

  get isDead(): boolean { return this.isRevoked || this.device.isGone; }
  override get waiters(): WaitQueue { return this.queue; }

  override poll(): number {
    const now = this.isDead ? POLLHUP | POLLERR : POLLOUT | POLLWRNORM;
    return this.ring.hasPacket ? now | POLLIN | POLLRDNORM : now;
  }

  /** Whole events only. */
  override read(_t: Task, io: IoBuffer): number | Errno {
    if (io.remaining !== 0 && io.remaining < InputEvent.size) return EINVAL;
    if (this.isDead) return ENODEV;
    if (!this.ring.hasPacket) return io.remaining === 0 && (this.flags & O_NONBLOCK) === 0 ? 0 : EAGAIN;
    const bytes = new Uint8Array(InputEvent.size * Math.min(BATCH, Math.floor(io.remaining / InputEvent.size)));
    const view = new DataView(bytes.buffer);
    let done = 0;
    while (this.ring.hasPacket && io.remaining >= InputEvent.size) {
      let n = 0;
      while (n < bytes.length && n + InputEvent.size <= io.remaining && this.ring.hasPacket) {
        this.ring.take(view, n);
        n += InputEvent.size;
      }
      const put = io.put(bytes, 0, n);
      if (put !== n) return isErr(put) ? done > 0 ? done : put : EFAULT;
      done += n;
    }
    return done;
  }

  override write(_t: Task, io: IoBuffer): number | Errno {
    if (io.remaining !== 0 && io.remaining < InputEvent.size) return EINVAL;
    if (this.isDead) return ENODEV;
    const bytes = new Uint8Array(InputEvent.size);
    const view = new DataView(bytes.buffer);
    let done = 0;
    while (io.remaining >= InputEvent.size) {
      const n = io.take(bytes, 0, bytes.length);
      if (n !== bytes.length) return done > 0 ? done : isErr(n) ? n : EFAULT;
      if (this.device.grabbedBy === null || this.device.grabbedBy === this) this.device.event(view.getUint16(16, true), view.getUint16(18, true), view.getInt32(20, true));
      done += n;
    }
    return done;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno { return evdevIoctl(t, this, cmd, arg); }

  override release(): void {
    this.ungrab();
    this.device.readers.delete(this);
  }

  ungrab(): void { if (this.device.grabbedBy === this) this.device.grabbedBy = null; }

  /** Nothing will come any more. */
  hangUp(): void { this.queue.wake(POLLHUP | POLLERR); }

  revoke(): void {
    this.isRevoked = true;
    this.ungrab();
    this.hangUp();
  }

  /** A packet of the device: type, code, value; its time is `nowNs` of the monotonic clock. */
  receive(packet: readonly number[], nowNs: number): void {
    if (this.isRevoked) return;
    const { sec, usec } = this.timeOf(nowNs);
    let isReport = false;
    for (let i = 0; i < packet.length; i += 3) {
      const type = packet[i]!, code = packet[i + 1]!;
      if (this.isFiltered(type, code)) continue;
      isReport = type === EV_SYN && code === SYN_REPORT;
      if (isReport && this.ring.isBetweenPackets) continue;
      this.ring.add(sec, usec, type, code, packet[i + 2]!);
    }
    if (this.ring.hasPacket && isReport) this.queue.wake(POLLIN | POLLRDNORM);
  }

  /** What was not read is of another clock: it goes, if there is any, and SYN_DROPPED says so. */
  setClock(clock: number): void {
    if (this.clock === clock) return;
    this.clock = clock;
    if (!this.ring.isEmpty) this.dropAll();
  }

  dropAll(): void {
    const { sec, usec } = this.timeOf(this.device.kernel.now());
    this.ring.dropAll(sec, usec);
  }

  private timeOf(nowNs: number): { sec: number; usec: number } {
    if (this.clock !== CLOCK_REALTIME) return { sec: Math.floor(nowNs / 1e9), usec: Math.floor(nowNs % 1e9 / 1000) };
    const { sec, nsec } = this.device.kernel.realtime();
    return { sec, usec: Math.floor(nsec / 1000) };
  }

  private isFiltered(type: number, code: number): boolean {
    const { masks } = this;
    if (masks === null || type === EV_SYN || type >= EV_CNT) return false;
    const types = masks.get(EV_SYN), codes = masks.get(type);
    if (types !== undefined && !hasBit(types, type)) return true;
    return codes !== undefined && code < CODE_COUNTS[type]! && !hasBit(codes, code);
  }
}

/** CLOCK_BOOTTIME is the monotonic clock here: the machine is never suspended. */
export const isKnownClock = (clock: number): boolean => clock === CLOCK_REALTIME || clock === CLOCK_MONOTONIC || clock === CLOCK_BOOTTIME;

function ringSize({ codes }: InputDevice): number {
  const axes = bitsOf(codes.get(EV_ABS) ?? new Uint8Array(0)).filter(n => n < ABS_CNT).length + bitsOf(codes.get(EV_REL) ?? new Uint8Array(0)).length;
  const wanted = Math.max(MIN_EVENTS, PACKETS * (1 + axes + OTHER_EVENTS));
  return 2 ** Math.ceil(Math.log2(wanted));
}
