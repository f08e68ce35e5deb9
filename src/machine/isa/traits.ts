// What a row does, found out by listening to its semantics: no second list of loads, branches or side effects exists.
import { type Ops, type SystemOp, type Width } from './ops.ts';
import { type Instruction, INSTRUCTIONS } from './table.ts';

export interface Traits {
  readonly memory: 'none' | 'load' | 'store' | 'atomic';
  /** LR and loads need read permission only. */
  readonly width: Width | null;
  readonly needs: 'read' | 'write';
  readonly control: 'none' | 'branch' | 'jump' | 'indirect';
  readonly system: SystemOp | null;
  readonly isFloat: boolean;
  readonly usesPc: boolean;
  readonly writesRd: boolean;
  /** Loads to or stores from an f register. */
  readonly usesF: boolean;
  readonly writesFrd: boolean;
  /** Only computes rd. */
  readonly isPure: boolean;
}

export function traitsOf(insn: Instruction): Traits { return traits[insn.index]!; }

const traits: readonly Traits[] = INSTRUCTIONS.map(listen);

function listen(insn: Instruction): Traits {
  const calls = new Map<string, readonly unknown[]>();
  const ear = new Proxy({}, { get: (_target, method) => (...args: unknown[]) => { calls.set(String(method), args); } });
  insn.sem(ear as Ops<undefined, undefined, undefined>);

  const memory = calls.has('load') ? 'load' : calls.has('store') ? 'store' : calls.has('atomic') ? 'atomic' : 'none';
  const control = calls.has('branch') ? 'branch' : calls.has('jump') ? 'jump' : calls.has('jumpTo') ? 'indirect' : 'none';
  const system = calls.get('system')?.[0] as SystemOp | undefined ?? null;
  const isFloat = calls.has('float'), writesRd = calls.has('setRd');
  return {
    memory, control, system, isFloat, writesRd,
    width: memory === 'none' ? null : calls.get(memory)![0] as Width,
    needs: memory === 'store' || memory === 'atomic' && calls.get('atomic')![2] === 'write' ? 'write' : 'read',
    usesPc: calls.has('pc'),
    usesF: calls.has('setFrd') || calls.has('frs2Bits'),
    writesFrd: calls.has('setFrd'),
    isPure: writesRd && memory === 'none' && control === 'none' && system === null && !isFloat,
  };
}
