// Receive rings of packet sockets (packet(7); Linux: Documentation/networking/packet_mmap.rst): frames lie in memory that the program has mapped, and a status
// word says whose they are. TPACKET_V1 and V2 have a slot for each frame; TPACKET_V3 is in ring-blocks.ts.
import { type Fallible, EINVAL, isErr } from '../../../abi/errno.ts';
import {
  TP_STATUS_KERNEL, TP_STATUS_LOSING, TP_STATUS_TS_SOFTWARE, TP_STATUS_USER, TPACKET_ALIGNMENT, TPACKET_V1, TPACKET_V2, TPACKET_V3, SockaddrLl, Tpacket2Hdr, Tpacket3Hdr, TpacketHdr,
} from '../../../abi/packet.ts';
import type { Task } from '../../task/task.ts';
import type { HeardFrame } from './inbox.ts';
import { RingMemory } from './ring-memory.ts';

export interface RingRequest {
  readonly version: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly frameSize: number;
  readonly frames: number;
  /** PACKET_RESERVE: bytes before each frame. */
  readonly reserve: number;
  /** TPACKET_V3: milliseconds after which a block is the program's though it is not full, and bytes of each that are. */
  readonly timeoutMs: number;
  readonly privateBytes: number;
}

export abstract class PacketRing {
  readonly memory: RingMemory;
  readonly version: number;
  protected readonly reserve: number;
  constructor(memory: RingMemory, q: RingRequest) {
    this.memory = memory;
    this.version = q.version;
    this.reserve = q.reserve;
  }

  /** Writes a frame. 'full': the program has not given anything back. `losing`: frames were lost since it asked last. */
  abstract add(frame: HeardFrame, losing: boolean): 'added' | 'ready' | 'full';
  /** Is there something for the program to read? */
  abstract readonly isReadable: boolean;
  /** The socket is closed, or the ring given up. */
  release(): void { this.memory.release(); }

  /** Where the frame begins, from its header on: its network header is aligned. */
  protected macAt(networkAt: number): number { return this.networkFrom(networkAt) - networkAt; }
  private networkFrom(networkAt: number): number {
    const header = ringHeaderBytes(this.version);
    return (networkAt === 0 ? align(header) + 16 : align(header + Math.max(16, networkAt))) + this.reserve;
  }
}

const align = (n: number): number => Math.ceil(n / TPACKET_ALIGNMENT) * TPACKET_ALIGNMENT;

/** PACKET_HDRLEN: of a frame's header alone; 0: no such version. */
export function headerBytes(version: number): number {
  switch (version) {
    case TPACKET_V1: return TpacketHdr.size;
    case TPACKET_V2: return Tpacket2Hdr.size;
    case TPACKET_V3: return Tpacket3Hdr.size;
    default: return 0;
  }
}
/** With the struct sockaddr_ll behind it (TPACKET_HDRLEN). */
export const ringHeaderBytes = (version: number): number => align(headerBytes(version)) + SockaddrLl.size;

/** TPACKET_V1 and V2: a slot for each frame. */
export class FrameRing extends PacketRing {
  private readonly frameSize: number;
  private readonly blockSize: number;
  private readonly perBlock: number;
  private readonly count: number;
  /** The next slot. */
  private head = 0;

  static create(t: Task, q: RingRequest): Fallible<FrameRing> {
    if (!isSane(q)) return EINVAL;
    const memory = RingMemory.create(t, q.blockSize * q.blocks);
    return isErr(memory) ? memory : new FrameRing(memory, q);
  }

  private constructor(memory: RingMemory, q: RingRequest) {
    super(memory, q);
    this.frameSize = q.frameSize;
    this.blockSize = q.blockSize;
    this.perBlock = Math.floor(q.blockSize / q.frameSize);
    this.count = q.frames;
  }

  private slot(i: number): number { return Math.floor(i / this.perBlock) * this.blockSize + i % this.perBlock * this.frameSize; }
  override get isReadable(): boolean { return this.memory.get(this.slot((this.head + this.count - 1) % this.count)) !== TP_STATUS_KERNEL; }

  override add({ bytes, fullLength, networkAt, from, time }: HeardFrame, losing: boolean): 'ready' | 'full' {
    const { memory } = this;
    const at = this.slot(this.head);
    if (memory.get(at) !== TP_STATUS_KERNEL) return 'full';
    this.head = (this.head + 1) % this.count;
    const mac = this.macAt(networkAt);
    const length = Math.max(0, Math.min(bytes.length, this.frameSize - mac));
    memory.put(at + mac, bytes.subarray(0, length));
    const fields = this.version === TPACKET_V1 ? at + TpacketHdr.offsets.tp_len : at + Tpacket2Hdr.offsets.tp_len;
    memory.set(fields, fullLength);
    memory.set(fields + 4, length);
    memory.set(fields + 8, mac | ((mac + networkAt) << 16));
    memory.set(fields + 12, time.sec);
    memory.set(fields + 16, this.version === TPACKET_V1 ? Math.floor(time.nsec / 1000) : time.nsec);
    if (this.version === TPACKET_V2) memory.set(fields + 20, 0);
    memory.put(at + align(headerBytes(this.version)), from);
    memory.set(at, TP_STATUS_USER | TP_STATUS_TS_SOFTWARE | (losing ? TP_STATUS_LOSING : 0));
    return 'ready';
  }
}

/** What packet_mmap.rst demands of a ring's geometry. */
export function isSane(q: RingRequest): boolean {
  const { blockSize, blocks, frameSize, frames } = q;
  const smallest = ringHeaderBytes(q.version) + q.reserve;
  return blockSize > 0 && blockSize < 2 ** 31 && blockSize % 4096 === 0 && frameSize >= smallest && frameSize % TPACKET_ALIGNMENT === 0 && blockSize >= frameSize
    && Math.floor(blockSize / frameSize) * blocks === frames;
}
