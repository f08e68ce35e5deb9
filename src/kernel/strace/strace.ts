// strace: one line per system call, as strace(1) prints them, derived from the rows of the system call table. Calls that another task's line
// interrupts are shown in two halves (<unfinished ...>, <... resumed>).
import { syscallName, SYSCALL_NUMBERS } from '../../abi/syscall-numbers.ts';
import { decode } from '../entry/dispatch.ts';
import { SIGKILL } from '../../abi/signal.ts';
import { Tracer } from '../trace/hub.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Arg, Syscall } from '../syscall/define.ts';
import { syscalls } from '../syscall/table.ts';
import type { Task } from '../task/task.ts';
import { classOf } from './classes.ts';
import { formatArg, formatResult, isOutput, signalName } from './format.ts';
import { cloneArguments, execLine, siginfo, SPECIAL } from './special.ts';
import { Summary } from './summary.ts';

export interface StraceOptions {
  /** -f: children too. */
  followForks: boolean;
  /** -e, in order. */
  filters: readonly string[];
  /** -c: a table at the end instead of lines. */
  mode: 'lines' | 'summary';
  /** -T */
  times: boolean;
}

/** Where lines go; the host's side buffers. */
export abstract class LineSink { abstract line(text: string): void }

/** Six arguments in a0..a5. */
const A0_WORD = 20;

interface Pending { nr: number; values: number[]; text: string; done: number; startNs: number; shown: 'not yet' | 'unfinished' }

export class Strace extends Tracer {
  readonly options: StraceOptions;
  readonly sink: LineSink;
  readonly summary = new Summary();
  private readonly wanted: (boolean | undefined)[] = [];
  private readonly pending = new Map<Task, Pending>();
  private readonly followed = new Set<Task>();
  /** Whose line is open at the end of the output. */
  private open: Task | null = null;
  private many = false;

  constructor(options: StraceOptions, sink: LineSink) {
    super();
    this.options = options;
    this.sink = sink;
  }

  /** The first traced process; its threads and, with -f, its children follow. */
  follow(t: Task): void {
    this.followed.add(t);
    if (this.options.mode === 'lines' && this.isWanted(SYSCALL_NUMBERS.execve)) this.line(t, execLine(t));
  }

  /** Also called for each repetition of a parked call: its line is open already. */
  enter(t: Task, nr: number): void {
    if (!this.followed.has(t) || !this.isWanted(nr) || this.pending.has(t)) return;
    const call = syscalls[nr];
    const { x } = t.kernel.hart;
    const args = call?.args ?? UNKNOWN;
    const values = args.map((a, i) => decode(x, A0_WORD + 2 * i, a.as));
    const p: Pending = { nr, values, text: `${syscallName(nr)}(`, done: 0, startNs: t.kernel.now(), shown: 'not yet' };
    if (call?.name === 'clone') {
      p.text += cloneArguments(values);
      p.done = args.length;
    }
    while (p.done < args.length && !isLate(call, args, p.done)) this.append(t, p, args, 0);
    if (p.done > 0 && p.done < args.length) p.text += ', ';
    this.pending.set(t, p);
    if (this.options.mode === 'summary') return;
    if (this.open !== null && this.open !== t) this.suspend(this.open);
    this.open = t;
  }

  leave(t: Task, nr: number, result: number): void {
    const p = this.pending.get(t);
    if (p === undefined) return;
    this.pending.delete(t);
    const elapsed = t.kernel.now() - p.startNs;
    this.summary.add(nr, elapsed, result < 0);
    if (this.options.mode === 'summary') return;
    const call: Syscall | undefined = syscalls[nr];
    const args = call?.args ?? UNKNOWN;
    const head = p.shown === 'unfinished' ? `<... ${syscallName(nr)} resumed>` : '';
    if (p.shown === 'unfinished') p.text = '';
    while (p.done < args.length) this.append(t, p, args, result);
    if (this.open !== null && this.open !== t) this.suspend(this.open);
    this.open = null;
    const text = `${head}${p.text})`;
    const time = this.options.times ? ` <${(elapsed / 1e9).toFixed(6)}>` : '';
    this.line(t, `${text.padEnd(39)} = ${formatResult(result, args)}${time}`);
  }

  clone(parent: Task, child: Task): void {
    const sameProcess = parent.process === child.process;
    if (!this.followed.has(parent) || (!this.options.followForks && !sameProcess)) return;
    this.followed.add(child);
    this.many = true;
  }

  exit(t: Task): void {
    if (!this.followed.delete(t)) return;
    const p = this.pending.get(t);
    this.pending.delete(t);
    if (this.options.mode === 'summary') return;
    if (p !== undefined) {
      if (this.open === t) this.open = null;
      const head = p.shown === 'unfinished' ? `<... ${syscallName(p.nr)} resumed>)` : `${p.text})`;
      this.line(t, `${head.padEnd(39)} = ?`);
    }
    const status = t.process.groupExit >= 0 ? t.process.groupExit : t.exitCode;
    const sig = status & 0x7f;
    this.line(t, sig === 0 ? `+++ exited with ${(status >> 8) & 0xff} +++` : `+++ killed by ${signalName(sig)}${status & 0x80 ? ' (core dumped)' : ''} +++`);
  }

  signal(t: Task, info: SigInfo): void {
    if (!this.followed.has(t) || this.options.mode === 'summary' || info.signo === SIGKILL) return;
    if (this.open !== null) this.suspend(this.open);
    this.line(t, `--- ${signalName(info.signo)} ${siginfo(info)} ---`);
  }

  private append(t: Task, p: Pending, args: readonly Arg[], result: number): void {
    const i = p.done++;
    const special = SPECIAL[syscallName(p.nr)]?.[i];
    if (special?.unless?.(p.values) === true) return;
    const show = special?.show;
    const text = show === undefined ? formatArg(t, args[i]!, p.values[i]!, p.values, result) : show(t, p.values[i]!, p.values, result);
    p.text += `${i > 0 && !p.text.endsWith(', ') && p.text !== '' ? ', ' : ''}${text}`;
  }

  private suspend(t: Task): void {
    const p = this.pending.get(t);
    this.open = null;
    if (p === undefined || p.shown === 'unfinished') return;
    p.shown = 'unfinished';
    this.line(t, `${p.text} <unfinished ...>`);
  }

  private line(t: Task, text: string): void { this.sink.line(this.many ? `[pid ${String(t.tid).padStart(5)}] ${text}` : text); }

  private isWanted(nr: number): boolean { return (this.wanted[nr] ??= matches(syscallName(nr), this.options.filters)); }
}

/** Shown after the call only. */
function isLate(call: Syscall | undefined, args: readonly Arg[], i: number): boolean {
  const special = call === undefined ? undefined : SPECIAL[call.name]?.[i];
  return special === undefined ? isOutput(args[i]!) : special.when === 'after';
}

const UNKNOWN: readonly Arg[] = [0, 1, 2, 3, 4, 5].map(i => ({ name: `arg${i}`, as: 4, kind: 'hex' }));

/** -e trace=open,%file and -e '!futex': the last matching word decides; without a positive word all calls are in. */
function matches(name: string, filters: readonly string[]): boolean {
  const words = filters.flatMap(f => f.replace(/^trace=/, '').split(',').map((w, i) => (i > 0 && /^(trace=)?!/.test(f) ? `!${w.replace(/^!/, '')}` : w)));
  let wanted = words.every(w => w.startsWith('!'));
  for (const w of words) {
    const positive = !w.startsWith('!');
    const word = positive ? w : w.slice(1);
    if (word === 'all' || word === name || (word.startsWith('%') && classOf(word.slice(1), name)) || (word === 'none' && !positive)) wanted = positive;
    if (word === 'none' && positive) wanted = false;
  }
  return wanted;
}
