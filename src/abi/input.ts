// Input events and the ioctls of /dev/input/event* (linux/input.h, linux/input-event-codes.h; Documentation/input/event-codes.rst).
import { bytes, i32, i64, struct, u8, u16, u32, u64 } from '../lib/struct.ts';

export const EV_VERSION = 0x010001;

// Event types, and how many codes each has at most
export const EV_SYN = 0x00;
export const EV_KEY = 0x01;
export const EV_REL = 0x02;
export const EV_ABS = 0x03;
export const EV_MSC = 0x04;
export const EV_SW = 0x05;
export const EV_LED = 0x11;
export const EV_SND = 0x12;
export const EV_REP = 0x14;
export const EV_FF = 0x15;
export const EV_CNT = 0x20;
export const SYN_CNT = 0x10;
export const KEY_CNT = 0x300;
export const REL_CNT = 0x10;
export const ABS_CNT = 0x40;
export const MSC_CNT = 0x08;
export const SW_CNT = 0x11;
export const LED_CNT = 0x10;
export const SND_CNT = 0x08;
export const FF_CNT = 0x80;
export const INPUT_PROP_CNT = 0x20;

export const SYN_REPORT = 0;
export const SYN_DROPPED = 3;
export const REL_X = 0x00;
export const REL_Y = 0x01;
export const REL_HWHEEL = 0x06;
export const REL_WHEEL = 0x08;
export const ABS_X = 0x00;
export const ABS_Y = 0x01;
export const LED_NUML = 0x00;
export const LED_CAPSL = 0x01;
export const LED_SCROLLL = 0x02;
export const REP_DELAY = 0x00;
export const REP_PERIOD = 0x01;
export const INPUT_PROP_POINTER = 0x00;
export const INPUT_PROP_DIRECT = 0x01;
export const BUS_VIRTUAL = 0x06;

// ioctl(2). Those with a length in the request are matched without it: EVIOCGNAME(len) is EVIOCGNAME_0 | len << 16.
export const EVIOCGVERSION = 0x8004_4501;
export const EVIOCGID = 0x8008_4502;
export const EVIOCGREP = 0x8008_4503;
export const EVIOCSREP = 0x4008_4503;
export const EVIOCGKEYCODE = 0x8008_4504;
export const EVIOCSKEYCODE = 0x4008_4504;
export const EVIOCGKEYCODE_V2 = 0x8028_4504;
export const EVIOCSKEYCODE_V2 = 0x4028_4504;
export const EVIOCSFF = 0x4030_4580;
export const EVIOCRMFF = 0x4004_4581;
export const EVIOCGEFFECTS = 0x8004_4584;
export const EVIOCGRAB = 0x4004_4590;
export const EVIOCREVOKE = 0x4004_4591;
export const EVIOCGMASK = 0x8010_4592;
export const EVIOCSMASK = 0x4010_4593;
export const EVIOCSCLOCKID = 0x4004_45a0;

/** Requests by number (the low byte), of type 'E', whose length is the caller's. */
export const EVIOC_TYPE = 0x45;
export const EVIOC_NR_NAME = 0x06;
export const EVIOC_NR_PHYS = 0x07;
export const EVIOC_NR_UNIQ = 0x08;
export const EVIOC_NR_PROP = 0x09;
export const EVIOC_NR_MTSLOTS = 0x0a;
export const EVIOC_NR_KEY = 0x18;
export const EVIOC_NR_LED = 0x19;
export const EVIOC_NR_SND = 0x1a;
export const EVIOC_NR_SW = 0x1b;
/** EVIOCGBIT: plus the event type. */
export const EVIOC_NR_BIT = 0x20;
/** EVIOCGABS and EVIOCSABS: plus the axis. */
export const EVIOC_NR_ABS = 0x40;
export const EVIOC_NR_SET_ABS = 0xc0;

export const InputEvent = struct('input_event', { input_event_sec: i64, input_event_usec: i64, type: u16, code: u16, value: i32 });
export const InputId = struct('input_id', { bustype: u16, vendor: u16, product: u16, version: u16 });
export const InputAbsinfo = struct('input_absinfo', { value: i32, minimum: i32, maximum: i32, fuzz: i32, flat: i32, resolution: i32 });
export const InputMask = struct('input_mask', { type: u32, codes_size: u32, codes_ptr: u64 });
export const InputKeymapEntry = struct('input_keymap_entry', { flags: u8, len: u8, index: u16, keycode: u32, scancode: bytes(32) });
