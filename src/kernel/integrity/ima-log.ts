// IMA's measurement list (Documentation/security/IMA-templates.rst): append-only, template ima-ng (file hash and name), each entry extended into register 10.
// The binary form is what evmctl(1) and remote attestation read: pcr, SHA-1 of the template data, template name, template data.
import { Sha1, SHA1_BYTES } from '../../lib/sha1.ts';
import { sha256, SHA256_BYTES, toHex } from '../../lib/sha256.ts';
import { latin1Decode, latin1Encode } from '../../lib/utf8.ts';
import { PCR_COUNT, PCR_IMA, type Registers } from './registers.ts';

const TEMPLATE = 'ima-ng';
/** More entries are extended into the register, but not kept: what a user can make the kernel remember is bounded. */
export const MAX_MEASUREMENTS = 65_536;

/** One measured file. A violation (its contents may be others than those that were hashed) has zeros for both hashes. */
interface Measurement { readonly templateHash: Uint8Array; readonly fileHash: Uint8Array; readonly path: string }

export class MeasurementList {
  private readonly entries: Measurement[] = [];
  /** Template hashes that are in the list: the same file with the same contents is listed once. */
  private readonly known = new Set<string>();
  private readonly registers: Registers;
  violations = 0;
  /** Entries that were measured and not kept. */
  lost = 0;

  constructor(registers: Registers) { this.registers = registers; }

  /** The first entry, boot_aggregate, stands for all that was measured before: a hash of registers 0 to 9. */
  begin(): void {
    if (this.entries.length > 0) return;
    const before = new Uint8Array(PCR_IMA * SHA256_BYTES);
    for (let i = 0; i < Math.min(PCR_IMA, PCR_COUNT); i++) before.set(this.registers.read(i), i * SHA256_BYTES);
    this.add(sha256(before), 'boot_aggregate');
  }

  get count(): number { return this.entries.length; }

  add(fileHash: Uint8Array, path: string): void {
    const data = templateData(fileHash, path);
    const templateHash = new Sha1().update(data).digest();
    const key = latin1Decode(templateHash);
    if (this.known.has(key)) return;
    this.registers.extend(PCR_IMA, sha256(data));
    if (!this.keep({ templateHash, fileHash, path })) return;
    this.known.add(key);
  }

  /** What is extended cannot be had by hashing anything. */
  violate(path: string): void {
    this.violations++;
    this.registers.extend(PCR_IMA, new Uint8Array(SHA256_BYTES).fill(0xff));
    this.keep({ templateHash: new Uint8Array(SHA1_BYTES), fileHash: new Uint8Array(SHA256_BYTES), path });
  }

  private keep(m: Measurement): boolean {
    if (this.entries.length >= MAX_MEASUREMENTS) {
      this.lost++;
      return false;
    }
    this.entries.push(m);
    return true;
  }

  /** ascii_runtime_measurements. */
  get ascii(): string {
    return this.entries.map(m => `${PCR_IMA} ${toHex(m.templateHash)} ${TEMPLATE} sha256:${toHex(m.fileHash)} ${m.path}\n`).join('');
  }

  /** binary_runtime_measurements, a character a byte. */
  get binary(): string {
    return this.entries.map(m => {
      const data = latin1Decode(templateData(m.fileHash, m.path));
      return `${u32(PCR_IMA)}${latin1Decode(m.templateHash)}${u32(TEMPLATE.length)}${TEMPLATE}${u32(data.length)}${data}`;
    }).join('');
  }
}

/** d-ng and n-ng, each behind its length. */
function templateData(fileHash: Uint8Array, path: string): Uint8Array {
  const digest = `sha256:\0${latin1Decode(fileHash)}`, name = `${path}\0`;
  return latin1Encode(`${u32(digest.length)}${digest}${u32(name.length)}${name}`);
}

const u32 = (n: number): string => String.fromCharCode(n & 0xff, (n >>> 8) & 0xff, (n >>> 16) & 0xff, n >>> 24);
