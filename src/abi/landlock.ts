// landlock(7): linux/landlock.h, ABI 7.
import { aligned, i32, struct, u64 } from '../lib/struct.ts';

/** What LANDLOCK_CREATE_RULESET_VERSION answers. */
export const LANDLOCK_ABI = 7;
export const LANDLOCK_CREATE_RULESET_VERSION = 1;
export const LANDLOCK_CREATE_RULESET_ERRATA = 2;
export const LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF = 1;
export const LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON = 2;
export const LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF = 4;
export const LANDLOCK_RULE_PATH_BENEATH = 1;
export const LANDLOCK_RULE_NET_PORT = 2;

// Rights on files
export const LANDLOCK_ACCESS_FS_EXECUTE = 0x1;
export const LANDLOCK_ACCESS_FS_WRITE_FILE = 0x2;
export const LANDLOCK_ACCESS_FS_READ_FILE = 0x4;
export const LANDLOCK_ACCESS_FS_READ_DIR = 0x8;
export const LANDLOCK_ACCESS_FS_REMOVE_DIR = 0x10;
export const LANDLOCK_ACCESS_FS_REMOVE_FILE = 0x20;
export const LANDLOCK_ACCESS_FS_MAKE_CHAR = 0x40;
export const LANDLOCK_ACCESS_FS_MAKE_DIR = 0x80;
export const LANDLOCK_ACCESS_FS_MAKE_REG = 0x100;
export const LANDLOCK_ACCESS_FS_MAKE_SOCK = 0x200;
export const LANDLOCK_ACCESS_FS_MAKE_FIFO = 0x400;
export const LANDLOCK_ACCESS_FS_MAKE_BLOCK = 0x800;
export const LANDLOCK_ACCESS_FS_MAKE_SYM = 0x1000;
export const LANDLOCK_ACCESS_FS_REFER = 0x2000;
export const LANDLOCK_ACCESS_FS_TRUNCATE = 0x4000;
export const LANDLOCK_ACCESS_FS_IOCTL_DEV = 0x8000;

// Rights on TCP ports, and scopes
export const LANDLOCK_ACCESS_NET_BIND_TCP = 1;
export const LANDLOCK_ACCESS_NET_CONNECT_TCP = 2;
export const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1;
export const LANDLOCK_SCOPE_SIGNAL = 2;

/** landlock_create_ruleset(2). */
export const LandlockRulesetAttr = struct('landlock_ruleset_attr', { handled_access_fs: u64, handled_access_net: u64, scoped: u64 });
/** landlock_add_rule(2): packed, so that there is no padding behind. */
export const LandlockPathBeneath = struct('landlock_path_beneath_attr', { allowed_access: aligned(u64, 4), parent_fd: i32 });
export const LandlockNetPort = struct('landlock_net_port_attr', { allowed_access: u64, port: u64 });
