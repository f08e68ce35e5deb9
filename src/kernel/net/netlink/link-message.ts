// RTM_NEWLINK and RTM_DELLINK (rtnetlink(7)): an interface as a netlink message, for who asks and for who listens.
import { ARPHRD_LOOPBACK } from '../../../abi/packet.ts';
import {
  IFLA_ADDRESS, IFLA_BROADCAST, IFLA_CARRIER, IFLA_CARRIER_CHANGES, IFLA_GROUP, IFLA_IFNAME, IFLA_LINKMODE, IFLA_MAX_MTU, IFLA_MIN_MTU, IFLA_MTU, IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES, IFLA_OPERSTATE, IFLA_PARENT_DEV_BUS_NAME, IFLA_PARENT_DEV_NAME, IFLA_PERM_ADDRESS, IFLA_PROMISCUITY, IFLA_QDISC, IFLA_STATS, IFLA_STATS64,
  IFLA_TXQLEN, type RTM_DELLINK, type RTM_NEWLINK,
} from '../../../abi/rtnetlink.ts';
import { AF_UNSPEC } from '../../../abi/socket.ts';
import type { NetDevice, NetStats } from '../device/net-device.ts';
import { MessageWriter } from './message.ts';

/** A message of the kernel to all who listen. `changed`: ifi_change. */
export function linkMessage(d: NetDevice, type: typeof RTM_NEWLINK | typeof RTM_DELLINK, changed: number): Uint8Array {
  const w = new MessageWriter();
  writeLink(w, d, type, 0, 0, 0, changed);
  return w.take();
}

/** struct ifinfomsg (u8 family, pad, u16 type, i32 index, u32 flags, u32 change) and its attributes. */
export function writeLink(w: MessageWriter, d: NetDevice, type: number, flags: number, seq: number, pid: number, changed: number): void {
  w.begin(type, flags, seq, pid);
  w.u16(AF_UNSPEC);
  w.u16(d.info.type);
  w.u32(d.index);
  w.u32(d.visibleFlags);
  w.u32(changed >>> 0);
  w.attributeText(IFLA_IFNAME, d.name);
  w.attributeU32(IFLA_TXQLEN, d.txQueueLength);
  w.attribute(IFLA_OPERSTATE, [d.operstate]);
  w.attribute(IFLA_LINKMODE, [0]);
  w.attributeU32(IFLA_MTU, d.mtu);
  w.attributeU32(IFLA_MIN_MTU, d.info.minMtu);
  w.attributeU32(IFLA_MAX_MTU, d.info.maxMtu);
  w.attributeU32(IFLA_GROUP, 0);
  w.attributeU32(IFLA_PROMISCUITY, d.promiscuity);
  w.attributeU32(IFLA_NUM_TX_QUEUES, 1);
  w.attributeU32(IFLA_NUM_RX_QUEUES, 1);
  w.attribute(IFLA_CARRIER, [d.carrier === 'on' ? 1 : 0]);
  w.attributeU32(IFLA_CARRIER_CHANGES, d.carrierChanges);
  w.attribute(IFLA_ADDRESS, d.address);
  w.attribute(IFLA_BROADCAST, d.info.broadcast);
  w.attribute(IFLA_STATS64, counters(d.stats, 8));
  w.attribute(IFLA_STATS, counters(d.stats, 4));
  w.attributeText(IFLA_QDISC, d.wasUp ? d.info.qdisc : 'noop');
  if (d.info.type !== ARPHRD_LOOPBACK) w.attribute(IFLA_PERM_ADDRESS, d.info.address);
  if (d.info.parentPath !== '') {
    w.attributeText(IFLA_PARENT_DEV_NAME, d.info.parentPath.replace(/.*\//, ''));
    w.attributeText(IFLA_PARENT_DEV_BUS_NAME, 'virtio');
  }
  w.end();
}

/** struct rtnl_link_stats64: 25 counters; or rtnl_link_stats: the first 24 of them as words. */
function counters(s: NetStats, size: 4 | 8): Uint8Array {
  const out = new DataView(new ArrayBuffer(size === 8 ? 200 : 96));
  [s.rxPackets, s.txPackets, s.rxBytes, s.txBytes, s.rxErrors, s.txErrors, s.rxDropped, s.txDropped, s.multicast].forEach((n, i) => {
    out.setUint32(i * size, n % 2 ** 32, true);
    if (size === 8) out.setUint32(i * size + 4, Math.floor(n / 2 ** 32), true);
  });
  return new Uint8Array(out.buffer);
}
