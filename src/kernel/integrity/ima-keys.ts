// Keys that IMA's signatures are checked with, and the check: RSA, PKCS #1 v1.5 (RFC 8017, 8.2.2), as evmctl(1) makes them (security.ima, version 2).
// BigInt, because a signature is checked once for a file's contents, and seldom.
import { latin1Decode } from '../../lib/utf8.ts';

export interface ImaKey {
  /** The last four bytes of the SHA-1 of its PKCS #1 form. */
  readonly id: number;
  readonly modulus: Uint8Array;
  readonly exponent: number;
}

/** enum hash_algo of linux/hash_info.h, and the ASN.1 that PKCS #1 puts in front of the hash. */
export const HASH_ALGO_SHA1 = 2, HASH_ALGO_SHA256 = 4;
const DIGEST_INFO: Readonly<Record<number, string>> = {
  [HASH_ALGO_SHA1]: '3021300906052b0e03021a05000414', [HASH_ALGO_SHA256]: '3031300d060960864801650304020105000420',
};

/** Offsets of struct signature_v2_hdr: type, version, hash_algo, keyid (big-endian), sig_size (big-endian), sig. */
const VERSION = 1, HASH = 2, KEY_ID = 3, SIZE = 7, SIGNATURE = 9;

/** The hash algorithm that a signature is over; -1: it is no signature that we understand. */
export function signatureAlgorithm(xattr: Uint8Array): number {
  const isOurs = xattr.length > SIGNATURE && xattr[VERSION] === 2 && DIGEST_INFO[xattr[HASH]!] !== undefined;
  return isOurs && xattr.length === SIGNATURE + xattr[SIZE]! * 256 + xattr[SIZE + 1]! ? xattr[HASH]! : -1;
}

/** Is it the signature of `digest` by one of the keys? */
export function isSignature(xattr: Uint8Array, digest: Uint8Array, keys: readonly ImaKey[]): boolean {
  const id = ((xattr[KEY_ID]! << 24) | (xattr[KEY_ID + 1]! << 16) | (xattr[KEY_ID + 2]! << 8) | xattr[KEY_ID + 3]!) >>> 0;
  const signature = hexOf(xattr.subarray(SIGNATURE));
  const info = `${DIGEST_INFO[xattr[HASH]!]}${hexOf(digest)}`;
  return keys.some(k => {
    const length = 2 * k.modulus.length;
    if (k.id !== id || signature.length !== length || info.length + 22 > length) return false;
    const expected = `0001${'ff'.repeat((length - info.length) / 2 - 3)}00${info}`;
    return power(BigInt(`0x${signature}`), k.exponent, BigInt(`0x${hexOf(k.modulus)}`)).toString(16).padStart(length, '0') === expected;
  });
}

function power(base: bigint, exponent: number, modulus: bigint): bigint {
  if (base >= modulus) return 0n;
  let result = 1n, square = base;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = result * square % modulus;
    square = square * square % modulus;
  }
  return result;
}

const hexOf = (bytes: Uint8Array): string => latin1Decode(bytes).replace(/[^]/g, c => c.charCodeAt(0).toString(16).padStart(2, '0'));
