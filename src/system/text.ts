// Between JavaScript strings and the kernel's: names, arguments and environment are byte strings there, one character a byte, UTF-8 by convention.
import { latin1Decode, latin1Encode } from '../lib/utf8.ts';

/** A JavaScript string as UTF-8, in the kernel's form. */
export const toBytes = (s: string): string => latin1Decode(new TextEncoder().encode(s));
/** The kernel's form as a JavaScript string; bytes that are not UTF-8 become U+FFFD. */
export const fromBytes = (s: string): string => new TextDecoder().decode(latin1Encode(s));
