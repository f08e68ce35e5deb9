// `kspace jit dump`: run or exec with the translator on, and afterwards what it made, as text or as a table.
import { closeSync, openSync } from 'node:fs';
import { writeText } from '../host/node/stdio.ts';
import { namesImage } from '../system/node/root.ts';
import type { TranslationRequest } from '../system/contract.ts';
import type { RegionReport } from '../system/translation/report.ts';
import { COMMANDS } from './commands.ts';
import { find } from './help.ts';
import { UsageError, parse } from './options.ts';
import type { Parsed } from './options.ts';
import type { Watch } from './session.ts';

/** `kspace jit` alone says how it is used. */
export async function jit(): Promise<number> { throw new UsageError('jit needs a word: dump'); }

export async function dump({ values, lists, words }: Parsed): Promise<number> {
  if (words.length === 0) throw new UsageError('jit dump needs a command: run …, exec …, an image or a program');
  const wanted = filter(lists.get('symbol') ?? [], (lists.get('address') ?? []).map(address));
  const [name, rest] = commandOf(words), parsed = parse(find(COMMANDS, name), rest);
  const file = values.get('output'), fd = file === undefined ? 2 : openSync(file, 'w');
  const translation: TranslationRequest = {
    counts: values.has('stats'), microseconds: () => performance.now() * 1000,
    done: regions => writeText(fd, values.has('stats') ? table(regions.filter(wanted)) : texts(regions.filter(wanted))),
  };
  const watch: Watch = { translation, translator: values.has('eager') ? 'eager' : 'on' };
  try {
    return name === 'run' ? await (await import('./run.ts')).run(parsed, watch) : await (await import('./exec.ts')).exec(parsed, watch);
  } finally {
    if (fd !== 2) closeSync(fd);
  }
}

/** Which command the words are one of, and its own words. */
function commandOf(words: readonly string[]): ['run' | 'exec', readonly string[]] {
  const [first, ...rest] = words;
  if (first === 'run' || first === 'exec') return [first, rest];
  return [namesImage(first!) ? 'run' : 'exec', rest[0] === '--' && !namesImage(first!) ? [first!, ...rest.slice(1)] : words];
}

function address(text: string): number {
  if (!/^(0x)?[0-9a-f]{1,13}$/i.test(text)) throw new UsageError(`'${text}' is no address: hexadecimal, as in the text`);
  return parseInt(text, 16);
}

function filter(symbols: readonly string[], addresses: readonly number[]): (r: RegionReport) => boolean {
  return r => (symbols.length === 0 || symbols.includes(r.symbol)) && (addresses.length === 0 || addresses.some(a => r.covers(a)));
}

function texts(regions: readonly RegionReport[]): string {
  return regions.map(r => `;; ${where(r)}: ${r.instructions} instructions in ${r.blocks} blocks, ${r.wasmBytes} bytes\n${r.text()}\n\n`).join('') || ';; nothing was translated\n';
}

/** The costliest first. */
function table(regions: readonly RegionReport[]): string {
  const sum = (of: (r: RegionReport) => number): number => regions.reduce((n, r) => n + of(r), 0);
  const row = (...cells: readonly (string | number)[]): string => cells.map((c, i) => i === cells.length - 1 ? c : String(c).padStart(9)).join(' ');
  const [insns, bytes, generator, engine] = [sum(r => r.instructions), sum(r => r.wasmBytes), sum(r => r.generator), sum(r => r.engine)];
  return [
    row('insns', 'blocks', 'bytes', 'generator', 'engine', 'entries', 'region (times in microseconds): how it was left'),
    ...regions.toSorted((a, b) => b.instructions - a.instructions).map(r => row(r.instructions, r.blocks, r.wasmBytes, r.generator.toFixed(0), r.engine.toFixed(0), r.entries, [where(r), ...r.exits.map(e => `${e.why} ${e.count}`)].join(' '))),
    row(insns, sum(r => r.blocks), bytes, generator.toFixed(0), engine.toFixed(0), sum(r => r.entries), `${regions.length} regions; for an instruction: ${per(bytes, insns)} bytes, ${per(generator, insns)} + ${per(engine, insns)} us`), '',
  ].join('\n');
}

const per = (what: number, insns: number): string => insns === 0 ? '0' : (what / insns).toFixed(1);

function where(r: RegionReport): string {
  return `${r.address < 0 ? '(unmapped)' : r.address.toString(16)}${r.symbol === '' ? '' : ` ${r.symbol}`}${r.file === '' ? '' : ` (${r.file})`}`;
}
