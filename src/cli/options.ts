// The command line as data: a command has a table of options, and parsing, --help and the suggestions for typos are made from it.
// Conventions of getopt_long(3): clusters (-it), -eVALUE and -e VALUE, --name=VALUE and --name VALUE, `--` ends the options.
import { closest } from '../lib/suggest.ts';

/** One option. Without `value` it is a switch; `repeat` collects every occurrence. */
export interface OptionSpec {
  readonly long: string;
  readonly short?: string;
  /** Placeholder of its value in the help: FILE, K=V … */
  readonly value?: string;
  /** The value may be left out; it is given as --name=VALUE only. */
  readonly optional?: true;
  readonly repeat?: true;
  readonly help: string;
}

/** How one command is called. */
export interface CommandSpec {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** Longer explanation shown by --help. */
  readonly notes?: string;
  readonly options: readonly OptionSpec[];
  /** Options end at the first other word (run, exec: what follows belongs to the guest), or may stand anywhere. */
  readonly order: 'first-word-ends' | 'any';
}

/** What was on the command line. */
export interface Parsed {
  /** Switches are 'yes'; valued options hold their (last) value, '' if it was left out. */
  readonly values: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
  /** How many of `words` stood before `--`; undefined when there was none. */
  readonly dashes: number | undefined;
}

/** A mistake on the command line: printed with a hint, status 2. */
export class UsageError extends Error {}

const HELP: OptionSpec = { long: 'help', short: 'h', help: 'show this help' };

/** Every option a command understands, --help last. */
export function allOptions(spec: CommandSpec): readonly OptionSpec[] {
  return spec.options.some(o => o.short === 'h') ? [...spec.options, { long: 'help', help: HELP.help }] : [...spec.options, HELP];
}

/** Sorts `args` by the table of `spec`. Throws UsageError. */
export function parse(spec: CommandSpec, args: readonly string[]): Parsed {
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const words: string[] = [];
  const options = allOptions(spec);
  const set = (o: OptionSpec, value: string) => {
    values.set(o.long, value);
    if (o.repeat) lists.set(o.long, [...lists.get(o.long) ?? [], value]);
  };
  let dashes: number | undefined;
  let i = 0;
  const next = (name: string): string => {
    if (++i >= args.length) throw new UsageError(`${name} needs a value`);
    return args[i]!;
  };
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      dashes = words.length;
      words.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) long(options, arg, set, next);
    else if (arg.startsWith('-') && arg !== '-') shorts(options, arg, set, next);
    else if (spec.order === 'any') words.push(arg);
    else {
      // The guest's words begin here; a `--` right after the first one (an image) is still ours.
      words.push(...args.slice(i));
      if (args[i + 1] === '--') { words.splice(1, 1); dashes = 1; }
      break;
    }
  }
  return { values, lists, words, dashes };
}

/** The text of `kspace COMMAND --help`. */
export function helpText(spec: CommandSpec): string {
  const rows = allOptions(spec).map(o => {
    const value = o.value === undefined ? '' : o.optional ? `[=${o.value}]` : ` ${o.value}`;
    return [`${o.short === undefined ? '   ' : `-${o.short},`} --${o.long}${value}`, o.help + (o.repeat ? ' (may be repeated)' : '')] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `Usage: kspace ${spec.usage}`, '', capital(spec.summary) + '.', ...(spec.notes === undefined ? [] : ['', spec.notes]),
    '', 'Options:', ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`), '',
  ].join('\n');
}

function long(options: readonly OptionSpec[], arg: string, set: (o: OptionSpec, v: string) => void, next: (name: string) => string): void {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  const option = options.find(o => o.long === name);
  if (option === undefined) {
    const near = closest(name, options.map(o => o.long));
    throw new UsageError(`unknown option --${name}${near === undefined ? '' : `; did you mean --${near}?`}`);
  }
  if (option.value === undefined) {
    if (equals >= 0) throw new UsageError(`--${name} takes no value`);
    set(option, 'yes');
  } else if (option.optional && equals < 0) {
    set(option, '');
  } else {
    set(option, equals >= 0 ? arg.slice(equals + 1) : next(`--${name}`));
  }
}

function shorts(options: readonly OptionSpec[], arg: string, set: (o: OptionSpec, v: string) => void, next: (name: string) => string): void {
  for (let at = 1; at < arg.length; at++) {
    const option = options.find(o => o.short === arg[at]);
    if (option === undefined) throw new UsageError(`unknown option -${arg[at]}${arg.length > 2 ? ` in ${arg}` : ''}`);
    if (option.value === undefined) { set(option, 'yes'); continue; }
    const rest = arg.slice(at + 1).replace(/^=/, '');
    set(option, arg.length > at + 1 ? rest : next(`-${arg[at]}`));
    return;
  }
}

const capital = (s: string) => s[0]!.toUpperCase() + s.slice(1);
