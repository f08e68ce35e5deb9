// The `kspace` command: finds the command, parses its words, prints what went wrong in one line. What a command needs is loaded when it runs.
import { UserError } from '../host/user-error.ts';
import { COMMANDS } from './commands.ts';
import type { Command } from './commands.ts';
import { find } from './help.ts';
import { UsageError, parse } from './options.ts';
import { complain, print } from '../host/node/print.ts';

/** Status when kspace itself fails, as container tools use it, so that it cannot be taken for the guest's. */
const FAILED = 125;

/** Runs one command line: the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(COMMANDS, args, '');
  } catch (e) {
    if (e instanceof UsageError) {
      complain(`${e.message}\nTry 'kspace help'.`);
      return 2;
    }
    // A UserError or a system error names what happened; anything else is our bug and shows where.
    const expected = e instanceof UserError || (e instanceof Error && 'syscall' in e);
    complain(expected ? e.message : e instanceof Error ? e.stack ?? e.message : String(e));
    return e instanceof UserError ? e.status : FAILED;
  }
}

async function dispatch(commands: readonly Command[], args: readonly string[], prefix: string): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    const { describe, overview } = await import('./help.ts');
    print(prefix === '' ? overview() : describe(find(COMMANDS, prefix.trim())));
    return prefix === '' ? 0 : 2;
  }
  if (prefix === '' && (first === '--help' || first === '-h')) return dispatch(commands, ['help', ...rest], prefix);
  if (prefix === '' && (first === '--version' || first === '-V')) return dispatch(commands, ['version'], prefix);
  if (first.startsWith('-') && !(prefix !== '' && (first === '--help' || first === '-h'))) throw new UsageError(`unknown option ${first}`);
  if (first.startsWith('-')) return dispatch(COMMANDS, ['help', prefix.trim()], '');
  const command = find(commands, first, prefix);
  if (command.subcommands !== undefined) return dispatch(command.subcommands, rest, `${command.name} `);
  try {
    const parsed = parse(command, rest);
    if (parsed.values.has('help')) {
      print((await import('./options.ts')).helpText(command));
      return 0;
    }
    return await (await command.load())(parsed);
  } catch (e) {
    if (e instanceof UsageError) throw new UsageError(`${e.message}\nUsage: kspace ${command.usage}`);
    throw e;
  }
}

// All output has been written by now (write(2), no streams); a paused standard input must not keep the process.
void main(process.argv.slice(2)).then(status => process.exit(status));
