// What lies on an ext2 disk (Linux: Documentation/filesystems/ext2.rst and ext4/; "The Second Extended File System", D. Poirier). All little-endian.
import { array, bytes, i32, pad, struct, u16, u32, u8 } from '../../lib/struct.ts';

export const EXT2_MAGIC = 0xef53;
export const SUPER_OFFSET = 1024;
export const ROOT_INO = 2;
export const LINK_MAX = 32000;
export const NAME_LEN = 255;

// s_state
export const VALID_FS = 1;
export const ERROR_FS = 2;

// s_feature_*
export const COMPAT_HAS_JOURNAL = 0x4;
export const COMPAT_EXT_ATTR = 0x8;
export const COMPAT_DIR_INDEX = 0x20;
export const INCOMPAT_FILETYPE = 0x2;
export const RO_COMPAT_SPARSE_SUPER = 0x1;
export const RO_COMPAT_LARGE_FILE = 0x2;
export const RO_COMPAT_EXTRA_ISIZE = 0x40;

// i_flags
export const INDEX_FL = 0x1000;
/** Flags that children inherit from their directory, and what of them makes sense for files. */
export const FL_INHERITED = 0x7b | 0x80;

// Pointers in an inode
export const DIRECT = 12, INDIRECT = 12, POINTERS = 15;
/** Symbolic links shorter than this live in the pointers. */
export const FAST_LINK = 60;

export const SuperBlockLayout = struct('ext2_super_block', {
  s_inodes_count: u32, s_blocks_count: u32, s_r_blocks_count: u32, s_free_blocks_count: u32, s_free_inodes_count: u32, s_first_data_block: u32,
  s_log_block_size: u32, s_log_frag_size: u32, s_blocks_per_group: u32, s_frags_per_group: u32, s_inodes_per_group: u32, s_mtime: u32, s_wtime: u32,
  s_mnt_count: u16, s_max_mnt_count: u16, s_magic: u16, s_state: u16, s_errors: u16, s_minor_rev_level: u16, s_lastcheck: u32, s_checkinterval: u32,
  s_creator_os: u32, s_rev_level: u32, s_def_resuid: u16, s_def_resgid: u16, s_first_ino: u32, s_inode_size: u16, s_block_group_nr: u16,
  s_feature_compat: u32, s_feature_incompat: u32, s_feature_ro_compat: u32, s_uuid: bytes(16), s_volume_name: bytes(16), s_last_mounted: bytes(64),
  s_algo_bitmap: u32, s_prealloc_blocks: u8, s_prealloc_dir_blocks: u8, s_reserved_gdt_blocks: u16, _rest: pad(816),
});

export const GroupLayout = struct('ext2_group_desc', {
  bg_block_bitmap: u32, bg_inode_bitmap: u32, bg_inode_table: u32, bg_free_blocks_count: u16, bg_free_inodes_count: u16, bg_used_dirs_count: u16,
  _pad: pad(14),
});

export const InodeLayout = struct('ext2_inode', {
  i_mode: u16, i_uid: u16, i_size: u32, i_atime: i32, i_ctime: i32, i_mtime: i32, i_dtime: u32, i_gid: u16, i_links_count: u16, i_blocks: u32,
  i_flags: u32, i_osd1: u32, i_block: array(u32, POINTERS), i_generation: u32, i_file_acl: u32, i_size_high: u32, i_faddr: u32,
  i_blocks_high: u16, i_file_acl_high: u16, i_uid_high: u16, i_gid_high: u16, i_checksum_lo: u16, i_reserved: u16,
});

/** Behind the first 128 bytes where inodes are larger (ext4): times finer than a second. */
export const InodeExtraLayout = struct('ext4_inode_extra', {
  i_extra_isize: u16, i_checksum_hi: u16, i_ctime_extra: u32, i_mtime_extra: u32, i_atime_extra: u32, i_crtime: i32, i_crtime_extra: u32,
  i_version_hi: u32, i_projid: u32,
});
export const EXTRA_ISIZE = 32;

/** Directory entry: u32 inode, u16 rec_len, u8 name_len, u8 file_type, name. */
export const DIRENT_HEADER = 8;
export const direntSize = (nameLength: number): number => (DIRENT_HEADER + nameLength + 3) & ~3;
