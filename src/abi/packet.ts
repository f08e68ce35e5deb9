// packet(7), netdevice(7): linux/if_packet.h, linux/if_ether.h, linux/if_arp.h, linux/sockios.h, linux/if.h.

import { bytes, i32, pad, struct, u16, u32, u64, u8 } from '../lib/struct.ts';

export const SOL_PACKET = 263;

// Ethernet protocols that mean something here, in host order
export const ETH_P_802_3 = 1;
export const ETH_P_ALL = 3;
export const ETH_P_802_2 = 4;
export const ETH_P_IP = 0x800;
export const ETH_P_ARP = 0x806;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_802_3_MIN = 0x600;
export const ETH_ALEN = 6;
export const ETH_HLEN = 14;

// Hardware types
export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;

// sll_pkttype
export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;

// Options
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_DROP_MEMBERSHIP = 2;
export const PACKET_RECV_OUTPUT = 3;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_COPY_THRESH = 7;
export const PACKET_AUXDATA = 8;
export const PACKET_ORIGDEV = 9;
export const PACKET_VERSION = 10;
export const PACKET_HDRLEN = 11;
export const PACKET_RESERVE = 12;
export const PACKET_TX_RING = 13;
export const PACKET_LOSS = 14;
export const PACKET_VNET_HDR = 15;
export const PACKET_TIMESTAMP = 17;
export const PACKET_FANOUT = 18;
export const PACKET_QDISC_BYPASS = 20;
export const PACKET_IGNORE_OUTGOING = 23;
export const PACKET_MR_MULTICAST = 0;
export const PACKET_MR_PROMISC = 1;
export const PACKET_MR_ALLMULTI = 2;
export const PACKET_MR_UNICAST = 3;
// Rings
export const TPACKET_V1 = 0;
export const TPACKET_V2 = 1;
export const TPACKET_V3 = 2;
export const TPACKET_ALIGNMENT = 16;
export const TP_STATUS_KERNEL = 0;
export const TP_STATUS_USER = 1;
export const TP_STATUS_LOSING = 4;
export const TP_STATUS_BLK_TMO = 0x20;
export const TP_STATUS_TS_SOFTWARE = 0x20000000;

// Requests about interfaces that socket.ts does not have
export const SIOCGSTAMP_OLD = 0x8906;
export const SIOCGSTAMPNS_OLD = 0x8907;
export const SIOCGSTAMP_NEW = 0x80108906;
export const SIOCGSTAMPNS_NEW = 0x80108907;
export const SIOCSIFMTU = 0x8922;
export const SIOCSIFNAME = 0x8923;
export const SIOCSIFHWADDR = 0x8924;
export const SIOCADDMULTI = 0x8931;
export const SIOCDELMULTI = 0x8932;
export const SIOCSIFTXQLEN = 0x8943;
export const SIOCETHTOOL = 0x8946;
export const SIOCGIFMAP = 0x8970;
export const IFF_DEBUG = 0x4;
export const IFF_NOTRAILERS = 0x20;
export const IFF_PROMISC = 0x100;
export const IFF_ALLMULTI = 0x200;
export const IFF_PORTSEL = 0x2000;
export const IFF_AUTOMEDIA = 0x4000;
export const IFF_DYNAMIC = 0x8000;
export const IFF_LOWER_UP = 0x10000;
export const IFNAMSIZ = 16;

/** packet(7). */
export const SockaddrLl = struct('sockaddr_ll', {
  sll_family: u16, sll_protocol: u16, sll_ifindex: i32, sll_hatype: u16, sll_pkttype: u8, sll_halen: u8, sll_addr: bytes(8),
});
export const PacketMreq = struct('packet_mreq', { mr_ifindex: i32, mr_type: u16, mr_alen: u16, mr_address: bytes(8) });
export const TpacketStats = struct('tpacket_stats', { tp_packets: u32, tp_drops: u32 });
export const TpacketAuxdata = struct('tpacket_auxdata', {
  tp_status: u32, tp_len: u32, tp_snaplen: u32, tp_mac: u16, tp_net: u16, tp_vlan_tci: u16, tp_vlan_tpid: u16,
});
/** PACKET_RX_RING; TPACKET_V3 has three fields more. */
export const TpacketReq = struct('tpacket_req', { tp_block_size: u32, tp_block_nr: u32, tp_frame_size: u32, tp_frame_nr: u32 });
export const TpacketReq3 = struct('tpacket_req3', {
  tp_block_size: u32, tp_block_nr: u32, tp_frame_size: u32, tp_frame_nr: u32, tp_retire_blk_tov: u32, tp_sizeof_priv: u32, tp_feature_req_word: u32,
});
export const TpacketStatsV3 = struct('tpacket_stats_v3', { tp_packets: u32, tp_drops: u32, tp_freeze_q_cnt: u32 });
export const TpacketHdr = struct('tpacket_hdr', { tp_status: u64, tp_len: u32, tp_snaplen: u32, tp_mac: u16, tp_net: u16, tp_sec: u32, tp_usec: u32, _pad: pad(4) });
export const Tpacket2Hdr = struct('tpacket2_hdr', {
  tp_status: u32, tp_len: u32, tp_snaplen: u32, tp_mac: u16, tp_net: u16, tp_sec: u32, tp_nsec: u32, tp_vlan_tci: u16, tp_vlan_tpid: u16, _pad: pad(4),
});
export const Tpacket3Hdr = struct('tpacket3_hdr', {
  tp_next_offset: u32, tp_sec: u32, tp_nsec: u32, tp_snaplen: u32, tp_len: u32, tp_status: u32, tp_mac: u16, tp_net: u16, _hv1: pad(12), _pad: pad(8),
});
export const TpacketHdrV1 = struct('tpacket_hdr_v1', {
  block_status: u32, num_pkts: u32, offset_to_first_pkt: u32, blk_len: u32, seq_num: u64, ts_first_pkt: u64, ts_last_pkt: u64,
});
