// Sizes that programs rely on, pathconf(3), readv(2): linux/limits.h, linux/uio.h.

import { ptr, struct, u64 } from '../lib/struct.ts';


// Names and pipes
export const NAME_MAX = 255;
export const PATH_MAX = 4096;
export const PIPE_BUF = 4096;
export const NGROUPS_MAX = 65536;
export const ARG_MAX = 131072;
export const XATTR_NAME_MAX = 255;
export const XATTR_SIZE_MAX = 65536;
export const XATTR_LIST_MAX = 65536;

// Vectors
export const UIO_MAXIOV = 1024;
export const UIO_FASTIOV = 8;

/** readv(2), writev(2), sendmsg(2). */
export const Iovec = struct('iovec', { iov_base: ptr, iov_len: u64 });
