// lo: what is sent comes back. TCP and UDP within the machine do not pass through it as frames (kernel/net/inet); packet sockets do.
import { ARPHRD_LOOPBACK, ETH_HLEN } from '../../../abi/packet.ts';
import { IFF_LOOPBACK, IFF_UP } from '../../../abi/socket.ts';
import { NetDevice } from './net-device.ts';
import type { NetDevices } from './net-devices.ts';

const MTU = 65536;
const ADDRESS = new Uint8Array(6);

export class Loopback extends NetDevice {
  private readonly devices: NetDevices;
  constructor(devices: NetDevices) {
    super({ type: ARPHRD_LOOPBACK, address: ADDRESS, broadcast: ADDRESS, mtu: MTU, minMtu: 0, maxMtu: 0, flags: IFF_LOOPBACK | IFF_UP, parentPath: '', qdisc: 'noqueue' });
    this.devices = devices;
  }

  override setAddress(): 0 { return 0; }

  /** Counts without link headers, as Linux does. */
  override transmit(frame: Uint8Array): 0 {
    const { stats } = this;
    stats.txPackets++;
    stats.txBytes += frame.length - ETH_HLEN;
    stats.rxPackets++;
    stats.rxBytes += frame.length - ETH_HLEN;
    this.devices.receive(this, frame);
    return 0;
  }
}
