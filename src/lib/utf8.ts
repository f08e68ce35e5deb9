// Text and bytes without TextDecoder. Two views of a byte string: UTF-8 text (what people read) and latin1 "binary strings" (one char per
// byte), in which the kernel keeps path names, so that any byte but NUL survives: path_resolution(7) knows no encoding.

/** One char per byte; the inverse of latin1Encode for every input. */
export function latin1Decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let out = '';
  for (let at = start; at < end; at += CHUNK) out += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(end, at + CHUNK)) as unknown as number[]);
  return out;
}

/** The bytes of a binary string; chars above 255 lose their high bits, so never pass text here. */
export function latin1Encode(text: string): Uint8Array {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Writes a binary string and returns the number of bytes that fitted. */
export function latin1Into(text: string, into: Uint8Array, at = 0): number {
  const n = Math.min(text.length, into.length - at);
  for (let i = 0; i < n; i++) into[at + i] = text.charCodeAt(i);
  return n;
}

/** A C string: up to the first NUL or the end. */
export function cString(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const nul = bytes.indexOf(0, start);
  return latin1Decode(bytes, start, nul < 0 || nul > end ? end : nul);
}

/** The UTF-8 bytes of a text; lone surrogates become U+FFFD, as the Encoding standard has it. */
export function utf8Encode(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i);
    if (c < 0x80) { out[n++] = c; continue; }
    if (c < 0x800) { out[n++] = 0xc0 | (c >> 6); out[n++] = 0x80 | (c & 63); continue; }
    if ((c & 0xf800) === 0xd800) {
      const low = text.charCodeAt(i + 1);
      if (c < 0xdc00 && (low & 0xfc00) === 0xdc00) {
        c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
        i++;
        out[n++] = 0xf0 | (c >> 18);
        out[n++] = 0x80 | ((c >> 12) & 63);
        out[n++] = 0x80 | ((c >> 6) & 63);
        out[n++] = 0x80 | (c & 63);
        continue;
      }
      c = 0xfffd;
    }
    out[n++] = 0xe0 | (c >> 12);
    out[n++] = 0x80 | ((c >> 6) & 63);
    out[n++] = 0x80 | (c & 63);
  }
  return out.slice(0, n);
}

/** The text of UTF-8 bytes; each ill-formed sequence becomes U+FFFD by the "maximal subpart" rule (Unicode 3.9, table 3-7). */
export function utf8Decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let out = '';
  let units: number[] = [];
  let at = start;
  while (at < end) {
    const first = bytes[at] as number;
    let code = first;
    let used = 1;
    if (first >= 0x80) {
      const need = continuationBytes(first);
      code = first & (0x3f >> need);
      while (used <= need && at + used < end && isContinuation(first, used, bytes[at + used] as number)) {
        code = (code << 6) | ((bytes[at + used] as number) & 63);
        used++;
      }
      if (need === 0 || used <= need) code = 0xfffd;
    }
    at += used;
    if (code >= 0x10000) units.push(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
    else units.push(code);
    if (units.length >= CHUNK) { out += String.fromCharCode.apply(null, units); units = []; }
  }
  return out + String.fromCharCode.apply(null, units);
}

/** Text to a binary string: how a host's string becomes a kernel path name. */
export const toBinary = (text: string): string => latin1Decode(utf8Encode(text));
/** A binary string to text: how a kernel path name is shown to people. */
export const fromBinary = (binary: string): string => utf8Decode(latin1Encode(binary));

/** What fromCharCode takes as arguments without overflowing the stack. */
const CHUNK = 4096;

function continuationBytes(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 1;
  if (first >= 0xe0 && first <= 0xef) return 2;
  if (first >= 0xf0 && first <= 0xf4) return 3;
  return 0;
}

/** The second byte excludes overlong forms, surrogates and codes above U+10FFFF. */
function isContinuation(first: number, index: number, byte: number): boolean {
  if ((byte & 0xc0) !== 0x80) return false;
  if (index > 1) return true;
  if (first === 0xe0) return byte >= 0xa0;
  if (first === 0xed) return byte < 0xa0;
  if (first === 0xf0) return byte >= 0x90;
  if (first === 0xf4) return byte < 0x90;
  return true;
}
