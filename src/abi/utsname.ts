// uname(2), sysinfo(2), sethostname(2), reboot(2): linux/utsname.h, linux/sysinfo.h, linux/reboot.h.

import { array, bytes, i64, pad, struct, u16, u32, u64 } from '../lib/struct.ts';


// Sizes
export const __NEW_UTS_LEN = 64;

// reboot(2)
export const LINUX_REBOOT_MAGIC1 = 0xfee1dead;
export const LINUX_REBOOT_MAGIC2 = 0x28121969;
export const LINUX_REBOOT_MAGIC2A = 0x5121996;
export const LINUX_REBOOT_MAGIC2B = 0x16041998;
export const LINUX_REBOOT_MAGIC2C = 0x20112000;
export const LINUX_REBOOT_CMD_RESTART = 0x1234567;
export const LINUX_REBOOT_CMD_HALT = 0xcdef0123;
export const LINUX_REBOOT_CMD_CAD_ON = 0x89abcdef;
export const LINUX_REBOOT_CMD_CAD_OFF = 0x0;
export const LINUX_REBOOT_CMD_POWER_OFF = 0x4321fedc;
export const LINUX_REBOOT_CMD_RESTART2 = 0xa1b2c3d4;
export const LINUX_REBOOT_CMD_SW_SUSPEND = 0xd000fce2;
export const LINUX_REBOOT_CMD_KEXEC = 0x45584543;

/** uname(2): struct new_utsname; each field NUL-terminated. */
export const Utsname = struct('new_utsname', {
  sysname: bytes(65), nodename: bytes(65), release: bytes(65), version: bytes(65), machine: bytes(65), domainname: bytes(65),
});
/** sysinfo(2); loads are fixed point with 16 bits of fraction. */
export const Sysinfo = struct('sysinfo', {
  uptime: i64, loads: array(u64, 3), totalram: u64, freeram: u64, sharedram: u64, bufferram: u64, totalswap: u64, freeswap: u64,
  procs: u16, _pad: pad(6), totalhigh: u64, freehigh: u64, mem_unit: u32,
});
