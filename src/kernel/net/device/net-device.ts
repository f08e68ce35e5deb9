// A network interface (netdevice(7)): what all kinds have in common. A kind moves frames; whether the interface is up, how long frames may be and which of them
// it is to hear is decided here and in settings.ts.
import { type Errno, EOPNOTSUPP } from '../../../abi/errno.ts';
import { IFF_LOWER_UP, ETH_ALEN } from '../../../abi/packet.ts';
import { IF_OPER_DOWN, IF_OPER_UNKNOWN, IF_OPER_UP } from '../../../abi/rtnetlink.ts';
import { IFF_LOOPBACK, IFF_RUNNING, IFF_UP } from '../../../abi/socket.ts';

/** Counters of proc_pid_net(5) `dev` that anything counts up here; all others are 0. */
export class NetStats {
  rxPackets = 0;
  rxBytes = 0;
  rxErrors = 0;
  rxDropped = 0;
  txPackets = 0;
  txBytes = 0;
  txErrors = 0;
  txDropped = 0;
  multicast = 0;
}

/** What a kind of interface says about itself. */
export interface NetDeviceInfo {
  /** ARPHRD_*. */
  readonly type: number;
  readonly address: Uint8Array;
  readonly broadcast: Uint8Array;
  readonly mtu: number;
  /** Bounds of the MTU; a maximum of 0: none. */
  readonly minMtu: number;
  readonly maxMtu: number;
  /** IFF_*. */
  readonly flags: number;
  /** Directory in /sys that has it, without a leading slash; '': it is virtual. */
  readonly parentPath: string;
  /** As in IFLA_QDISC. */
  readonly qdisc: string;
}

export abstract class NetDevice {
  /** Given when it is registered; an index is never used twice. */
  name = '';
  index = 0;
  readonly info: NetDeviceInfo;
  readonly address: Uint8Array;
  mtu: number;
  /** What was set: IFF_UP, IFF_PROMISC, ... What is true on top of it is in `visibleFlags`. */
  flags: number;
  /** It was up at least once. */
  wasUp: boolean;
  txQueueLength = 1000;
  carrier: 'on' | 'off' = 'on';
  carrierChanges = 0;
  /** How many want to hear everything, or every multicast; and who wants which address, by its hexadecimal form. */
  promiscuity = 0;
  allMulticast = 0;
  readonly wanted = new Map<string, number>();
  readonly stats = new NetStats();

  constructor(info: NetDeviceInfo) {
    this.info = info;
    this.address = info.address.slice();
    this.mtu = info.mtu;
    this.flags = info.flags;
    this.wasUp = this.isUp;
  }

  get isUp(): boolean { return (this.flags & IFF_UP) !== 0; }
  get isLoopback(): boolean { return (this.flags & IFF_LOOPBACK) !== 0; }
  /** With what depends on its state: SIOCGIFFLAGS (its lower half), ifi_flags. */
  get visibleFlags(): number {
    const works = this.isUp && this.carrier === 'on';
    return (this.flags & ~(IFF_RUNNING | IFF_LOWER_UP)) | (works ? IFF_RUNNING | IFF_LOWER_UP : 0);
  }
  /** RFC 2863. */
  get operstate(): number { return this.isLoopback ? (this.isUp ? IF_OPER_UNKNOWN : IF_OPER_DOWN) : this.isUp && this.carrier === 'on' ? IF_OPER_UP : IF_OPER_DOWN; }
  /** Below /sys. */
  get sysPath(): string { return `${this.info.parentPath === '' ? 'devices/virtual' : this.info.parentPath}/net/${this.name}`; }

  /** IFF_UP is about to be set, or was taken away. */
  open(): 0 | Errno { return 0; }
  close(): void {}
  /** Sends a whole frame, link header first, which is the device's now. ENOBUFS: there is no room, it is lost. */
  abstract transmit(frame: Uint8Array): 0 | Errno;
  /** May it have this hardware address? From now on it answers to it. */
  setAddress(_address: Uint8Array): 0 | Errno { return EOPNOTSUPP; }
  /** `promiscuity`, `allMulticast` or `wanted` have changed. */
  filterChanged(): void {}

  /** One more, or one less, who wants to hear this. */
  adjust(what: 'promiscuity' | 'allMulticast', by: 1 | -1): void {
    const before = this[what];
    this[what] = Math.max(0, before + by);
    if ((before === 0) !== (this[what] === 0)) this.filterChanged();
  }
  want(address: string, by: 1 | -1): void {
    const count = (this.wanted.get(address) ?? 0) + by;
    if (count > 0) this.wanted.set(address, count);
    else this.wanted.delete(address);
    if (count === 0 || (count === 1 && by === 1)) this.filterChanged();
  }
}

/** 'aa:bb:cc:dd:ee:ff'. */
export function formatAddress(address: Uint8Array): string {
  let text = '';
  for (let i = 0; i < ETH_ALEN; i++) text += `${i === 0 ? '' : ':'}${address[i]!.toString(16).padStart(2, '0')}`;
  return text;
}
