// Errors of Node's fs functions as Linux errnos. Node gives every system error its symbolic name, so hosts whose numbers differ from
// Linux's (macOS) come out right too.
import { EIO, table } from '../../abi/errno.ts';
import type { Errno } from '../../abi/errno.ts';

const byName = new Map([...table].map(([n, { name }]) => [name, -n as Errno]));

/** The errno that a caught exception stands for; EIO when it is no system error. */
export function errnoOf(error: unknown): Errno {
  return byName.get((error as NodeJS.ErrnoException).code ?? '') ?? EIO;
}

/** Runs a host call whose exception is a result: its value, or the errno. */
export function attempt(call: () => number): number {
  try {
    return call();
  } catch (e) {
    return errnoOf(e);
  }
}
