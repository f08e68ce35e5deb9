// `kspace help`, `kspace version`.
import { COMMANDS } from './commands.ts';
import type { Command } from './commands.ts';
import { UsageError, helpText } from './options.ts';
import type { Parsed } from './options.ts';
import { print } from '../host/node/print.ts';
import { closest } from '../lib/suggest.ts';

declare const KSPACE_VERSION: string;

export async function help({ words }: Parsed): Promise<number> {
  print(words.length === 0 ? overview() : describe(find(COMMANDS, words[0]!), words.slice(1)));
  return 0;
}

export async function version(): Promise<number> {
  print(`kspace ${KSPACE_VERSION}\n`);
  return 0;
}

/** The command called `name`; throws UsageError with a suggestion. */
export function find(commands: readonly Command[], name: string, of = ''): Command {
  const found = commands.find(c => c.name === name);
  if (found !== undefined) return found;
  const near = closest(name, commands.map(c => c.name));
  throw new UsageError(`unknown command '${of}${name}'${near === undefined ? '' : `; did you mean '${of}${near}'?`}`);
}

/** Help of a command: its options, or its subcommands, or that of the subcommand named next. */
export function describe(command: Command, words: readonly string[] = []): string {
  const { subcommands } = command;
  if (subcommands === undefined) return helpText(command);
  if (words.length > 0) return helpText(find(subcommands, words[0]!, `${command.name} `));
  return `${helpText(command)}\nCommands:\n${table(subcommands.map(s => [s.usage, s.summary]))}`;
}

export function overview(): string {
  return `Usage: kspace COMMAND …

A kernel that runs Debian's riscv64 programs wherever JavaScript runs.

Commands:
${table(COMMANDS.map(c => [c.name, c.summary]))}
Examples:
  kspace run                                    a shell in the default image
  kspace run -- sh -c 'uname -a'
  kspace image build dev --packages bash,coreutils,python3
  kspace run -v .:/work -w /work dev -- python3 script.py
  kspace strace -f run -- ls /

'kspace COMMAND --help' tells more.
`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
