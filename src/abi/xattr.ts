// setxattr(2), xattr(7): linux/xattr.h; the value of system.posix_acl_*: linux/posix_acl.h, linux/posix_acl_xattr.h.

// Flags
export const XATTR_CREATE = 1;
export const XATTR_REPLACE = 2;

// POSIX access control lists (acl(5)): entries of 8 bytes (tag, permissions, id) behind a 4-byte version
export const POSIX_ACL_XATTR_VERSION = 2;
export const ACL_USER_OBJ = 0x01;
export const ACL_USER = 0x02;
export const ACL_GROUP_OBJ = 0x04;
export const ACL_GROUP = 0x08;
export const ACL_MASK = 0x10;
export const ACL_OTHER = 0x20;
export const ACL_UNDEFINED_ID = -1;
