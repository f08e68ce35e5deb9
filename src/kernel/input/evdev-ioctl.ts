// ioctl(2) of /dev/input/eventN (linux/input.h). Requests that carry a length are told apart by their number; bitmaps and strings are cut to it, and the call answers
// how much was copied.
import { EBUSY, EINVAL, ENODEV, ENOENT, ENOSYS, type Errno, isErr } from '../../abi/errno.ts';
import {
  ABS_CNT, EV_ABS, EV_CNT, EV_FF, EV_KEY, EV_LED, EV_REP, EV_SND, EV_SW, EV_VERSION, EVIOC_NR_ABS, EVIOC_NR_BIT, EVIOC_NR_KEY, EVIOC_NR_LED, EVIOC_NR_MTSLOTS,
  EVIOC_NR_NAME, EVIOC_NR_PHYS, EVIOC_NR_PROP, EVIOC_NR_SET_ABS, EVIOC_NR_SND, EVIOC_NR_SW, EVIOC_NR_UNIQ, EVIOC_TYPE, EVIOCGEFFECTS, EVIOCGID, EVIOCGKEYCODE, EVIOCGKEYCODE_V2,
  EVIOCGMASK, EVIOCGRAB, EVIOCGREP, EVIOCGVERSION, EVIOCREVOKE, EVIOCRMFF, EVIOCSCLOCKID, EVIOCSFF, EVIOCSKEYCODE, EVIOCSKEYCODE_V2, EVIOCSMASK, EVIOCSREP, FF_CNT, InputAbsinfo,
  InputId, InputMask, REP_DELAY, REP_PERIOD,
} from '../../abi/input.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import type { Task } from '../task/task.ts';
import { type EvdevFile, isKnownClock } from './evdev-file.ts';
import { bitmapBytes, CODE_COUNTS } from './input-device.ts';

const READ = 2;

export function evdevIoctl(t: Task, file: EvdevFile, cmd: number, arg: number): number | Errno {
  if (file.isDead) return ENODEV;
  const { device } = file;
  switch (cmd) {
    case EVIOCGVERSION: return t.user.storeU32(arg, EV_VERSION);
    case EVIOCGID: {
      const id = InputId.view();
      Object.assign(id, device.ids);
      return t.user.copyOut(arg, id.bytes);
    }
    case EVIOCGREP:
      if (!device.has(EV_REP)) return ENOSYS;
      return t.user.storeU32(arg, device.repeat[REP_DELAY]!) || t.user.storeU32(arg + 4, device.repeat[REP_PERIOD]!);
    case EVIOCSREP: return setRepeat(t, file, arg);
    // No keyboard of ours translates scan codes: there is no key map.
    case EVIOCGKEYCODE: case EVIOCSKEYCODE: case EVIOCGKEYCODE_V2: case EVIOCSKEYCODE_V2: return EINVAL;
    case EVIOCSFF: case EVIOCRMFF: return device.has(EV_FF) ? EINVAL : ENOSYS;
    case EVIOCGEFFECTS: return t.user.storeU32(arg, 0);
    case EVIOCGRAB: return arg !== 0 ? grab(file) : ungrab(file);
    case EVIOCREVOKE:
      if (arg !== 0) return EINVAL;
      file.revoke();
      return 0;
    case EVIOCGMASK: return getMask(t, file, arg);
    case EVIOCSMASK: return setMask(t, file, arg);
    case EVIOCSCLOCKID: {
      const r = t.user.loadI32(arg);
      if (r !== 0) return r;
      if (!isKnownClock(t.user.value)) return EINVAL;
      file.setClock(t.user.value);
      return 0;
    }
  }
  return (cmd >>> 8 & 0xff) === EVIOC_TYPE ? withLength(t, file, cmd, arg) : EINVAL;
}

/** Requests of any length, by direction and number. */
function withLength(t: Task, file: EvdevFile, cmd: number, arg: number): number | Errno {
  const { device } = file;
  const nr = cmd & 0xff, length = cmd >>> 16 & 0x3fff, direction = cmd >>> 30;
  if (direction === READ) {
    switch (nr) {
      case EVIOC_NR_NAME: return text(t, device.name, arg, length);
      case EVIOC_NR_PHYS: return text(t, device.phys, arg, length);
      case EVIOC_NR_UNIQ: return text(t, device.uniq, arg, length);
      case EVIOC_NR_PROP: return bits(t, device.properties, arg, length);
      case EVIOC_NR_MTSLOTS: return EINVAL;
      case EVIOC_NR_KEY: return state(t, file, EV_KEY, arg, length);
      case EVIOC_NR_LED: return state(t, file, EV_LED, arg, length);
      case EVIOC_NR_SND: return state(t, file, EV_SND, arg, length);
      case EVIOC_NR_SW: return state(t, file, EV_SW, arg, length);
    }
    if ((nr & ~(EV_CNT - 1)) === EVIOC_NR_BIT) return codes(t, file, nr & (EV_CNT - 1), arg, length);
    if ((nr & ~(ABS_CNT - 1)) === EVIOC_NR_ABS) return getAbs(t, file, nr & (ABS_CNT - 1), arg, length);
  } else if ((nr & ~(ABS_CNT - 1)) === EVIOC_NR_SET_ABS) {
    return setAbs(t, file, nr & (ABS_CNT - 1), arg, length);
  }
  return EINVAL;
}

function text(t: Task, value: string, arg: number, length: number): number | Errno {
  return value === '' ? ENOENT : bits(t, latin1Encode(`${value}\0`), arg, length);
}

function bits(t: Task, map: Uint8Array, arg: number, length: number): number | Errno {
  const n = Math.min(map.length, length);
  return t.user.copyOut(arg, map, 0, n) || n;
}

/** EVIOCGBIT. */
function codes(t: Task, { device }: EvdevFile, type: number, arg: number, length: number): number | Errno {
  const count = type === EV_FF ? FF_CNT : CODE_COUNTS[type];
  if (count === undefined) return EINVAL;
  return bits(t, device.codes.get(type) ?? new Uint8Array(bitmapBytes(count)), arg, length);
}

/** What is on now. Events that lead there and were not read yet go: they would tell it twice. */
function state(t: Task, file: EvdevFile, type: number, arg: number, length: number): number | Errno {
  file.ring.dropType(type);
  const r = bits(t, file.device.state.get(type)!, arg, length);
  if (isErr(r)) file.dropAll();
  return r;
}

function getAbs(t: Task, { device }: EvdevFile, axis: number, arg: number, length: number): number | Errno {
  if (!device.has(EV_ABS)) return EINVAL;
  const info = InputAbsinfo.view();
  Object.assign(info, device.abs.get(axis));
  return t.user.copyOut(arg, info.bytes, 0, Math.min(length, InputAbsinfo.size));
}

function setAbs(t: Task, { device }: EvdevFile, axis: number, arg: number, length: number): number | Errno {
  if (!device.has(EV_ABS)) return EINVAL;
  const info = InputAbsinfo.view();
  const r = t.user.copyIn(arg, info.bytes, 0, Math.min(length, InputAbsinfo.size));
  if (r !== 0) return r;
  const { value, minimum, maximum, fuzz, flat, resolution } = info;
  device.abs.set(axis, { value, minimum, maximum, fuzz, flat, resolution: length < InputAbsinfo.size ? 0 : resolution });
  return 0;
}

function setRepeat(t: Task, { device }: EvdevFile, arg: number): 0 | Errno {
  if (!device.has(EV_REP)) return ENOSYS;
  const r = t.user.loadI32(arg);
  if (r !== 0) return r;
  const delay = t.user.value;
  const r2 = t.user.loadI32(arg + 4);
  if (r2 !== 0) return r2;
  device.event(EV_REP, REP_DELAY, delay);
  device.event(EV_REP, REP_PERIOD, t.user.value);
  return 0;
}

function grab(file: EvdevFile): 0 | Errno {
  if (file.device.grabbedBy !== null) return EBUSY;
  file.device.grabbedBy = file;
  return 0;
}

function ungrab(file: EvdevFile): 0 | Errno {
  if (file.device.grabbedBy !== file) return EINVAL;
  file.ungrab();
  return 0;
}

/** Types that the kernel does not know have no events; without a mask everything gets through. */
function getMask(t: Task, file: EvdevFile, arg: number): 0 | Errno {
  const mask = InputMask.view();
  const r = t.user.copyIn(arg, mask.bytes);
  if (r !== 0) return r;
  const count = maskBits(mask.type), known = Math.min(bitmapBytes(count), mask.codes_size);
  const own = file.masks?.get(mask.type);
  return t.user.copyOut(mask.codes_ptr, own ?? new Uint8Array(known).fill(255), 0, known) || t.user.zero(mask.codes_ptr + known, mask.codes_size - known);
}

function setMask(t: Task, file: EvdevFile, arg: number): 0 | Errno {
  const mask = InputMask.view();
  const r = t.user.copyIn(arg, mask.bytes);
  if (r !== 0) return r;
  const count = maskBits(mask.type);
  if (count === 0) return 0;
  const map = new Uint8Array(bitmapBytes(count));
  const r2 = t.user.copyIn(mask.codes_ptr, map, 0, Math.min(map.length, mask.codes_size));
  if (r2 !== 0) return r2;
  (file.masks ??= new Map()).set(mask.type, map);
  return 0;
}

const maskBits = (type: number): number => (type === EV_FF ? FF_CNT : CODE_COUNTS[type] ?? 0);
