// Netlink messages (netlink(7)): a header, a body, attributes, everything aligned to four bytes.

/** struct nlmsghdr: u32 len, u16 type, u16 flags, u32 seq, u32 pid. */
export const HEADER = 16;
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const NLA_TYPE_MASK = 0x3fff;

export interface Request { readonly type: number; readonly flags: number; readonly seq: number; readonly body: DataView }

/** Builds one datagram of messages. */
export class MessageWriter {
  private bytes = new Uint8Array(512);
  private view = new DataView(this.bytes.buffer);
  private at = 0;
  private start = 0;

  begin(type: number, flags: number, seq: number, pid: number): void {
    this.start = this.at;
    this.u32(0);
    this.u16(type);
    this.u16(flags);
    this.u32(seq);
    this.u32(pid);
  }
  end(): void {
    this.view.setUint32(this.start, this.at - this.start, true);
    this.align();
  }
  u8(v: number): void { this.need(1); this.view.setUint8(this.at, v); this.at += 1; }
  u16(v: number): void { this.need(2); this.view.setUint16(this.at, v, true); this.at += 2; }
  u32(v: number): void { this.need(4); this.view.setUint32(this.at, v, true); this.at += 4; }
  raw(bytes: Uint8Array | readonly number[]): void { for (const b of bytes) this.u8(b); }
  /** struct rtattr: u16 len, u16 type, payload. */
  attribute(type: number, payload: Uint8Array | readonly number[]): void {
    this.align();
    this.u16(4 + payload.length);
    this.u16(type);
    this.raw(payload);
    this.align();
  }
  attributeU32(type: number, v: number): void { this.attribute(type, [v & 255, (v >>> 8) & 255, (v >>> 16) & 255, v >>> 24]); }
  attributeText(type: number, text: string): void { this.attribute(type, [...text].map(c => c.charCodeAt(0)).concat(0)); }
  /** What was written, ready for the next datagram. */
  take(): Uint8Array {
    const out = this.bytes.slice(0, this.at);
    this.at = this.start = 0;
    return out;
  }

  private align(): void { while (this.at % 4 !== 0) this.u8(0); }
  private need(n: number): void {
    if (this.at + n <= this.bytes.length) return;
    const bigger = new Uint8Array(this.bytes.length * 2);
    bigger.set(this.bytes);
    this.bytes = bigger;
    this.view = new DataView(bigger.buffer);
  }
}

/** The requests in what a program sent; the rest is dropped at the first header that does not add up. */
export function parseRequests(bytes: Uint8Array): Request[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Request[] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > bytes.length) break;
    found.push({
      type: view.getUint16(at + 4, true), flags: view.getUint16(at + 6, true), seq: view.getUint32(at + 8, true),
      body: new DataView(bytes.buffer, bytes.byteOffset + at + HEADER, length - HEADER),
    });
    at += (length + 3) & ~3;
  }
  return found;
}

/** The attributes from `start` of a body on, by type; of several of a type the last. */
export function attributes(body: DataView, start: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = start; at + 4 <= body.byteLength;) {
    const length = body.getUint16(at, true);
    if (length < 4 || at + length > body.byteLength) break;
    found.set(body.getUint16(at + 2, true) & NLA_TYPE_MASK, new Uint8Array(body.buffer, body.byteOffset + at + 4, length - 4));
    at += (length + 3) & ~3;
  }
  return found;
}
