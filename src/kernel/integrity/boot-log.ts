// Measured boot: the list of everything that makes this machine what it is, each extended into a register before it is used. The log explains the
// registers; a log that was changed afterwards does not lead to them any more. Its binary form is that of TCG's crypto-agile log, which
// tpm2_eventlog(1) and others read. There is no TPM behind it: who believes the registers believes this kernel, or who started it (kspace attest).
import { sha256, SHA256_BYTES, toHex } from '../../lib/sha256.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import { PCR_POLICY, Registers } from './registers.ts';

/** Event types of the PC Client profile, table "Events". */
export const EV_POST_CODE = 1, EV_NO_ACTION = 3, EV_SEPARATOR = 4, EV_S_CRTM_VERSION = 8, EV_TABLE_OF_DEVICES = 11, EV_IPL = 13;

const NAMES: Readonly<Record<number, string>> = {
  [EV_POST_CODE]: 'POST code', [EV_SEPARATOR]: 'separator', [EV_S_CRTM_VERSION]: 'version', [EV_TABLE_OF_DEVICES]: 'table of devices', [EV_IPL]: 'loaded',
};
const TPM_ALG_SHA256 = 0x000b;
/** Measured at boot; a list without an end would be memory that users can use up. */
const MAX_EVENTS = 4096;

/** One measurement: what was extended into which register, and a text (one char per byte) that says what it was. */
export interface BootEvent { readonly register: number; readonly type: number; readonly digest: Uint8Array; readonly text: string }

/** What was noted: its digest, or the bytes as they were, to be hashed when somebody looks. */
interface Note { readonly register: number; readonly type: number; readonly digest: Uint8Array | null; readonly bytes: Uint8Array | null; readonly text: string }

export class BootLog {
  private readonly notes: Note[] = [];
  private readonly settled: BootEvent[] = [];
  private readonly bank = new Registers();
  /** The separators are in: what comes now comes from a machine that is up. */
  private isClosed = false;

  /** Extends the register by the digest of something and notes it. False: the log is full, and nothing was extended. */
  add(register: number, type: number, digest: Uint8Array, text: string): boolean { return this.note({ register, type, digest: digest.slice(0, SHA256_BYTES), bytes: null, text }); }

  /** The same for something that is at hand, as it is now. */
  addBytes(register: number, type: number, bytes: Uint8Array, text: string): boolean { return this.note({ register, type, digest: null, bytes: bytes.slice(), text }); }

  /** And for a text. */
  addText(register: number, type: number, text: string): boolean { return this.note({ register, type, digest: null, bytes: latin1Encode(text), text }); }

  get events(): readonly BootEvent[] {
    this.settle();
    return this.settled;
  }

  get registers(): Registers {
    this.settle();
    return this.bank;
  }

  private note(n: Note): boolean {
    if (this.notes.length >= MAX_EVENTS) return false;
    this.notes.push(n);
    return true;
  }

  /** A start of the machine needs no hash: copies and registers lie in the same memory, so none of them is safer than the other. */
  private settle(): void {
    for (let i = this.settled.length; i < this.notes.length; i++) {
      const { register, type, text, bytes, digest = null } = this.notes[i]!;
      const event = { register, type, text, digest: digest ?? sha256(bytes!) };
      this.bank.extend(register, event.digest);
      this.settled.push(event);
    }
  }

  /** End of boot: a separator in every register of the platform, so that nothing can be added to its story unnoticed (EV_SEPARATOR). */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (let register = 0; register <= PCR_POLICY; register++) this.addText(register, EV_SEPARATOR, '\0\0\0\0');
  }

  /** For people: register, digest, type, what it was. */
  get ascii(): string {
    return this.events.map(e => `${String(e.register).padStart(2)} sha256:${toHex(e.digest)} ${e.type.toString(16).padStart(2, '0')} [${NAMES[e.type] ?? 'other'}] ${printable(e.text)}\n`).join('');
  }

  /** TCG_PCR_EVENT2 records behind the header that names the bank, as a binary string. */
  get binary(): string { return header() + this.events.map(record).join(''); }
}

/** The registers that a sequence of events leads to; for whoever checks a log. */
export function replay(events: readonly Pick<BootEvent, 'register' | 'digest'>[]): Registers {
  const registers = new Registers();
  for (const e of events) registers.extend(e.register, e.digest);
  return registers;
}

/** A TCG_PCR_EVENT with "Spec ID Event03": version 2.0, 64 bit, one algorithm. */
function header(): string {
  const body = `Spec ID Event03\0${le32(0)}\0\x02\0\x02${le32(1)}${le16(TPM_ALG_SHA256)}${le16(SHA256_BYTES)}\0`;
  return le32(0) + le32(EV_NO_ACTION) + '\0'.repeat(20) + le32(body.length) + body;
}

const record = (e: BootEvent): string => le32(e.register) + le32(e.type) + le32(1) + le16(TPM_ALG_SHA256) + String.fromCharCode(...e.digest) + le32(e.text.length) + e.text;
const le16 = (n: number): string => String.fromCharCode(n & 255, n >>> 8 & 255);
const le32 = (n: number): string => le16(n) + le16(n >>> 16);
const printable = (text: string): string => text.replace(/[^ -~]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
