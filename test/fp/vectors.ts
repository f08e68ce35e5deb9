// The text format of test/data/fp/vectors.txt: "= op" heads a group; a line is the operands, then for each rounding mode 0 to 4 "result/flags" or "." (as
// the mode before). Registers in hex; "~" stands for the ffffffff of a NaN box. Operands that the op does not have are left out.
import type { FpResult } from '../../src/machine/isa/reference-fp.ts';

export interface Vector { readonly op: string; readonly a: bigint; readonly b: bigint; readonly c: bigint; readonly results: readonly FpResult[] }

const BOX = 0xffffffffn;

/** How many operands an op has. */
export function arityOf(op: string): number {
  return /^fn?m(add|sub)/.test(op) ? 3 : /^f(add|sub|mul|div|sgnj|min|max|eq|lt|le)/.test(op) ? 2 : 1;
}

/** True for ops whose destination is an x register. */
export function writesX(op: string): boolean {
  return /^(feq|flt|fle|fclass|fmv\.x|fcvt\.(w|wu|l|lu)\.)/.test(op);
}

/** A line as test/fp/vectors.c prints it: "op a b c r0 f0 ... r4 f4". */
export function parseRecorded(line: string): Vector {
  const [op, ...words] = line.split(' ');
  const [a, b, c, ...rest] = words.map(w => BigInt('0x' + w)) as [bigint, bigint, bigint, ...bigint[]];
  return { op: op!, a, b, c, results: [0, 1, 2, 3, 4].map(rm => ({ result: rest[2 * rm]!, flags: Number(rest[2 * rm + 1]) })) };
}

export function format(vectors: Iterable<Vector>): string {
  const lines: string[] = [];
  let group = '';
  for (const v of vectors) {
    if (v.op !== group) lines.push(`= ${group = v.op}`);
    const results = v.results.map(r => `${show(r.result)}/${r.flags}`);
    lines.push([...[v.a, v.b, v.c].slice(0, arityOf(v.op)).map(show), ...results.map((r, i) => (r === results[i - 1] ? '.' : r))].join(' '));
  }
  return lines.join('\n') + '\n';
}

export function* parse(text: string): Generator<Vector> {
  let op = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('= ')) op = line.slice(2);
    else if (line !== '' && !line.startsWith('#')) yield parseLine(op, line.split(' '));
  }
}

function parseLine(op: string, words: string[]): Vector {
  const arity = arityOf(op), operands = words.slice(0, arity).map(read);
  const results: FpResult[] = [];
  for (const word of words.slice(arity)) {
    const [result, flags] = word.split('/');
    results.push(word === '.' ? results.at(-1)! : { result: read(result!), flags: Number(flags) });
  }
  return { op, a: operands[0]!, b: operands[1] ?? 0n, c: operands[2] ?? 0n, results };
}

const show = (v: bigint) => (v >> 32n === BOX ? '~' + (v & BOX).toString(16) : v.toString(16));
const read = (word: string) => (word.startsWith('~') ? BOX << 32n | BigInt('0x' + word.slice(1)) : BigInt('0x' + word));
