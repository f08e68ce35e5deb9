// Messages of this process to its user, written at once so that nothing is lost at exit.
import { writeText } from './stdio.ts';

/** To standard output. A reader that went away (kspace help | head -1) is no error. */
export function print(text: string): void { writeText(1, text); }

/** A line on standard error, with our name. */
export function complain(text: string): void { writeText(2, `kspace: ${text}\n`); }
