// Socket filters (socket(7) SO_ATTACH_FILTER; Linux: Documentation/networking/filter.rst): classic BPF (bpf/program.ts) over a packet. The result is how many
// bytes of it the socket keeps, 0: none. A load outside the packet ends the program with 0. Gaps: no SKF_AD_NLATTR*, SKF_AD_PAY_OFFSET.
import type { Fallible } from '../../abi/errno.ts';
import * as abi from '../../abi/filter.ts';
import type { ChaChaRng } from '../../lib/chacha.ts';
import {
  compileFilter, compute, Dialect, type DialectOp, DIV, holds, IMM, IMM_X, JSET, JUMP, MEM, MEM_X, MOD, NEG, RET, RET_A, STORE, STORE_X, TAX, TXA, USER, WORDS,
} from '../bpf/program.ts';

const { BPF_LD, BPF_LDX, BPF_ALU, BPF_W, BPF_H, BPF_B, BPF_ABS, BPF_IND, BPF_LEN, BPF_MSH, BPF_MOD, BPF_K, BPF_X } = abi;

// Operations of this dialect. Loads come by size, then counted from 0 or from X.
const WORD = USER, HALF = USER + 2, BYTE = USER + 4, LENGTH = USER + 6, LENGTH_X = USER + 7, HEADER_X = USER + 8, FACT = USER + 9;

/** What a filter may ask about a packet beside its bytes. */
export interface PacketFacts {
  /** The frame, link header first. */
  readonly bytes: Uint8Array;
  /** Where the socket's view of it begins, and its network header. */
  readonly start: number;
  readonly networkAt: number;
  /** In host order. */
  readonly protocol: number;
  readonly packetType: number;
  readonly ifindex: number;
  readonly hardwareType: number;
}

class PacketDialect extends Dialect {
  override decode(code: number, k: number): DialectOp | null {
    switch (code) {
      case BPF_LD | BPF_W | BPF_ABS: return load(WORD, k);
      case BPF_LD | BPF_H | BPF_ABS: return load(HALF, k);
      case BPF_LD | BPF_B | BPF_ABS: return load(BYTE, k);
      case BPF_LD | BPF_W | BPF_IND: return { op: WORD + 1, constant: k };
      case BPF_LD | BPF_H | BPF_IND: return { op: HALF + 1, constant: k };
      case BPF_LD | BPF_B | BPF_IND: return { op: BYTE + 1, constant: k };
      case BPF_LD | BPF_W | BPF_LEN: return { op: LENGTH, constant: 0 };
      case BPF_LDX | BPF_W | BPF_LEN: return { op: LENGTH_X, constant: 0 };
      case BPF_LDX | BPF_B | BPF_MSH: return { op: HEADER_X, constant: k };
      case BPF_ALU | BPF_MOD | BPF_K: return k === 0 ? null : { op: MOD, constant: k };
      case BPF_ALU | BPF_MOD | BPF_X: return { op: MOD + 1, constant: k };
      default: return null;
    }
  }
}

/** An absolute load: of the packet, or of a fact by its offset from SKF_AD_OFF. */
function load(op: number, k: number): DialectOp | null {
  const fact = (k | 0) - abi.SKF_AD_OFF;
  if (fact < 0 || fact >= -abi.SKF_AD_OFF) return { op, constant: k };
  const isKnown = fact % 4 === 0 && fact <= abi.SKF_AD_VLAN_TPID && fact !== abi.SKF_AD_NLATTR && fact !== abi.SKF_AD_NLATTR_NEST && fact !== abi.SKF_AD_PAY_OFFSET;
  return isKnown ? { op: FACT, constant: fact } : null;
}

const dialect = new PacketDialect();

/** The flat form of a filter, or EINVAL. */
export function compilePacketFilter(filter: Uint8Array): Fallible<Int32Array> { return compileFilter(filter, dialect); }

const scratch = new Int32Array(abi.BPF_MEMWORDS);

/** How many bytes of the packet the filter lets through; more than there are: all. */
export function runPacketFilter(program: Int32Array, packet: PacketFacts, random: ChaChaRng): number {
  let a = 0, x = 0;
  for (let pc = 0; ; pc += WORDS) {
    const k = program[pc + 3]!;
    const op = program[pc]!;
    switch (op) {
      case IMM: a = k; break;
      case IMM_X: x = k; break;
      case MEM: a = scratch[k]!; break;
      case MEM_X: x = scratch[k]!; break;
      case STORE: scratch[k] = a; break;
      case STORE_X: scratch[k] = x; break;
      case TAX: x = a; break;
      case TXA: a = x; break;
      case RET: return k >>> 0;
      case RET_A: return a >>> 0;
      case JUMP: pc = program[pc + 1]! - WORDS; break;
      case NEG: a = -a | 0; break;
      case LENGTH: a = packet.bytes.length - packet.start; break;
      case LENGTH_X: x = packet.bytes.length - packet.start; break;
      case FACT: a = k === abi.SKF_AD_ALU_XOR_X ? a ^ x : factOf(packet, k, random); break;
      case HEADER_X: {
        const at = place(packet, k, 1);
        if (at < 0) return 0;
        x = (packet.bytes[at]! & 15) << 2;
        break;
      }
      case WORD: case WORD + 1: case HALF: case HALF + 1: case BYTE: case BYTE + 1: {
        const size = op < HALF ? 4 : op < BYTE ? 2 : 1;
        const at = place(packet, (op & 1) === 0 ? k : (k + x) | 0, size);
        if (at < 0) return 0;
        a = read(packet.bytes, at, size);
        break;
      }
      default: {
        const b = (op & 1) === 0 ? k : x;
        if (op <= JSET + 1) {
          pc = program[pc + (holds(op & ~1, a, b) ? 1 : 2)]! - WORDS;
          break;
        }
        if (b === 0 && ((op & ~1) === DIV || (op & ~1) === MOD)) return 0;
        a = compute(op & ~1, a, b);
      }
    }
  }
}

/** Where `size` bytes at offset `k` lie; -1: outside. Negative offsets count from the network or link header. */
function place({ bytes, start, networkAt }: PacketFacts, k: number, size: number): number {
  const at = k >= 0 ? start + k : k >= abi.SKF_NET_OFF ? networkAt + (k - abi.SKF_NET_OFF) : k >= abi.SKF_LL_OFF ? k - abi.SKF_LL_OFF : -1;
  return at >= 0 && at + size <= bytes.length ? at : -1;
}

/** In network order. */
function read(bytes: Uint8Array, at: number, size: number): number {
  let n = 0;
  for (let i = 0; i < size; i++) n = (n << 8) | bytes[at + i]!;
  return n;
}

/** There is one queue, one processor, and nothing that marks, hashes or tags. */
function factOf(p: PacketFacts, fact: number, random: ChaChaRng): number {
  switch (fact) {
    case abi.SKF_AD_PROTOCOL: return p.protocol;
    case abi.SKF_AD_PKTTYPE: return p.packetType;
    case abi.SKF_AD_IFINDEX: return p.ifindex;
    case abi.SKF_AD_HATYPE: return p.hardwareType;
    case abi.SKF_AD_RANDOM: return random.below(2 ** 32) | 0;
    default: return 0;
  }
}
