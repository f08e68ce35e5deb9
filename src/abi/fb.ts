// Frame buffer devices, /dev/fb*: linux/fb.h (Documentation/fb/api.rst).
import { array, bytes, struct, u16, u32, u64 } from '../lib/struct.ts';

export const FBIOGET_VSCREENINFO = 0x4600;
export const FBIOPUT_VSCREENINFO = 0x4601;
export const FBIOGET_FSCREENINFO = 0x4602;
export const FBIOGETCMAP = 0x4604;
export const FBIOPUTCMAP = 0x4605;
export const FBIOPAN_DISPLAY = 0x4606;
export const FBIOGET_CON2FBMAP = 0x460f;
export const FBIOPUT_CON2FBMAP = 0x4610;
export const FBIOBLANK = 0x4611;
export const FBIO_WAITFORVSYNC = 0x4004_4620;

export const FB_TYPE_PACKED_PIXELS = 0;
export const FB_VISUAL_TRUECOLOR = 2;
export const FB_ACCEL_NONE = 0;
export const FB_ACTIVATE_NOW = 0;
export const FB_ACTIVATE_NXTOPEN = 1;
export const FB_ACTIVATE_TEST = 2;
export const FB_ACTIVATE_MASK = 15;
export const FB_ACTIVATE_FORCE = 128;
export const FB_ACCELF_TEXT = 1;
export const FB_VMODE_YWRAP = 256;
export const FB_BLANK_UNBLANK = 0;
export const FB_BLANK_POWERDOWN = 4;

export const FbBitfield = struct('fb_bitfield', { offset_: u32, length: u32, msb_right: u32 });

export const FbVarScreeninfo = struct('fb_var_screeninfo', {
  xres: u32, yres: u32, xres_virtual: u32, yres_virtual: u32, xoffset: u32, yoffset: u32, bits_per_pixel: u32, grayscale: u32,
  red: FbBitfield, green: FbBitfield, blue: FbBitfield, transp: FbBitfield,
  nonstd: u32, activate: u32, height: u32, width: u32, accel_flags: u32, pixclock: u32, left_margin: u32, right_margin: u32, upper_margin: u32,
  lower_margin: u32, hsync_len: u32, vsync_len: u32, sync: u32, vmode: u32, rotate: u32, colorspace: u32, reserved: array(u32, 4),
});

export const FbFixScreeninfo = struct('fb_fix_screeninfo', {
  id: bytes(16), smem_start: u64, smem_len: u32, type: u32, type_aux: u32, visual: u32, xpanstep: u16, ypanstep: u16, ywrapstep: u16, line_length: u32,
  mmio_start: u64, mmio_len: u32, accel: u32, capabilities: u16, reserved: array(u16, 2),
});

export const FbCmap = struct('fb_cmap', { start: u32, len: u32, red: u64, green: u64, blue: u64, transp: u64 });
