// The options --profile FILE and --profile-interval N of run and exec.
import { writeFileSync } from 'node:fs';
import { UserError } from '../host/user-error.ts';
import type { ProfileRequest } from '../system/contract.ts';
import { UsageError } from './options.ts';
import type { Parsed } from './options.ts';

/** A sample every million instructions: 200 in a second of interpretation. */
const INTERVAL = 1_000_000;

/** What the machine is asked for; undefined without --profile. The file's name says what it is. */
export function profile({ values }: Parsed): ProfileRequest | undefined {
  const file = values.get('profile'), every = values.get('profile-interval');
  if (file === undefined) {
    if (every !== undefined) throw new UsageError('--profile-interval needs --profile');
    return undefined;
  }
  const format = file.endsWith('.svg') ? 'svg' : file.endsWith('.cpuprofile') ? 'cpuprofile' : undefined;
  if (format === undefined) throw new UsageError(`'${file}' must end in .svg (flame graph) or .cpuprofile (Chrome DevTools)`);
  const interval = every === undefined ? INTERVAL : Number(every);
  if (!Number.isSafeInteger(interval) || interval < 1000) throw new UsageError(`'${every}' is no interval: a whole number of instructions, at least 1000`);
  const done = (text: string): void => {
    try {
      writeFileSync(file, text);
    } catch (e) {
      throw new UserError(`the profile cannot be written: ${(e as Error).message}`);
    }
  };
  return { interval, format, done };
}
