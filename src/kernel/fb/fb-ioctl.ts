// ioctl(2) of /dev/fbN (linux/fb.h, Documentation/fb/api.rst): one pixel format, every size that fits, panning over two pictures. Rules for what may be asked for are those of
// Linux' frame buffers of virtio-gpu: what cannot be had is EINVAL, timings are ignored.
import { E2BIG, EINVAL, ENOTTY, type Errno } from '../../abi/errno.ts';
import {
  FB_ACCEL_NONE, FB_ACCELF_TEXT, FB_ACTIVATE_MASK, FB_ACTIVATE_NOW, FB_BLANK_UNBLANK, FB_TYPE_PACKED_PIXELS, FB_VISUAL_TRUECOLOR, FB_VMODE_YWRAP, FBIO_WAITFORVSYNC, FBIOBLANK,
  FBIOGET_CON2FBMAP, FBIOGET_FSCREENINFO, FBIOGET_VSCREENINFO, FBIOGETCMAP, FBIOPAN_DISPLAY, FBIOPUT_CON2FBMAP, FBIOPUT_VSCREENINFO, FBIOPUTCMAP, FbCmap, FbFixScreeninfo, FbVarScreeninfo,
} from '../../abi/fb.ts';
import type { ViewOf } from '../../lib/struct.ts';
import { latin1Into } from '../../lib/utf8.ts';
import type { Task } from '../task/task.ts';
import type { FrameBuffer } from './frame-buffer.ts';

type Var = ViewOf<typeof FbVarScreeninfo>;
const BITS_PER_PIXEL = 32;
/** Offsets of red, green and blue, eight bits each; nothing is transparent. */
const RED = 16, GREEN = 8, BLUE = 0, CHANNEL_BITS = 8;
const MIN_SIDE = 8;
/** Colours that a program may set: those of a console. */
const CONSOLE_COLOURS = 16;

export function fbIoctl(t: Task, screen: FrameBuffer, cmd: number, arg: number): number | Errno {
  switch (cmd) {
    case FBIOGET_VSCREENINFO: return t.user.copyOut(arg, varOf(screen).bytes);
    case FBIOPUT_VSCREENINFO: return putVar(t, screen, arg);
    case FBIOGET_FSCREENINFO: return t.user.copyOut(arg, fixOf(screen).bytes);
    case FBIOPAN_DISPLAY: return pan(t, screen, arg);
    case FBIOBLANK:
      screen.blank((arg | 0) !== FB_BLANK_UNBLANK);
      return 0;
    case FBIOGETCMAP: return getColours(t, screen, arg);
    case FBIOPUTCMAP: return putColours(t, screen, arg);
    // No console is drawn here, and the display has no vertical blanking to wait for.
    case FBIOGET_CON2FBMAP: case FBIOPUT_CON2FBMAP: case FBIO_WAITFORVSYNC: return EINVAL;
    default: return ENOTTY;
  }
}

function fixOf(screen: FrameBuffer): ViewOf<typeof FbFixScreeninfo> {
  const fix = FbFixScreeninfo.view();
  latin1Into(screen.id.slice(0, 15), fix.id);
  fix.smem_len = screen.bytes;
  fix.type = FB_TYPE_PACKED_PIXELS;
  fix.visual = FB_VISUAL_TRUECOLOR;
  fix.xpanstep = fix.ypanstep = 1;
  fix.line_length = screen.stride;
  fix.accel = FB_ACCEL_NONE;
  return fix;
}

function varOf(screen: FrameBuffer): Var {
  const v = FbVarScreeninfo.view();
  const { xres, yres, xoffset, yoffset } = screen;
  Object.assign(v, { xres, yres, xoffset, yoffset });
  return fill(v, screen);
}

/** What is as it is, whatever was asked for. */
function fill(v: Var, screen: FrameBuffer): Var {
  v.xres_virtual = screen.width;
  v.yres_virtual = screen.virtualHeight;
  v.bits_per_pixel = BITS_PER_PIXEL;
  v.accel_flags = FB_ACCELF_TEXT;
  v.pixclock = 0;
  for (const [channel, offset] of [[v.red, RED], [v.green, GREEN], [v.blue, BLUE]] as const) {
    channel.offset_ = offset;
    channel.length = CHANNEL_BITS;
  }
  return v;
}

function putVar(t: Task, screen: FrameBuffer, arg: number): 0 | Errno {
  const v = FbVarScreeninfo.view();
  const r = t.user.copyIn(arg, v.bytes);
  if (r !== 0) return r;
  if (v.xres < MIN_SIDE || v.yres < MIN_SIDE || !fits(v, screen)) return EINVAL;
  fill(v, screen);
  if ((v.activate & FB_ACTIVATE_MASK) === FB_ACTIVATE_NOW) screen.show(v.xres, v.yres, v.xoffset, v.yoffset);
  return t.user.copyOut(arg, v.bytes);
}

function fits(v: Var, screen: FrameBuffer): boolean {
  const isSize = v.bits_per_pixel <= BITS_PER_PIXEL && v.xres <= screen.width && v.yres <= screen.height && v.xres_virtual <= screen.width && v.yres_virtual <= screen.virtualHeight
    && v.xoffset <= screen.width - v.xres && v.yoffset <= screen.virtualHeight - v.yres;
  return isSize && v.grayscale === 0 && (saysNothing(v) || isOurFormat(v));
}

/** Some programs leave the channels out and mean: as they are. */
const saysNothing = (v: Var): boolean => v.red.length === 0 && v.green.length === 0 && v.blue.length === 0 && v.transp.length === 0
  && v.red.offset_ === 0 && v.green.offset_ === 0 && v.blue.offset_ === 0 && v.transp.offset_ === 0;

function isOurFormat(v: Var): boolean {
  const is = (channel: Var['red'], offset: number, length: number): boolean => channel.length === length && channel.offset_ === offset && channel.msb_right === 0;
  return is(v.red, RED, CHANNEL_BITS) && is(v.green, GREEN, CHANNEL_BITS) && is(v.blue, BLUE, CHANNEL_BITS) && is(v.transp, 0, 0);
}

/** Only offsets count. There is no wrapping around. */
function pan(t: Task, screen: FrameBuffer, arg: number): 0 | Errno {
  const v = FbVarScreeninfo.view();
  const r = t.user.copyIn(arg, v.bytes);
  if (r !== 0) return r;
  const { xres, yres, width, virtualHeight } = screen;
  if ((v.yoffset > 0 && (v.vmode & FB_VMODE_YWRAP) !== 0) || v.yoffset > virtualHeight - yres || v.xoffset > width - xres) return EINVAL;
  screen.show(xres, yres, v.xoffset, v.yoffset);
  return t.user.copyOut(arg, v.bytes);
}

// --- the colour map ----------------------------------------------------------------------------------------------------------------------

function getColours(t: Task, screen: FrameBuffer, arg: number): 0 | Errno {
  const c = FbCmap.view();
  const r = t.user.copyIn(arg, c.bytes);
  if (r !== 0) return r;
  const { start } = c, count = Math.min(c.len, screen.colours[0]!.length - start);
  if (count <= 0) return EINVAL;
  for (const [i, at] of [c.red, c.green, c.blue].entries()) {
    const r2 = t.user.copyOut(at, new Uint8Array(screen.colours[i]!.slice(start, start + count).buffer));
    if (r2 !== 0) return r2;
  }
  return 0;
}

function putColours(t: Task, screen: FrameBuffer, arg: number): 0 | Errno {
  const c = FbCmap.view();
  const r = t.user.copyIn(arg, c.bytes);
  if (r !== 0) return r;
  if (c.len >= 2 ** 31) return E2BIG;
  const count = Math.min(c.len, screen.colours[0]!.length);
  const colours = [new Uint16Array(count), new Uint16Array(count), new Uint16Array(count)];
  for (const [i, at] of [c.red, c.green, c.blue].entries()) {
    const r2 = t.user.copyIn(at, new Uint8Array(colours[i]!.buffer));
    if (r2 !== 0) return r2;
  }
  if (c.start + c.len > CONSOLE_COLOURS) return EINVAL;
  for (const [i, channel] of colours.entries()) screen.colours[i]!.set(channel, c.start);
  return 0;
}
