// ed25519 keys of the host as files (RFC 8410, PEM as openssl(1) writes it): who signs modules, images and quotes, and who is believed.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../../host/user-error.ts';

export type { KeyObject };

/** Makes FILE (0600) and FILE.pub; neither may exist. */
export function makeKey(file: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  attempt(file, () => {
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    writeFileSync(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), { flag: 'wx' });
  });
}

export const readPrivateKey = (file: string): KeyObject => attempt(file, () => ed25519(createPrivateKey(readFileSync(file))));
/** A private key's file does as well: it holds both. */
export const readPublicKey = (file: string): KeyObject => attempt(file, () => ed25519(createPublicKey(readFileSync(file))));

/** The 32 bytes of a public key as hexadecimal digits, as trust lists name it. */
export function keyName(key: KeyObject): string {
  return Buffer.from(createPublicKey(key.type === 'private' ? key.export({ type: 'pkcs8', format: 'pem' }) : key.export({ type: 'spki', format: 'pem' }))
    .export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
}

/** The key that a trust list names. */
export function keyNamed(hex: string): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') } });
}

export const signBytes = (key: KeyObject, bytes: Uint8Array): Uint8Array => sign(null, bytes, key);
export const isSigned = (key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean => signature.length === 64 && verify(null, bytes, key, signature);
export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is not an ed25519 key');
  return key;
}

function attempt<T>(file: string, f: () => T): T {
  try {
    return f();
  } catch (e) {
    throw new UserError(`the key ${file} cannot be used: ${(e as Error).message}`);
  }
}
