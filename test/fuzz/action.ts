// What a task does next, as data: kept while fuzzing, written to a file when something was found, read back to do it again.
import { syscallName, SYSCALL_NUMBERS } from '../../src/abi/syscall-numbers.ts';
import { TOUCHES, type Touch } from './program.ts';

/** Bytes put into the caller's memory before the call. */
export interface Store { readonly at: number; readonly bytes: Uint8Array }

/** One call (or touch) of one task; tasks are numbered in the order in which they are first seen. */
export interface Action {
  readonly task: number;
  readonly what: number | Touch;
  /** a0..a5 as words, low half first. */
  readonly args: Int32Array;
  readonly stores: readonly Store[];
}

/** One world from its making to its end. */
export interface Round {
  readonly as: 'user' | 'root';
  readonly seed: number;
  readonly actions: readonly Action[];
}

/** The machine that rounds run on. `freeFrames`: what is left of its memory; absent: all. */
export interface MachineOptions { readonly seed: number; readonly freeFrames?: number }

/** A finding: what goes wrong, and the rounds (on one machine) that show it. */
export interface Case { readonly finding: string; readonly machine: MachineOptions; readonly rounds: readonly Round[] }

export function render(c: Case): string {
  const lines = c.rounds.map(r => `{"as":"${r.as}","seed":${r.seed},"actions":[\n${r.actions.map(line).join(',\n')}\n]}`);
  return `{"finding":${JSON.stringify(c.finding)},"machine":${JSON.stringify(c.machine)},"rounds":[${lines.join(',\n')}]}\n`;
}

export function parse(text: string): Case {
  const { finding, machine, rounds } = JSON.parse(text) as { finding: string; machine: MachineOptions; rounds: { as: Round['as']; seed: number; actions: Line[] }[] };
  return { finding, machine, rounds: rounds.map(r => ({ as: r.as, seed: r.seed, actions: r.actions.map(fromLine) })) };
}

type Line = [task: number, what: string, args: string[], stores?: [string, string][]];

export function line(a: Action): string {
  const words = Array.from({ length: 6 }, (_, i) => hex((BigInt.asUintN(32, BigInt(a.args[2 * i + 1]!)) << 32n) | BigInt.asUintN(32, BigInt(a.args[2 * i]!))));
  const what = typeof a.what === 'number' ? syscallName(a.what) : `@${a.what}`;
  const out: Line = [a.task, what, words];
  if (a.stores.length > 0) out.push(a.stores.map((s): [string, string] => [hex(BigInt(s.at)), Buffer.from(s.bytes).toString('hex')]));
  return JSON.stringify(out);
}

function fromLine([task, what, words, stores = []]: Line): Action {
  const args = new Int32Array(12);
  words.forEach((w, i) => {
    args[2 * i] = Number(BigInt.asIntN(32, BigInt(w)));
    args[2 * i + 1] = Number(BigInt.asIntN(32, BigInt(w) >> 32n));
  });
  return { task, what: meaning(what), args, stores: stores.map(([at, bytes]) => ({ at: Number(at), bytes: Uint8Array.from(Buffer.from(bytes, 'hex')) })) };
}

function meaning(what: string): number | Touch {
  const touch = TOUCHES.find(t => `@${t}` === what);
  if (touch !== undefined) return touch;
  return (SYSCALL_NUMBERS as Readonly<Record<string, number>>)[what] ?? Number(/\d+$|0x[0-9a-f]+$/.exec(what)?.[0] ?? -1);
}

const hex = (n: bigint): string => `0x${n.toString(16)}`;

/** A number as two words, as a register has it. Infinity: the largest signed one. */
export function setWords(args: Int32Array, i: number, n: number): void {
  args[2 * i] = n === Infinity ? -1 : n;
  args[2 * i + 1] = n === Infinity ? 0x7fff_ffff : Math.floor(n / 2 ** 32);
}
