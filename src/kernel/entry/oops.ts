// A bug of ours: a readable report into the log, and the task that met it dies. The machine goes on.
import { SIGKILL } from '../../abi/signal.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import { ACCESS_READ, CTX_PC } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import { exitGroup } from '../task/exit.ts';
import { panic } from '../panic.ts';
import { TAINT_DIE, taintLetters } from '../taint.ts';
import type { Task } from '../task/task.ts';

const NAMES = ['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 's2', 's3', 's4', 's5', 's6', 's7',
  's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'];

/** Turns instruction bytes into text; the machine's disassembler, put in by the system layer. */
export abstract class Disassembler {
  /** Instruction at `pc` whose bytes start at `bytes[at]`: its text and length. */
  abstract line(bytes: Uint8Array, at: number, pc: number): { text: string; length: number };
}

/** Reports, kills `t`, and if even that fails, forgets it. */
export function oops(k: Kernel, t: Task, bug: unknown): void {
  k.oopses++;
  k.taint |= 1 << TAINT_DIE;
  k.log.add(0, k.now(), report(k, t, bug));
  if (k.panicOnOops !== 0) return panic(k, 'Fatal exception');
  try {
    t.process.groupExit = SIGKILL;
    exitGroup(t, SIGKILL);
  } catch (again) {
    k.log.add(0, k.now(), `kernel BUG while burying task ${t.tid}: ${describe(again)}`);
    t.state = 'X';
    k.detach(t);
    t.process.threads.delete(t);
    k.pids.tasks.delete(t.tid);
    if (t.process.threads.size === 0 && !t.process.isZombie) {
      t.process.exitStatus = SIGKILL;
      k.processExited(t.process);
    }
  }
}

function report(k: Kernel, t: Task, bug: unknown): string {
  const { x } = k.hart;
  const pc = word(x, CTX_PC >> 2);
  const lines = [
    `kernel BUG: Oops #${k.oopses} in ${t.syscallNr >= 0 ? `${syscallName(t.syscallNr)}(2)` : 'trap'}, task ${t.name || '?'}[${t.tid}]`,
    ...(k.taint & ~(1 << TAINT_DIE)) === 0 ? [] : [`tainted: ${taintLetters(k.taint)}`],
    ...describe(bug).split('\n'),
    `pc : ${hex64(x, CTX_PC >> 2)}`,
  ];
  for (let i = 0; i < 32; i += 4) lines.push(NAMES.slice(i, i + 4).map((n, j) => `${n.padStart(4)}: ${hex64(x, 2 * (i + j))}`).join(' '));
  lines.push(...code(k, pc), 'last system calls:');
  for (const e of k.trace.recent().slice(-16)) lines.push(`  [${e.tid}] ${syscallName(e.nr)} = ${e.result}`);
  return lines.join('\n');
}

function code(k: Kernel, pc: number): string[] {
  const paddr = k.hart.mmu.translate(pc, ACCESS_READ);
  if (paddr < 0 || k.disassembler === null) return ['code: not readable'];
  const { u8 } = k.machine.ram;
  const out: string[] = [];
  for (let at = paddr, i = 0; i < 6 && (at & 0xfff) < 0xffc; i++) {
    const { text, length } = k.disassembler.line(u8, at, pc + at - paddr);
    out.push(`${i === 0 ? '=>' : '  '} ${hex(pc + at - paddr)}: ${text}`);
    at += length;
  }
  return out;
}

const word = (x: Int32Array, i: number): number => (x[i + 1]! >>> 0) * 2 ** 32 + (x[i]! >>> 0);
const hex = (n: number): string => n.toString(16).padStart(16, '0');
/** All 64 bits: as one number those above 2^53 would be rounded. */
const hex64 = (x: Int32Array, i: number): string => (x[i + 1]! >>> 0).toString(16).padStart(8, '0') + (x[i]! >>> 0).toString(16).padStart(8, '0');
const describe = (e: unknown): string => (e instanceof Error ? e.stack ?? e.message : String(e));
