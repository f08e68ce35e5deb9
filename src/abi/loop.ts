// Loop devices (loop(4)): linux/loop.h.
import { array, bytes, struct, u32, u64 } from '../lib/struct.ts';

export const LOOP_SET_FD = 0x4c00;
export const LOOP_CLR_FD = 0x4c01;
export const LOOP_SET_STATUS = 0x4c02;
export const LOOP_GET_STATUS = 0x4c03;
export const LOOP_SET_STATUS64 = 0x4c04;
export const LOOP_GET_STATUS64 = 0x4c05;
export const LOOP_CHANGE_FD = 0x4c06;
export const LOOP_SET_CAPACITY = 0x4c07;
export const LOOP_SET_DIRECT_IO = 0x4c08;
export const LOOP_SET_BLOCK_SIZE = 0x4c09;
export const LOOP_CONFIGURE = 0x4c0a;
export const LOOP_CTL_ADD = 0x4c80;
export const LOOP_CTL_REMOVE = 0x4c81;
export const LOOP_CTL_GET_FREE = 0x4c82;

export const LO_FLAGS_READ_ONLY = 1;
export const LO_FLAGS_AUTOCLEAR = 4;
export const LO_FLAGS_PARTSCAN = 8;
export const LO_FLAGS_DIRECT_IO = 16;

/** LOOP_SET_STATUS64, LOOP_GET_STATUS64. */
export const LoopInfo64 = struct('loop_info64', {
  lo_device: u64, lo_inode: u64, lo_rdevice: u64, lo_offset: u64, lo_sizelimit: u64, lo_number: u32, lo_encrypt_type: u32, lo_encrypt_key_size: u32,
  lo_flags: u32, lo_file_name: bytes(64), lo_crypt_name: bytes(64), lo_encrypt_key: bytes(32), lo_init: array(u64, 2),
});

/** LOOP_CONFIGURE. */
export const LoopConfig = struct('loop_config', { fd: u32, block_size: u32, info: LoopInfo64, __reserved: array(u64, 8) });
