// A kept module as a file: four lengths and a sum, what is known of its regions as JSON, their instructions, the module, its machine code.
import type { KeptRegion } from '../../machine/jit/store.ts';

export interface ModuleFile {
  readonly regions: readonly KeptRegion[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly native: Uint8Array;
}

const MAGIC = 0x314a534b, HEADER = 24;

export function encodeModule({ regions, bytes, native }: ModuleFile): Uint8Array {
  const facts = new TextEncoder().encode(JSON.stringify(regions.map(r => ({ ...r, code: r.code.length }))));
  const parts = [facts, ...regions.map(r => r.code), bytes, native], size = parts.reduce((n, p) => n + p.length, HEADER), out = new Uint8Array(size);
  let at = HEADER;
  for (const p of parts) { out.set(p, at); at += p.length; }
  const header = new DataView(out.buffer), code = regions.reduce((n, r) => n + r.code.length, 0);
  for (const [i, n] of [MAGIC, facts.length, code, bytes.length, native.length, sumOf(out.subarray(HEADER))].entries()) header.setInt32(4 * i, n, true);
  return out;
}

/** Null: it is not, or not all of, what was written. */
export function decodeModule(file: Uint8Array<ArrayBuffer>): ModuleFile | null {
  if (file.length < HEADER) return null;
  const header = new DataView(file.buffer, file.byteOffset), [magic, facts, code, bytes, native, sum] = [0, 1, 2, 3, 4, 5].map(i => header.getInt32(4 * i, true)) as [number, number, number, number, number, number];
  if (magic !== MAGIC || HEADER + facts + code + bytes + native !== file.length || sum !== sumOf(file.subarray(HEADER))) return null;
  let at = HEADER + facts;
  const take = (n: number): Uint8Array<ArrayBuffer> => file.subarray(at, at += n);
  const known = JSON.parse(new TextDecoder().decode(file.subarray(HEADER, at))) as (Omit<KeptRegion, 'code'> & { code: number })[];
  const regions = known.map(r => ({ ...r, code: take(r.code) }));
  return { regions, bytes: take(bytes), native: take(native) };
}

/** Against broken files, not against people: who may write here may run anything as this user. */
export function sumOf(bytes: Uint8Array): number {
  let a = 1, b = bytes.length;
  const words = bytes.byteOffset % 4 === 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : undefined;
  if (words !== undefined) for (let i = 0; i < words.length; i++) { a = Math.imul(a ^ words[i]!, 0x01000193); b = Math.imul(b + a, 0x85ebca6b) ^ b >>> 15; }
  for (let i = words === undefined ? 0 : bytes.length & ~3; i < bytes.length; i++) { a = Math.imul(a ^ bytes[i]!, 0x01000193); b = Math.imul(b + a, 0x85ebca6b) ^ b >>> 15; }
  return a ^ b;
}
