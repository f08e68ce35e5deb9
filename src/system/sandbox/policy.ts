// `--policy FILE.ts`: a policy in TypeScript sees system calls decoded by the table and allows, denies with an errno, logs, or asks the host. Calls
// it did not name cost one load. An answer that takes time parks the call, as any other wait of a task.
import * as errnos from '../../abi/errno.ts';
import { numberOf, syscallName } from '../../abi/syscall-numbers.ts';
import { UserError } from '../../host/user-error.ts';
import { decode } from '../../kernel/entry/dispatch.ts';
import { CallPolicy, type PolicyVerdict } from '../../kernel/security/policy.ts';
import { formatArg } from '../../kernel/strace/format.ts';
import { syscalls } from '../../kernel/syscall/table.ts';
import type { Task } from '../../kernel/task/task.ts';

/** A call as a policy sees it. */
export interface PolicyCall {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly uid: number;
  /** Name of the program. */
  readonly comm: string;
  /** By the names of the man page: strings and paths as text, everything else as a number. */
  readonly args: Readonly<Record<string, number | string>>;
  /** The whole call as strace shows it. */
  readonly text: string;
}

/** 'log' allows and writes an audit record; `deny` is an errno's name. */
export type PolicyDecision = 'allow' | 'log' | { readonly deny: string };

/** What the policy's file exports as default. */
export interface Policy {
  /** The calls it wants to see; all without. */
  readonly calls?: readonly string[];
  /** A promise makes the call wait for the answer. */
  decide(call: PolicyCall): PolicyDecision | Promise<PolicyDecision>;
}

const A0_WORD = 20;

export class HostPolicy extends CallPolicy {
  readonly #policy: Policy;
  readonly #wanted: Uint8Array;
  /** Wakes the machine up after an answer. */
  readonly #kick: () => void;
  /** Questions that the host thinks about, and answers that were not fetched yet. */
  readonly #open = new Map<Task, { verdict: PolicyVerdict }>();

  constructor(policy: Policy, kick: () => void) {
    super();
    this.#policy = policy;
    this.#kick = kick;
    this.#wanted = new Uint8Array(syscalls.length).fill(policy.calls === undefined ? 1 : 0);
    for (const name of policy.calls ?? []) {
      const nr = numberOf(name);
      if (nr === undefined) throw new UserError(`policy: there is no system call ${name}`);
      this.#wanted[nr] = 1;
    }
  }

  override sees(nr: number): boolean { return nr < 0 || nr >= this.#wanted.length ? this.#policy.calls === undefined : this.#wanted[nr] !== 0; }

  override judge(t: Task, nr: number): PolicyVerdict {
    const open = this.#open.get(t);
    if (open !== undefined) {
      if (open.verdict !== 'wait') this.#open.delete(t);
      return open.verdict;
    }
    const call = describe(t, nr);
    const decision = this.#policy.decide(call);
    if (!(decision instanceof Promise)) return this.#settle(t, call, decision);
    const question: { verdict: PolicyVerdict } = { verdict: 'wait' };
    this.#open.set(t, question);
    decision.then(d => this.#settle(t, call, d), () => this.#settle(t, call, { deny: 'EPERM' })).then(verdict => {
      question.verdict = verdict;
      this.answers.wake();
      this.#kick();
    });
    return 'wait';
  }

  override forget(t: Task): void { this.#open.delete(t); }

  #settle(t: Task, call: PolicyCall, decision: PolicyDecision): PolicyVerdict {
    if (decision === 'allow') return 'allow';
    const denied = typeof decision === 'object' ? (errnos as Readonly<Record<string, unknown>>)[decision.deny] : undefined;
    if (decision !== 'log' && typeof denied !== 'number') throw new UserError(`policy: '${JSON.stringify(decision)}' is no decision`);
    const { pid, uid, comm, name, text } = call;
    t.kernel.security.audit?.record({ event: 'policy', pid, uid, comm, name, call: text, decision: typeof decision === 'object' ? decision.deny : 'log' });
    return decision === 'log' ? 'allow' : denied as errnos.Errno;
  }
}

function describe(t: Task, nr: number): PolicyCall {
  const row = syscalls[nr];
  const { x } = t.kernel.hart;
  const name = row?.name ?? syscallName(nr);
  const values = (row?.args ?? []).map((a, i) => decode(x, A0_WORD + 2 * i, a.as));
  const args: Record<string, number | string> = Object.create(null) as Record<string, number | string>;
  const texts = (row?.args ?? []).map((a, i) => {
    const v = values[i]!;
    const said = a.kind === 'path' || a.kind === 'string' ? t.user.string(v, 4096) : v;
    args[a.name] = said;
    return formatArg(t, a, v, values, -1);
  });
  return { name, pid: t.process.pid, tid: t.tid, uid: t.cred.uid, comm: t.name, args, text: `${name}(${texts.join(', ')})` };
}
