// A tap on a wire that writes what passes, both ways, as a capture file (draft-ietf-opsawg-pcap: the classic format, with nanoseconds): for tcpdump and
// Wireshark on the host.
import type { NetBackend, NetListener } from './host.ts';

const MAGIC_NS = 0xa1b2_3c4d, LINKTYPE_ETHERNET = 1;
const HEADER_BYTES = 24, RECORD_BYTES = 16;

/** Takes pieces of the file, in order; the bytes are the sink's. */
export interface CaptureSink {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Wall-clock time: seconds since 1970 and nanoseconds. */
export interface CaptureClock { now(): { readonly sec: number; readonly nsec: number } }

export class PcapTap implements NetBackend, NetListener {
  readonly #wire: NetBackend;
  readonly #sink: CaptureSink;
  readonly #clock: CaptureClock;
  #card: NetListener | null = null;

  constructor(wire: NetBackend, sink: CaptureSink, clock: CaptureClock) {
    this.#wire = wire;
    this.#sink = sink;
    this.#clock = clock;
    sink.write(pcapHeader(wire.mtu + 18));
    wire.attach(this);
  }

  get mac(): Uint8Array { return this.#wire.mac; }
  get mtu(): number { return this.#wire.mtu; }
  get isLinkUp(): boolean { return this.#wire.isLinkUp; }
  attach(listener: NetListener | null): void { this.#card = listener; }
  send(frame: Uint8Array): void {
    this.#record(frame);
    this.#wire.send(frame);
  }
  received(frame: Uint8Array): void {
    this.#record(frame);
    this.#card?.received(frame);
  }
  linkChanged(): void { this.#card?.linkChanged(); }
  close(): void {
    this.#wire.close();
    this.#sink.close();
  }

  #record(frame: Uint8Array): void {
    const { sec, nsec } = this.#clock.now();
    this.#sink.write(pcapRecord(frame, sec, nsec));
  }
}

/** The head of a file of Ethernet frames of at most `snapLength` bytes, in little-endian order. */
export function pcapHeader(snapLength: number): Uint8Array {
  const v = new DataView(new ArrayBuffer(HEADER_BYTES));
  v.setUint32(0, MAGIC_NS, true);
  v.setUint16(4, 2, true);
  v.setUint16(6, 4, true);
  v.setUint32(16, snapLength, true);
  v.setUint32(20, LINKTYPE_ETHERNET, true);
  return new Uint8Array(v.buffer);
}

export function pcapRecord(frame: Uint8Array, sec: number, nsec: number): Uint8Array {
  const out = new Uint8Array(RECORD_BYTES + frame.length);
  const v = new DataView(out.buffer);
  v.setUint32(0, sec, true);
  v.setUint32(4, nsec, true);
  v.setUint32(8, frame.length, true);
  v.setUint32(12, frame.length, true);
  out.set(frame, RECORD_BYTES);
  return out;
}
