// setxattr(2), xattr(7): linux/xattr.h.

// Flags
export const XATTR_CREATE = 1;
export const XATTR_REPLACE = 2;
