// Modules as files of the host, and who vouches for them: a trust list names hashes and ed25519 keys; FILE.sig beside a module holds a signature.
// A module is looked at before any of its code runs, and what was looked at is what runs: it is loaded from the bytes that were hashed.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as nodeModule from 'node:module';
import { UserError } from '../../host/user-error.ts';
import { PCR_MODULES, PCR_POLICY } from '../../kernel/integrity/registers.ts';
import type { ModuleTrust } from '../../kernel/integrity/modules.ts';
import type { Measured } from '../contract.ts';
import type { KernelModule } from '../modules/module-api.ts';
import { isSigned, type KeyObject, keyNamed, keyName, sha256Hex, signBytes } from './keys.ts';

/** Lines `sha256 HEX [name]` and `ed25519 HEX [name]`; # begins a comment. */
export interface TrustList { readonly hashes: ReadonlySet<string>; readonly keys: ReadonlySet<string> }

export function parseTrust(text: string, file: string): TrustList {
  const hashes = new Set<string>(), keys = new Set<string>();
  for (const [i, line] of text.split('\n').entries()) {
    const [kind, hex = ''] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (kind === '' || kind === undefined) continue;
    if ((kind !== 'sha256' && kind !== 'ed25519') || !/^[0-9a-f]{64}$/.test(hex)) throw new UserError(`${file}, line ${i + 1}: say sha256 or ed25519 and 64 hexadecimal digits`);
    (kind === 'sha256' ? hashes : keys).add(hex);
  }
  return { hashes, keys };
}

export function readTrust(files: readonly string[]): { trust: TrustList; measured: Measured[] } {
  const texts = files.map(f => ({ file: f, bytes: readFileSync(f) }));
  const lists = texts.map(({ file, bytes }) => parseTrust(bytes.toString('utf8'), file));
  return {
    trust: { hashes: new Set(lists.flatMap(l => [...l.hashes])), keys: new Set(lists.flatMap(l => [...l.keys])) },
    measured: texts.map(({ bytes }) => ({ register: PCR_POLICY, digest: Buffer.from(sha256Hex(bytes), 'hex'), text: 'trust list' })),
  };
}

/** What is signed: never the bytes of a module alone, so that a signature of something else is none of a module. */
const signedBytes = (bytes: Uint8Array): Uint8Array => Buffer.concat([Buffer.from('kspace-module-1\0'), Buffer.from(sha256Hex(bytes))]);

/** The text of FILE.sig. */
export const signModule = (key: KeyObject, bytes: Uint8Array): string => `ed25519 ${keyName(key)} ${Buffer.from(signBytes(key, signedBytes(bytes))).toString('base64')}\n`;

export interface Verdict { readonly trust: ModuleTrust; readonly why: string }

/** A signature that does not hold is worse than none: it is said, and counts as none. */
export function judgeModule(bytes: Uint8Array, signature: string | undefined, { hashes, keys }: TrustList): Verdict {
  const hash = sha256Hex(bytes);
  if (hashes.has(hash)) return { trust: 'hash', why: `sha256 ${hash}` };
  if (signature === undefined) return { trust: 'unknown', why: 'it is not signed, and its hash is not on the trust list' };
  const m = /^ed25519 ([0-9a-f]{64}) ([A-Za-z0-9+/=]+)\s*$/.exec(signature);
  if (m === null) return { trust: 'unknown', why: 'its signature cannot be read' };
  if (!keys.has(m[1]!)) return { trust: 'unknown', why: `its key ${m[1]} is not on the trust list` };
  return isSigned(keyNamed(m[1]!), signedBytes(bytes), Buffer.from(m[2]!, 'base64')) ? { trust: 'key', why: `ed25519 ${m[1]}` } : { trust: 'unknown', why: 'its signature is not of these bytes' };
}

export interface Modules { readonly modules: readonly KernelModule[]; readonly measured: readonly Measured[] }

/** Reads, judges, measures, and only then runs the files. Under lockdown one that nobody vouches for is a UserError. */
export async function loadModules(files: readonly string[], trustFiles: readonly string[], locked: boolean): Promise<Modules> {
  const { trust, measured } = readTrust(trustFiles);
  const found = files.map(file => {
    const bytes = readFileSync(file);
    return { file, bytes, verdict: judgeModule(bytes, existsSync(`${file}.sig`) ? readFileSync(`${file}.sig`, 'utf8') : undefined, trust) };
  });
  for (const { file, verdict } of found) if (locked && verdict.trust === 'unknown') throw new UserError(`the module ${file} is refused under lockdown: ${verdict.why}`);
  const modules: KernelModule[] = [];
  for (const { file, bytes, verdict } of found) modules.push(await load(file, bytes, verdict.trust));
  return { modules, measured: [...measured, ...found.map(({ file, bytes }) => ({ register: PCR_MODULES, digest: Buffer.from(sha256Hex(bytes), 'hex'), text: `module ${basename(file)}` }))] };
}

async function load(file: string, bytes: Buffer, trust: ModuleTrust): Promise<KernelModule> {
  let exports: { name?: unknown; init?: unknown };
  try {
    exports = await import(`data:text/javascript;base64,${Buffer.from(sourceOf(file, bytes)).toString('base64')}`) as typeof exports;
  } catch (e) {
    throw new UserError(`the module ${file} cannot be loaded: ${(e as Error).message}`);
  }
  const { name, init } = exports;
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,55}$/.test(name) || typeof init !== 'function') throw new UserError(`the module ${file} must export a name and a function init(api)`);
  return { name, bytes: bytes.length, sha256: sha256Hex(bytes), trust, init: init as KernelModule['init'] };
}

/** TypeScript is stripped of its types where Node can. */
function sourceOf(file: string, bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!/\.[cm]?ts$/.test(file)) return text;
  const { stripTypeScriptTypes } = nodeModule as { stripTypeScriptTypes?: (text: string) => string };
  if (stripTypeScriptTypes === undefined) throw new UserError(`the module ${file} is TypeScript, which this Node cannot load: use Node 22.13 or a .mjs file`);
  return stripTypeScriptTypes(text);
}
