// fs-verity (Documentation/filesystems/fsverity.rst, linux/fsverity.h): ioctls of a file that a Merkle tree protects.
import { array, bytes, pad, struct, u16, u32, u64, u8 } from '../lib/struct.ts';

export const FS_IOC_ENABLE_VERITY = 0x40806685;
export const FS_IOC_MEASURE_VERITY = 0xc0046686;
export const FS_IOC_READ_VERITY_METADATA = 0xc0286687;
export const FS_VERITY_HASH_ALG_SHA256 = 1;
export const FS_VERITY_HASH_ALG_SHA512 = 2;
export const FS_VERITY_METADATA_TYPE_MERKLE_TREE = 1;
export const FS_VERITY_METADATA_TYPE_DESCRIPTOR = 2;
export const FS_VERITY_METADATA_TYPE_SIGNATURE = 3;

export const FsverityEnableArg = struct('fsverity_enable_arg', {
  version: u32, hash_algorithm: u32, block_size: u32, salt_size: u32, salt_ptr: u64, sig_size: u32, __reserved1: u32, sig_ptr: u64, __reserved2: array(u64, 11),
});
/** The digest follows. */
export const FsverityDigest = struct('fsverity_digest', { digest_algorithm: u16, digest_size: u16 });
export const FsverityReadMetadataArg = struct('fsverity_read_metadata_arg', { metadata_type: u64, off: u64, length: u64, buf_ptr: u64, __reserved: u64 });
/** What the file digest is the hash of: with `sig_size` 0, and without the signature. */
export const FsverityDescriptor = struct('fsverity_descriptor', {
  version: u8, hash_algorithm: u8, log_blocksize: u8, salt_size: u8, __reserved_0x04: u32, data_size: u64, root_hash: bytes(64), salt: bytes(32), __reserved: pad(144),
});
