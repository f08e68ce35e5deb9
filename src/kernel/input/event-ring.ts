// What one reader of an input device has not read yet. Events become readable when their packet is complete (SYN_REPORT); when the reader is too slow all
// but the newest event go, and SYN_DROPPED tells so (Documentation/input/event-codes.rst, SYN_DROPPED).
import { EV_SYN, SYN_DROPPED, SYN_REPORT } from '../../abi/input.ts';

export class EventRing {
  /** A power of two. */
  readonly size: number;
  private readonly mask: number;
  private readonly sec: Float64Array;
  private readonly usec: Int32Array;
  private readonly what: Uint32Array;
  private readonly values: Int32Array;
  /** Where the next event goes, where the next one is read, and the end of the last complete packet; modulo `size`. */
  private head = 0;
  private tail = 0;
  private packetHead = 0;

  constructor(size: number) {
    this.size = size;
    this.mask = size - 1;
    this.sec = new Float64Array(size);
    this.usec = new Int32Array(size);
    this.what = new Uint32Array(size);
    this.values = new Int32Array(size);
  }

  get hasPacket(): boolean { return this.packetHead !== this.tail; }
  get isEmpty(): boolean { return this.head === this.tail; }
  /** Nothing was added since the last complete packet. */
  get isBetweenPackets(): boolean { return this.packetHead === this.head; }

  add(sec: number, usec: number, type: number, code: number, value: number): void {
    this.put(this.head, sec, usec, type, code, value);
    this.head = (this.head + 1) & this.mask;
    if (this.head === this.tail) {
      this.tail = (this.head - 2) & this.mask;
      this.put(this.tail, sec, usec, EV_SYN, SYN_DROPPED, 0);
      this.packetHead = this.tail;
    }
    if (type === EV_SYN && code === SYN_REPORT) this.packetHead = this.head;
  }

  /** Everything goes; what is left is SYN_DROPPED. */
  dropAll(sec: number, usec: number): void {
    this.tail = this.head;
    this.put(this.head, sec, usec, EV_SYN, SYN_DROPPED, 0);
    this.head = this.packetHead = (this.head + 1) & this.mask;
  }

  /** Events of one type go, and packets that become empty by that: the reader has just been told the state they lead to (EVIOCGKEY and others). */
  dropType(dropped: number): void {
    const { mask } = this;
    let to = this.tail, inPacket = 0, packetHead = this.tail;
    for (let from = this.tail; from !== this.head; from = (from + 1) & mask) {
      const type = this.what[from]! >>> 16, isReport = type === EV_SYN && (this.what[from]! & 0xffff) === SYN_REPORT;
      if (type === dropped || (isReport && inPacket === 0)) continue;
      this.put(to, this.sec[from]!, this.usec[from]!, type, this.what[from]! & 0xffff, this.values[from]!);
      to = (to + 1) & mask;
      inPacket = isReport ? 0 : inPacket + 1;
      if (isReport) packetHead = to;
    }
    this.head = to;
    this.packetHead = packetHead;
  }

  /** Takes the next readable event into `into`, a struct input_event at `offset`. There is one: `hasPacket`. */
  take(into: DataView, offset: number): void {
    const i = this.tail;
    this.tail = (i + 1) & this.mask;
    into.setUint32(offset, this.sec[i]! >>> 0, true);
    into.setUint32(offset + 4, Math.floor(this.sec[i]! / 2 ** 32), true);
    into.setInt32(offset + 8, this.usec[i]!, true);
    into.setInt32(offset + 12, 0, true);
    into.setUint16(offset + 16, this.what[i]! >>> 16, true);
    into.setUint16(offset + 18, this.what[i]! & 0xffff, true);
    into.setInt32(offset + 20, this.values[i]!, true);
  }

  private put(at: number, sec: number, usec: number, type: number, code: number, value: number): void {
    this.sec[at] = sec;
    this.usec[at] = usec;
    this.what[at] = (type << 16 | code) >>> 0;
    this.values[at] = value;
  }
}
