// What `kspace attest` hands out and checks: registers, the log that explains them, and a signature over registers and a nonce (a "quote"). Pure: keys
// are the caller's business.
import { replay } from '../../kernel/integrity/boot-log.ts';
import type { BootLog } from '../../kernel/integrity/boot-log.ts';
import { PCR_COUNT, PCR_IMA, type Registers } from '../../kernel/integrity/registers.ts';
import { utf8Encode } from '../../lib/utf8.ts';
import { toHex } from '../../lib/sha256.ts';

export interface EvidenceEvent { readonly register: number; readonly digest: string; readonly text: string }

/** As JSON. `nonce`, `signature` (base64 of ed25519 over `quoteBytes`): of a quote. */
export interface Evidence {
  readonly format: 'kspace-attest-1';
  /** Hexadecimal, by number. A list of expected values may leave registers out. */
  readonly registers: Readonly<Record<string, string>>;
  readonly events?: readonly EvidenceEvent[];
  readonly nonce?: string;
  readonly signature?: string;
}

export function evidenceOf(log: BootLog): Evidence {
  return { format: 'kspace-attest-1', registers: values(log.registers), events: log.events.map(e => ({ register: e.register, digest: toHex(e.digest), text: e.text })) };
}

/** What a quote signs: nonce, registers, and the log with its texts, in a form in which nothing can be read as something else. */
export function quoteBytes({ registers, events = [] }: Evidence, nonce: string): Uint8Array {
  return utf8Encode(JSON.stringify(['kspace-attest-1', nonce, numbers().map(i => registers[i] ?? null), events.map(e => [e.register, e.digest, e.text])]));
}

/** Does the log lead to the registers? The numbers of those where it does not. Register 10 has a list of its own, IMA's. */
export function contradictions({ registers, events = [] }: Evidence): number[] {
  const said = values(replay(events.map(e => ({ register: e.register, digest: fromHex(e.digest) }))));
  return numbers().filter(i => i !== PCR_IMA && said[i] !== registers[i]);
}

/** A register that is not as expected, and what was measured into it that was not expected. */
export interface Difference { readonly register: number; readonly unexpected: readonly string[]; readonly missing: readonly string[] }

export function compare(found: Evidence, expected: Evidence): Difference[] {
  const of = (e: Evidence, register: number): string[] => (e.events ?? []).filter(x => x.register === register).map(x => `${x.digest} ${x.text}`);
  return numbers().filter(i => expected.registers[i] !== undefined && expected.registers[i] !== found.registers[i]).map(register => {
    const [now, then] = [of(found, register), of(expected, register)];
    return { register, unexpected: now.filter(x => !then.includes(x)), missing: then.filter(x => !now.includes(x)) };
  });
}

/** Evidence from outside: null when it has not the form. */
export function parseEvidence(text: string): Evidence | null {
  let e: Partial<Evidence> | null;
  try {
    e = JSON.parse(text) as Partial<Evidence> | null;
  } catch {
    return null;
  }
  const isHash = (v: unknown): boolean => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v);
  const isText = (v: unknown): boolean => v === undefined || typeof v === 'string';
  if (e?.format !== 'kspace-attest-1' || typeof e.registers !== 'object' || e.registers === null || !Object.values(e.registers).every(isHash)) return null;
  const { events = [] } = e;
  if (!Array.isArray(events) || !events.every(x => Number.isInteger(x?.register) && x.register >= 0 && x.register < PCR_COUNT && isHash(x.digest) && typeof x.text === 'string')) return null;
  return isText(e.nonce) && isText(e.signature) ? e as Evidence : null;
}

const numbers = (): number[] => Array.from({ length: PCR_COUNT }, (_, i) => i);
const values = (r: Registers): Record<string, string> => Object.fromEntries(numbers().map(i => [i, toHex(r.read(i))]));
const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16));
