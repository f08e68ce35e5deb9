// getdents64(2), readdir(3).

import { bytes, i64, struct, u16, u64, u8 } from '../lib/struct.ts';


// d_type
export const DT_UNKNOWN = 0;
export const DT_FIFO = 1;
export const DT_CHR = 2;
export const DT_DIR = 4;
export const DT_BLK = 6;
export const DT_REG = 8;
export const DT_LNK = 10;
export const DT_SOCK = 12;
export const DT_WHT = 14;

/** getdents64(2): the head; a NUL-terminated name follows, the whole padded to 8. `size` of this view counts the trailing padding. */
export const Dirent64 = struct('dirent64', { d_ino: u64, d_off: i64, d_reclen: u16, d_type: u8, d_name: bytes(5) });
/** Where d_name starts. */
export const DIRENT64_NAME = Dirent64.offsets.d_name;
/** d_type of a file mode: the S_IFMT bits shifted down. */
export const direntType = (mode: number): number => (mode >>> 12) & 15;
