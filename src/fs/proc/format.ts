// How proc(5) writes things down.
import { wordsToDecimal, wordsToHex } from '../../lib/u64.ts';

/** `MemTotal:       16303428 kB`: a name padded to 16 columns, a number right-aligned in 8. */
export const kbLine = (name: string, kb: number): string => `${`${name}:`.padEnd(16)}${String(kb).padStart(8)} kB\n`;
/** The same after a tab: /proc/PID/status. */
export const kbField = (name: string, kb: number): string => `${name}:\t${String(kb).padStart(8)} kB\n`;
/** Bit set as 16 hexadecimal digits. */
export const set64 = (lo: number, hi: number): string => wordsToHex(lo, hi, 16);
/** A limit that may be Infinity: as the kernel prints RLIM_INFINITY. */
export const unsignedLimit = (n: number): string => (n === Infinity ? wordsToDecimal(-1, -1) : String(n));
/** Pages of 4 KiB. */
export const pagesToKb = (pages: number): number => pages * 4;
/** Nanoseconds to ticks of USER_HZ. */
export const ticks = (ns: number): number => Math.floor(ns / 10_000_000);
/** `12.34` seconds. */
export const seconds = (ns: number): string => {
  const hundredths = Math.floor(ns / 10_000_000);
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
};
/** Blanks, tabs, newlines and backslashes of a name as octal escapes: mounts(5), maps (newline only via `also`). */
export const escapeOctal = (text: string, special = ' \t\n\\'): string =>
  [...text].map(c => (special.includes(c) ? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}` : c)).join('');
/** A decimal or 0x/0-prefixed number as sysctls take it; NaN for anything else. */
export function parseNumber(text: string): number {
  const word = text.trim();
  return /^[+-]?(\d+|0[xX][0-9a-fA-F]+)$/.test(word) ? Number(/^0\d/.test(word) ? `0o${word.slice(1)}` : word) : NaN;
}
