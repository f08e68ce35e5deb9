// Data sheets: the register layouts that device models and drivers share. PLIC (sifive,plic-1.0.0), goldfish real-time clock, virtio 1.2 over
// MMIO ("4.2 Virtio Over MMIO", "2.7 Split Virtqueues") and the device types that the board has (5).

// Platform-level interrupt controller (RISC-V PLIC specification 1.0.0), offsets
export const PLIC_PRIORITY = 0x0;             // + 4 * source
export const PLIC_PENDING = 0x1000;           // a bit a source
export const PLIC_ENABLE = 0x2000;            // + 0x80 * context
export const PLIC_ENABLE_STRIDE = 0x80;
export const PLIC_CONTEXT = 0x20_0000;        // + 0x1000 * context: threshold, claim/complete
export const PLIC_CONTEXT_STRIDE = 0x1000;
export const PLIC_THRESHOLD = 0;
export const PLIC_CLAIM = 4;
export const PLIC_SIZE = 0x400_0000;

// Goldfish real-time clock: nanoseconds since 1970; reading TIME_LOW latches TIME_HIGH
export const RTC_TIME_LOW = 0x0;
export const RTC_TIME_HIGH = 0x4;

// Slot controller: which virtio-mmio window has changed, counted from 1; reading takes it off the list, 0: none
export const SLOTS_CHANGED = 0x0;

// virtio-mmio, version 2
export const MMIO_MAGIC_VALUE = 0x000;
export const MMIO_VERSION = 0x004;
export const MMIO_DEVICE_ID = 0x008;
export const MMIO_VENDOR_ID = 0x00c;
export const MMIO_DEVICE_FEATURES = 0x010;
export const MMIO_DEVICE_FEATURES_SEL = 0x014;
export const MMIO_DRIVER_FEATURES = 0x020;
export const MMIO_DRIVER_FEATURES_SEL = 0x024;
export const MMIO_QUEUE_SEL = 0x030;
export const MMIO_QUEUE_NUM_MAX = 0x034;
export const MMIO_QUEUE_NUM = 0x038;
export const MMIO_QUEUE_READY = 0x044;
export const MMIO_QUEUE_NOTIFY = 0x050;
export const MMIO_INTERRUPT_STATUS = 0x060;
export const MMIO_INTERRUPT_ACK = 0x064;
export const MMIO_STATUS = 0x070;
export const MMIO_QUEUE_DESC_LOW = 0x080;
export const MMIO_QUEUE_DESC_HIGH = 0x084;
export const MMIO_QUEUE_DRIVER_LOW = 0x090;
export const MMIO_QUEUE_DRIVER_HIGH = 0x094;
export const MMIO_QUEUE_DEVICE_LOW = 0x0a0;
export const MMIO_QUEUE_DEVICE_HIGH = 0x0a4;
export const MMIO_SHM_LEN_LOW = 0x0b0;
export const MMIO_SHM_LEN_HIGH = 0x0b4;
export const MMIO_SHM_BASE_LOW = 0x0b8;
export const MMIO_SHM_BASE_HIGH = 0x0bc;
export const MMIO_CONFIG_GENERATION = 0x0fc;
export const MMIO_CONFIG = 0x100;
export const VIRTIO_MAGIC = 0x7472_6976;      // "virt"

export const INTERRUPT_USED = 1;
export const INTERRUPT_CONFIG = 2;

// Device status (2.1)
export const STATUS_ACKNOWLEDGE = 1;
export const STATUS_DRIVER = 2;
export const STATUS_DRIVER_OK = 4;
export const STATUS_FEATURES_OK = 8;
export const STATUS_NEEDS_RESET = 64;
export const STATUS_FAILED = 128;

// Feature bits (6): word 0 holds bits 0-31, word 1 the rest
export const F_INDIRECT_DESC = 1 << 28;       // word 0
export const F_EVENT_IDX = 1 << 29;           // word 0
export const F_VERSION_1 = 1 << 0;            // word 1

// Descriptors: le64 addr, le32 len, le16 flags, le16 next
export const DESC_SIZE = 16;
export const DESC_F_NEXT = 1;
export const DESC_F_WRITE = 2;
export const DESC_F_INDIRECT = 4;
export const AVAIL_F_NO_INTERRUPT = 1;

// Device types (5)
export const ID_NET = 1;
export const ID_BLOCK = 2;
export const ID_CONSOLE = 3;
export const ID_ENTROPY = 4;
export const ID_BALLOON = 5;
export const ID_GPU = 16;
export const ID_INPUT = 18;
export const ID_FS = 26;

// Block device (5.2): features, configuration, requests
export const BLK_F_SEG_MAX = 1 << 2;
export const BLK_F_RO = 1 << 5;
export const BLK_F_BLK_SIZE = 1 << 6;
export const BLK_F_FLUSH = 1 << 9;
export const BLK_F_TOPOLOGY = 1 << 10;
export const BLK_F_CONFIG_WCE = 1 << 11;
export const BLK_F_DISCARD = 1 << 13;
export const BLK_F_WRITE_ZEROES = 1 << 14;
export const BLK_CFG_CAPACITY = 0;            // le64, in sectors of 512
export const BLK_CFG_SEG_MAX = 12;
export const BLK_CFG_BLK_SIZE = 20;
export const BLK_CFG_TOPOLOGY = 24;           // u8 physical_block_exp, u8 alignment_offset, le16 min_io_size, le32 opt_io_size
export const BLK_CFG_WRITEBACK = 32;
export const BLK_CFG_MAX_DISCARD_SECTORS = 36;
export const BLK_CFG_MAX_DISCARD_SEG = 40;
export const BLK_CFG_DISCARD_ALIGNMENT = 44;
export const BLK_CFG_MAX_WRITE_ZEROES_SECTORS = 48;
export const BLK_CFG_MAX_WRITE_ZEROES_SEG = 52;
export const BLK_CFG_WRITE_ZEROES_MAY_UNMAP = 56;
export const BLK_CFG_BYTES = 60;
export const BLK_T_IN = 0;
export const BLK_T_OUT = 1;
export const BLK_T_FLUSH = 4;
export const BLK_T_GET_ID = 8;
export const BLK_T_DISCARD = 11;
export const BLK_T_WRITE_ZEROES = 13;
export const BLK_S_OK = 0;
export const BLK_S_IOERR = 1;
export const BLK_S_UNSUPP = 2;
export const BLK_HEADER_BYTES = 16;           // le32 type, le32 reserved, le64 sector
export const BLK_RANGE_BYTES = 16;            // le64 sector, le32 num_sectors, le32 flags (bit 0: unmap)
export const BLK_ID_BYTES = 20;

// Network card (5.1): features, queues, configuration, the header of every frame, commands of the control queue
export const NET_F_MTU = 1 << 3;
export const NET_F_MAC = 1 << 5;
export const NET_F_STATUS = 1 << 16;
export const NET_F_CTRL_VQ = 1 << 17;
export const NET_F_CTRL_RX = 1 << 18;
export const NET_F_CTRL_MAC_ADDR = 1 << 23;
export const NET_QUEUE_RX = 0;
export const NET_QUEUE_TX = 1;
export const NET_QUEUE_CTRL = 2;
export const NET_CFG_MAC = 0;
export const NET_CFG_STATUS = 6;              // le16, bit 0: link up
export const NET_CFG_MTU = 10;                // le16
export const NET_CFG_BYTES = 12;
export const NET_S_LINK_UP = 1;
/** u8 flags, u8 gso_type, le16 hdr_len, gso_size, csum_start, csum_offset, num_buffers. */
export const NET_HEADER_BYTES = 12;
export const NET_HEADER_NUM_BUFFERS = 10;
export const NET_CTRL_RX = 0;                 // class: promiscuous, all multicasts; data: u8 on
export const NET_CTRL_RX_PROMISC = 0;
export const NET_CTRL_RX_ALLMULTI = 1;
export const NET_CTRL_MAC = 1;                // class: two tables of { le32 entries, addresses }, unicast and multicast; or the card's own address
export const NET_CTRL_MAC_TABLE_SET = 0;
export const NET_CTRL_MAC_ADDR_SET = 1;
export const NET_OK = 0;
export const NET_ERR = 1;
export const ETHER_HEADER_BYTES = 14;
/** What a frame has beyond its MTU at most: header and a VLAN tag. */
export const ETHER_OVERHEAD_BYTES = 18;

// Console (5.3): features, queues, control events
export const CONSOLE_F_SIZE = 1;
export const CONSOLE_F_MULTIPORT = 2;
export const CONSOLE_CONTROL_RX = 2;
export const CONSOLE_CONTROL_TX = 3;
export const CONSOLE_DEVICE_READY = 0;
export const CONSOLE_DEVICE_ADD = 1;
export const CONSOLE_DEVICE_REMOVE = 2;
export const CONSOLE_PORT_READY = 3;
export const CONSOLE_CONSOLE_PORT = 4;
export const CONSOLE_RESIZE = 5;
export const CONSOLE_PORT_OPEN = 6;
export const CONSOLE_PORT_NAME = 7;

/** Receive queue of a console port; the transmit queue is the next one. */
export const consoleRxQueue = (port: number): number => (port === 0 ? 0 : 2 + 2 * port);

// File system (5.11): queues
export const FS_QUEUE_HIPRIO = 0;
export const FS_QUEUE_REQUEST = 1;
/** Configuration: char tag[36], le32 num_request_queues. */
export const FS_TAG_BYTES = 36;

// Memory balloon (5.5): features, queues, configuration, tags of statistics
export const BALLOON_F_STATS_VQ = 1 << 1;
export const BALLOON_F_DEFLATE_ON_OOM = 1 << 2;
export const BALLOON_INFLATE = 0;
export const BALLOON_DEFLATE = 1;
export const BALLOON_STATS = 2;
export const BALLOON_CFG_NUM_PAGES = 0;       // le32, wanted by the device
export const BALLOON_CFG_ACTUAL = 4;          // le32, written by the driver
export const BALLOON_CFG_BYTES = 8;
/** A statistic is le16 tag, le64 value, without padding; tags count from 0. */
export const BALLOON_STAT_BYTES = 10;
export const BALLOON_STATS_NAMES = ['swapIn', 'swapOut', 'majorFaults', 'minorFaults', 'freeMemory', 'totalMemory', 'availableMemory', 'diskCaches'] as const;
/** Page numbers of the balloon count pages of 4096 bytes. */
export const BALLOON_PFN_BYTES = 4;

// Graphics (5.7), 2D: queues, configuration, commands and answers, formats
export const GPU_CONTROL = 0;
export const GPU_CURSOR = 1;
export const GPU_CFG_EVENTS_READ = 0;
export const GPU_CFG_EVENTS_CLEAR = 4;
export const GPU_CFG_NUM_SCANOUTS = 8;
export const GPU_CFG_NUM_CAPSETS = 12;
export const GPU_CFG_BYTES = 16;
export const GPU_CMD_GET_DISPLAY_INFO = 0x100;
export const GPU_CMD_RESOURCE_CREATE_2D = 0x101;
export const GPU_CMD_RESOURCE_UNREF = 0x102;
export const GPU_CMD_SET_SCANOUT = 0x103;
export const GPU_CMD_RESOURCE_FLUSH = 0x104;
export const GPU_CMD_TRANSFER_TO_HOST_2D = 0x105;
export const GPU_CMD_RESOURCE_ATTACH_BACKING = 0x106;
export const GPU_CMD_RESOURCE_DETACH_BACKING = 0x107;
export const GPU_CMD_UPDATE_CURSOR = 0x300;
export const GPU_CMD_MOVE_CURSOR = 0x301;
export const GPU_RESP_OK_NODATA = 0x1100;
export const GPU_RESP_OK_DISPLAY_INFO = 0x1101;
export const GPU_RESP_ERR_UNSPEC = 0x1200;
export const GPU_RESP_ERR_OUT_OF_MEMORY = 0x1201;
export const GPU_RESP_ERR_INVALID_SCANOUT_ID = 0x1202;
export const GPU_RESP_ERR_INVALID_RESOURCE_ID = 0x1203;
export const GPU_RESP_ERR_INVALID_PARAMETER = 0x1205;
export const GPU_FLAG_FENCE = 1;
export const GPU_HEADER_BYTES = 24;           // le32 type, le32 flags, le64 fence_id, le32 ctx_id, le32 padding
export const GPU_ENTRY_BYTES = 16;            // le64 addr, le32 length, le32 padding
export const GPU_MAX_SCANOUTS = 16;
/** A scanout in the answer to GET_DISPLAY_INFO: rectangle (le32 x, y, width, height), le32 enabled, le32 flags. */
export const GPU_DISPLAY_BYTES = 24;
/** Side of a cursor's picture. */
export const GPU_CURSOR_SIZE = 64;
/** Bytes of a pixel in memory, in order. */
export const GPU_FORMAT_B8G8R8A8 = 1;
export const GPU_FORMAT_B8G8R8X8 = 2;
export const GPU_FORMAT_A8R8G8B8 = 3;
export const GPU_FORMAT_X8R8G8B8 = 4;
export const GPU_FORMAT_R8G8B8A8 = 67;
export const GPU_FORMAT_X8B8G8R8 = 68;
export const GPU_FORMAT_A8B8G8R8 = 121;
export const GPU_FORMAT_R8G8B8X8 = 134;

// Input (5.8): queues, configuration
export const INPUT_EVENTS = 0;
export const INPUT_STATUS = 1;
export const INPUT_EVENT_BYTES = 8;           // le16 type, le16 code, le32 value
export const INPUT_CFG_SELECT = 0;            // u8 select, u8 subsel, u8 size, 5 reserved
export const INPUT_CFG_DATA = 8;              // up to 128 bytes
export const INPUT_CFG_BYTES = 136;
export const INPUT_CFG_ID_NAME = 0x01;
export const INPUT_CFG_ID_SERIAL = 0x02;
export const INPUT_CFG_ID_DEVIDS = 0x03;      // le16 bustype, vendor, product, version
export const INPUT_CFG_PROP_BITS = 0x10;
export const INPUT_CFG_EV_BITS = 0x11;        // subsel: event type
export const INPUT_CFG_ABS_INFO = 0x12;       // subsel: axis; le32 min, max, fuzz, flat, res

/** vring_need_event (2.7.10): did moving an index from `old` to `now` pass `event`? */
export const passedEvent = (event: number, now: number, old: number): boolean => ((now - event - 1) & 0xffff) < ((now - old) & 0xffff);
