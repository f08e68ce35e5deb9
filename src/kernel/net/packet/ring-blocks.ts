// TPACKET_V3: blocks of frames, one behind the other, given to the program when they are full, or when the first frame in them has waited for a while.
import { type Fallible, EINVAL, isErr } from '../../../abi/errno.ts';
import {
  TP_STATUS_BLK_TMO, TP_STATUS_KERNEL, TP_STATUS_LOSING, TP_STATUS_TS_SOFTWARE, TP_STATUS_USER, TPACKET_V3, Tpacket3Hdr, TpacketHdrV1,
} from '../../../abi/packet.ts';
import { TimerTarget } from '../../time/timers.ts';
import type { Task } from '../../task/task.ts';
import type { Timestamp } from '../../vfs/inode.ts';
import type { HeardFrame } from './inbox.ts';
import { isSane, PacketRing, ringHeaderBytes, type RingRequest } from './ring.ts';
import { RingMemory } from './ring-memory.ts';
import type { PacketSocket } from './socket.ts';

/** struct tpacket_block_desc: version, offset of the private part, then struct tpacket_hdr_v1. */
const DESC_BYTES = 8 + TpacketHdrV1.size;
const STATUS = 8 + TpacketHdrV1.offsets.block_status, COUNT = 8 + TpacketHdrV1.offsets.num_pkts, FIRST = 8 + TpacketHdrV1.offsets.offset_to_first_pkt,
  LENGTH = 8 + TpacketHdrV1.offsets.blk_len, SEQUENCE = 8 + TpacketHdrV1.offsets.seq_num, FIRST_TIME = 8 + TpacketHdrV1.offsets.ts_first_pkt,
  LAST_TIME = 8 + TpacketHdrV1.offsets.ts_last_pkt;
/** Where the program does not say how long a block may wait. */
const DEFAULT_TIMEOUT_MS = 8;

const align8 = (n: number): number => Math.ceil(n / 8) * 8;

export class BlockRing extends PacketRing {
  private readonly socket: PacketSocket;
  private readonly blockSize: number;
  private readonly blocks: number;
  /** Of a block: where frames begin. */
  private readonly start: number;
  private readonly timeoutNs: number;
  /** The block that is filled; 'waiting': the program still has it. */
  private current = 0;
  private state: 'open' | 'waiting' = 'waiting';
  /** In the current block: frames, where the next one goes, where the last one is, and how long the first has waited. */
  private count = 0;
  private next = 0;
  private last = 0;
  private lastTime: Timestamp = { sec: 0, nsec: 0 };
  private sequence = 1;
  private timer = 0;
  /** How often all blocks were the program's (tp_freeze_q_cnt). */
  freezes = 0;

  static create(t: Task, socket: PacketSocket, q: RingRequest): Fallible<BlockRing> {
    const start = DESC_BYTES + align8(q.privateBytes);
    if (!isSane(q) || q.blockSize < start + ringHeaderBytes(q.version) + q.reserve) return EINVAL;
    const memory = RingMemory.create(t, q.blockSize * q.blocks);
    if (isErr(memory)) return memory;
    const ring = new BlockRing(socket, memory, q, start);
    ring.open(t.kernel.realtime());
    return ring;
  }

  private constructor(socket: PacketSocket, memory: RingMemory, q: RingRequest, start: number) {
    super(memory, q);
    this.socket = socket;
    this.blockSize = q.blockSize;
    this.blocks = q.blocks;
    this.start = start;
    this.timeoutNs = (q.timeoutMs === 0 ? DEFAULT_TIMEOUT_MS : q.timeoutMs) * 1_000_000;
  }

  private get at(): number { return this.current * this.blockSize; }
  private get kernel(): Task['kernel'] { return this.socket.inode.sb.kernel; }

  override get isReadable(): boolean {
    return this.memory.get((this.current + this.blocks - 1) % this.blocks * this.blockSize + STATUS) !== TP_STATUS_KERNEL;
  }

  override add(frame: HeardFrame, losing: boolean): 'added' | 'ready' | 'full' {
    if (this.state === 'waiting' && !this.open(frame.time)) return 'full';
    const mac = this.macAt(frame.networkAt);
    const length = Math.max(0, Math.min(frame.bytes.length, this.blockSize - this.start - mac));
    let result: 'added' | 'ready' = 'added';
    if (this.next + align8(mac + length) > this.blockSize) {
      this.close(losing ? TP_STATUS_LOSING : 0);
      result = 'ready';
      if (!this.open(frame.time)) {
        this.freezes++;
        return 'full';
      }
    }
    this.write(frame, mac, length);
    return result;
  }

  private write({ bytes, fullLength, networkAt, from, time }: HeardFrame, mac: number, length: number): void {
    const { memory } = this;
    const at = this.at + this.next, o = Tpacket3Hdr.offsets;
    const size = align8(mac + length);
    memory.set(at + o.tp_next_offset, size);
    memory.set(at + o.tp_sec, time.sec);
    memory.set(at + o.tp_nsec, time.nsec);
    memory.set(at + o.tp_snaplen, length);
    memory.set(at + o.tp_len, fullLength);
    memory.set(at + o.tp_status, TP_STATUS_USER | TP_STATUS_TS_SOFTWARE);
    memory.set(at + o.tp_mac, mac | ((mac + networkAt) << 16));
    for (let i = o.tp_mac + 4; i < Tpacket3Hdr.size; i += 4) memory.set(at + i, 0);
    memory.put(at + Tpacket3Hdr.size, from);
    memory.put(at + mac, bytes.subarray(0, length));
    this.last = this.next;
    this.lastTime = time;
    this.next += size;
    this.count++;
    memory.set(this.at + COUNT, this.count);
    memory.set(this.at + LENGTH, this.next);
    if (this.timer === 0) this.timer = this.kernel.timers.add(this.kernel.now() + this.timeoutNs, new BlockTimer(this));
  }

  /** Begins with the current block, if it is ours. */
  private open(time: Timestamp): boolean {
    const { memory, at } = this;
    if (memory.get(at + STATUS) !== TP_STATUS_KERNEL) {
      this.state = 'waiting';
      return false;
    }
    this.state = 'open';
    this.count = this.last = 0;
    this.next = this.start;
    memory.set(at, TPACKET_V3);
    memory.set(at + 4, DESC_BYTES);
    memory.set(at + COUNT, 0);
    memory.set(at + FIRST, this.start);
    memory.set(at + LENGTH, this.start);
    memory.set(at + SEQUENCE, this.sequence % 2 ** 32);
    memory.set(at + SEQUENCE + 4, Math.floor(this.sequence++ / 2 ** 32));
    memory.set(at + FIRST_TIME, time.sec);
    memory.set(at + FIRST_TIME + 4, time.nsec);
    return true;
  }

  /** The current block is the program's. */
  private close(why: number): void {
    const { memory, at } = this;
    memory.set(at + this.last + Tpacket3Hdr.offsets.tp_next_offset, 0);
    memory.set(at + LAST_TIME, this.lastTime.sec);
    memory.set(at + LAST_TIME + 4, this.lastTime.nsec);
    memory.set(at + STATUS, TP_STATUS_USER | why);
    this.current = (this.current + 1) % this.blocks;
    this.state = 'waiting';
    if (this.timer !== 0) this.kernel.timers.cancel(this.timer);
    this.timer = 0;
  }

  /** The first frame of the block has waited long enough. */
  expire(): void {
    this.timer = 0;
    if (this.state !== 'open' || this.count === 0) return;
    this.close(TP_STATUS_BLK_TMO | (this.socket.dropped > 0 ? TP_STATUS_LOSING : 0));
    this.open(this.lastTime);
    this.socket.ringReady();
  }

  override release(): void {
    if (this.timer !== 0) this.kernel.timers.cancel(this.timer);
    this.timer = 0;
    super.release();
  }
}

class BlockTimer extends TimerTarget {
  private readonly ring: BlockRing;
  constructor(ring: BlockRing) {
    super();
    this.ring = ring;
  }
  override expire(): void { this.ring.expire(); }
}
