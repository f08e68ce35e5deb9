// setsockopt(2) and getsockopt(2) of packet sockets: SOL_PACKET (packet(7)), filters and time stamps of SOL_SOCKET (socket(7)).
import { type Errno, EBUSY, EFAULT, EINVAL, ENOENT, ENOPROTOOPT, EPERM, type Fallible, isErr } from '../../../abi/errno.ts';
import { BPF_MAXINSNS, SockFilter, SockFprog } from '../../../abi/filter.ts';
import {
  PACKET_ADD_MEMBERSHIP, PACKET_AUXDATA, PACKET_DROP_MEMBERSHIP, PACKET_HDRLEN, PACKET_IGNORE_OUTGOING, PACKET_RESERVE, PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, PacketMreq,
  SOL_PACKET, TPACKET_V3, TpacketReq, TpacketReq3, TpacketStats, TpacketStatsV3,
} from '../../../abi/packet.ts';
import { SOL_SOCKET, SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_LOCK_FILTER, SO_TIMESTAMP, SO_TIMESTAMPNS } from '../../../abi/socket.ts';
import type { Task } from '../../task/task.ts';
import { compilePacketFilter } from '../filter.ts';
import { BlockRing } from './ring-blocks.ts';
import { FrameRing, headerBytes, type RingRequest } from './ring.ts';
import type { PacketSocket } from './socket.ts';

/** What of struct packet_mreq must be there: all but the address. */
const MREQ_HEAD = 8;

/** 0, an errno, or null: not one of these. */
export function setPacketOption(t: Task, s: PacketSocket, level: number, name: number, at: number, length: number): 0 | Errno | null {
  if (level === SOL_SOCKET) {
    switch (name) {
      case SO_ATTACH_FILTER: return attach(t, s, at, length);
      case SO_DETACH_FILTER: return detach(s);
      case SO_LOCK_FILTER: return setFlag(t, at, length, value => {
        if (s.filterLock === 'locked' && value === 0) return EPERM;
        if (value !== 0) s.filterLock = 'locked';
        return 0;
      });
      case SO_TIMESTAMP: case SO_TIMESTAMPNS: return setFlag(t, at, length, value => {
        s.options.set(SOL_SOCKET * 65536 + SO_TIMESTAMP, name === SO_TIMESTAMP && value !== 0 ? 1 : 0);
        s.options.set(SOL_SOCKET * 65536 + SO_TIMESTAMPNS, name === SO_TIMESTAMPNS && value !== 0 ? 1 : 0);
        return 0;
      });
      default: return null;
    }
  }
  if (level !== SOL_PACKET) return ENOPROTOOPT;
  switch (name) {
    case PACKET_ADD_MEMBERSHIP: case PACKET_DROP_MEMBERSHIP: return join(t, s, name, at, length);
    case PACKET_AUXDATA: return setFlag(t, at, length, value => {
      s.options.set(SOL_PACKET * 65536 + name, value !== 0 ? 1 : 0);
      return 0;
    });
    case PACKET_IGNORE_OUTGOING: return setFlag(t, at, length, value => {
      if (value < 0 || value > 1) return EINVAL;
      s.options.set(SOL_PACKET * 65536 + name, value);
      return 0;
    });
    case PACKET_VERSION: return setFlag(t, at, length, value => {
      if (s.ring !== null) return EBUSY;
      if (headerBytes(value) === 0) return EINVAL;
      s.ringVersion = value;
      return 0;
    });
    case PACKET_RESERVE: return setFlag(t, at, length, value => {
      if (value < 0) return EINVAL;
      if (s.ring !== null) return EBUSY;
      s.ringReserve = value;
      return 0;
    });
    case PACKET_RX_RING: return setRing(t, s, at, length);
    default: return ENOPROTOOPT;
  }
}

/** The value's bytes, an errno, or null: not one of these. */
export function getPacketOption(t: Task, s: PacketSocket, level: number, name: number, at: number): Fallible<Uint8Array> | null {
  if (level === SOL_SOCKET) {
    switch (name) {
      case SO_TIMESTAMP: case SO_TIMESTAMPNS: return word(s.option(level, name, 0));
      case SO_LOCK_FILTER: return word(s.filterLock === 'locked' ? 1 : 0);
      default: return null;
    }
  }
  if (level !== SOL_PACKET) return ENOPROTOOPT;
  switch (name) {
    case PACKET_STATISTICS: return statistics(s);
    case PACKET_VERSION: return word(s.ringVersion);
    case PACKET_RESERVE: return word(s.ringReserve);
    case PACKET_HDRLEN: {
      const e = t.user.loadI32(at);
      if (e !== 0) return e;
      const n = headerBytes(t.user.value);
      return n === 0 ? EINVAL : word(n);
    }
    case PACKET_AUXDATA: case PACKET_IGNORE_OUTGOING: return word(s.option(level, name, 0));
    default: return ENOPROTOOPT;
  }
}

/** An int of the user's. */
function setFlag(t: Task, at: number, length: number, set: (value: number) => 0 | Errno): 0 | Errno {
  if (length < 4) return EINVAL;
  const e = t.user.loadI32(at);
  return e !== 0 ? e : set(t.user.value);
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

// --- filters ---------------------------------------------------------------------------------------------------------------------------

function attach(t: Task, s: PacketSocket, at: number, length: number): 0 | Errno {
  if (length !== SockFprog.size) return EINVAL;
  const prog = SockFprog.view();
  if (isErr(t.user.copyIn(at, prog.bytes))) return EFAULT;
  if (s.filterLock === 'locked') return EPERM;
  if (prog.filter === 0 || prog.len === 0 || prog.len > BPF_MAXINSNS) return EINVAL;
  const bytes = new Uint8Array(prog.len * SockFilter.size);
  const e = t.user.copyIn(prog.filter, bytes);
  if (e !== 0) return e;
  const filter = compilePacketFilter(bytes);
  if (isErr(filter)) return filter;
  s.filter = filter;
  return 0;
}

function detach(s: PacketSocket): 0 | Errno {
  if (s.filterLock === 'locked') return EPERM;
  if (s.filter === null) return ENOENT;
  s.filter = null;
  return 0;
}

// --- packet(7) -------------------------------------------------------------------------------------------------------------------------

function join(t: Task, s: PacketSocket, name: number, at: number, length: number): 0 | Errno {
  if (length < PacketMreq.size) return EINVAL;
  const m = PacketMreq.view();
  const e = t.user.copyIn(at, m.bytes);
  if (e !== 0) return e;
  if (length < MREQ_HEAD + m.mr_alen) return EINVAL;
  const address = m.bytes.subarray(MREQ_HEAD, MREQ_HEAD + m.mr_alen);
  return name === PACKET_ADD_MEMBERSHIP ? s.memberships.add(m.mr_ifindex, m.mr_type, address) : s.memberships.drop(m.mr_ifindex, m.mr_type, address);
}

/** PACKET_RX_RING: makes the ring, or gives it up (no blocks), unless it is mapped. What waited to be read is gone. */
function setRing(t: Task, s: PacketSocket, at: number, length: number): 0 | Errno {
  const isBlocks = s.ringVersion === TPACKET_V3;
  const size = isBlocks ? TpacketReq3.size : TpacketReq.size;
  if (length < size) return EINVAL;
  const q = TpacketReq3.view();
  const e = t.user.copyIn(at, q.bytes.subarray(0, size));
  if (e !== 0) return e;
  if (s.ring !== null && (s.ring.memory.isMapped || q.tp_block_nr !== 0)) return EBUSY;
  if (q.tp_block_nr === 0) {
    if (q.tp_frame_nr !== 0) return EINVAL;
    s.ring?.release();
    s.ring = null;
    return 0;
  }
  const request: RingRequest = {
    version: s.ringVersion, blockSize: q.tp_block_size, blocks: q.tp_block_nr, frameSize: q.tp_frame_size, frames: q.tp_frame_nr, reserve: s.ringReserve,
    timeoutMs: q.tp_retire_blk_tov, privateBytes: q.tp_sizeof_priv,
  };
  const ring = isBlocks ? BlockRing.create(t, s, request) : FrameRing.create(t, request);
  if (isErr(ring)) return ring;
  s.ring = ring;
  s.inbox.dropAll();
  return 0;
}

/** Looking sets the counters back; what was dropped counts as heard, too. */
function statistics(s: PacketSocket): Uint8Array {
  const stats = TpacketStatsV3.view();
  stats.tp_packets = s.heard + s.dropped;
  stats.tp_drops = s.dropped;
  s.heard = s.dropped = 0;
  if (s.ringVersion !== TPACKET_V3) return stats.bytes.subarray(0, TpacketStats.size);
  if (s.ring instanceof BlockRing) {
    stats.tp_freeze_q_cnt = s.ring.freezes;
    s.ring.freezes = 0;
  }
  return stats.bytes;
}
