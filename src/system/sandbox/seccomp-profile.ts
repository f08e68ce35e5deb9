// Seccomp profiles as container users have them (the JSON of Docker and the OCI runtime specification), turned into a filter for riscv64: one test
// of the architecture, then a chain over call numbers; arguments are compared in halves. Which rules count depends on the capabilities granted.
import { numberOf } from '../../abi/syscall-numbers.ts';
import * as bpf from '../../abi/filter.ts';
import * as abi from '../../abi/seccomp.ts';
import { UserError } from '../../host/user-error.ts';
import { compile } from '../../kernel/security/bpf.ts';
import { isErr } from '../../abi/errno.ts';

export interface ProfileArg { readonly index: number; readonly value: number; readonly valueTwo?: number; readonly op: string }
export interface ProfileScope { readonly caps?: readonly string[]; readonly arches?: readonly string[]; readonly minKernel?: string }
export interface ProfileRule {
  readonly names?: readonly string[];
  readonly name?: string;
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly ProfileArg[] | null;
  readonly includes?: ProfileScope;
  readonly excludes?: ProfileScope;
}
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly syscalls?: readonly ProfileRule[] | null;
}

const EPERM = 1;
const ARCH = 'riscv64';
/** Offsets in struct seccomp_data. */
const NR = 0, ARCH_OFFSET = 4, ARGS = 16;
const FAIL = -1, OK = -2;
/** A symbolic instruction of an argument test: jump targets are FAIL (this rule does not match) or OK (this comparison holds). */
interface Test { readonly code: number; readonly k: number; readonly yes?: number; readonly no?: number }

/** The compiled filter. Throws UserError for a profile that cannot be honoured. `caps`: names granted, as 'CAP_CHOWN'. */
export function compileProfile(profile: SeccompProfile, caps: ReadonlySet<string>, kernelVersion: string): Int32Array {
  const insns: number[][] = [];
  const emit = (code: number, k: number, jt = 0, jf = 0): void => { insns.push([code, jt, jf, k >>> 0]); };
  const ret = (action: number): void => emit(bpf.BPF_RET | bpf.BPF_K, action);
  const fallback = actionOf(profile.defaultAction, profile.defaultErrnoRet);
  emit(LOAD, ARCH_OFFSET);
  emit(JEQ, abi.AUDIT_ARCH_RISCV64, 1, 0);
  ret(abi.SECCOMP_RET_KILL_PROCESS);
  emit(LOAD, NR);
  for (const [nr, rules] of rulesByCall(profile, caps, kernelVersion)) {
    const body: number[][] = [];
    for (const rule of rules) body.push(...ruleCode(rule, actionOf(rule.action, rule.errnoRet)));
    const last = rules.at(-1)!;
    if ((last.args ?? []).length > 0) body.push([bpf.BPF_RET | bpf.BPF_K, 0, 0, fallback >>> 0]);
    emit(JEQ, nr, 1, 0);
    emit(bpf.BPF_JMP | bpf.BPF_JA, body.length);
    insns.push(...body);
  }
  ret(fallback);
  return assemble(insns);
}

const LOAD = bpf.BPF_LD | bpf.BPF_W | bpf.BPF_ABS;
const JEQ = bpf.BPF_JMP | bpf.BPF_JEQ | bpf.BPF_K, JGT = bpf.BPF_JMP | bpf.BPF_JGT | bpf.BPF_K, JGE = bpf.BPF_JMP | bpf.BPF_JGE | bpf.BPF_K;
const AND = bpf.BPF_ALU | bpf.BPF_AND | bpf.BPF_K;

/** The rules that count here, by call number, in the order of the profile; one without arguments ends the list of its call. */
function rulesByCall(profile: SeccompProfile, caps: ReadonlySet<string>, kernelVersion: string): Map<number, ProfileRule[]> {
  const out = new Map<number, ProfileRule[]>();
  for (const rule of profile.syscalls ?? []) {
    if (!applies(rule, caps, kernelVersion)) continue;
    for (const name of rule.names ?? (rule.name === undefined ? [] : [rule.name])) {
      const nr = numberOf(name);
      if (nr === undefined) continue;       // a call of other architectures
      const rules = out.get(nr) ?? [];
      out.set(nr, rules);
      if (rules.length === 0 || (rules.at(-1)!.args ?? []).length > 0) rules.push(rule);
    }
  }
  return out;
}

function applies({ includes = {}, excludes = {} }: ProfileRule, caps: ReadonlySet<string>, kernelVersion: string): boolean {
  if ((includes.caps ?? []).some(c => !caps.has(c)) || (excludes.caps ?? []).some(c => caps.has(c))) return false;
  if (includes.arches !== undefined && includes.arches.length > 0 && !includes.arches.includes(ARCH)) return false;
  if ((excludes.arches ?? []).includes(ARCH)) return false;
  if (includes.minKernel !== undefined && isOlder(kernelVersion, includes.minKernel)) return false;
  return excludes.minKernel === undefined || isOlder(kernelVersion, excludes.minKernel);
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map(v => v.split('.').map(n => Number.parseInt(n, 10)));
  return a![0]! !== b![0]! ? a![0]! < b![0]! : (a![1] ?? 0) < (b![1] ?? 0);
}

function actionOf(action: string, errno = EPERM): number {
  switch (action) {
    case 'SCMP_ACT_ALLOW': return abi.SECCOMP_RET_ALLOW;
    case 'SCMP_ACT_LOG': return abi.SECCOMP_RET_LOG;
    case 'SCMP_ACT_ERRNO': return abi.SECCOMP_RET_ERRNO | (errno & abi.SECCOMP_RET_DATA);
    case 'SCMP_ACT_TRAP': return abi.SECCOMP_RET_TRAP;
    case 'SCMP_ACT_TRACE': return abi.SECCOMP_RET_TRACE | (errno & abi.SECCOMP_RET_DATA);
    case 'SCMP_ACT_KILL': case 'SCMP_ACT_KILL_THREAD': return abi.SECCOMP_RET_KILL_THREAD;
    case 'SCMP_ACT_KILL_PROCESS': return abi.SECCOMP_RET_KILL_PROCESS;
    default: throw new UserError(`seccomp profile: the action ${action} is not known here`);
  }
}

/** All comparisons of a rule, then its action; a comparison that fails leads behind it. The call number is loaded again for nobody: calls end here. */
function ruleCode(rule: ProfileRule, action: number): number[][] {
  const tests = (rule.args ?? []).flatMap(compare);
  const end = tests.length + 1;
  const out = tests.map((t, i) => {
    const to = (target: number | undefined): number => {
      if (target === undefined) return 0;
      if (target === FAIL) return end - i - 1;
      return target === OK ? endOfComparison(tests, i) - i - 1 : target;
    };
    return [t.code, to(t.yes), to(t.no), t.k >>> 0];
  });
  return [...out, [bpf.BPF_RET | bpf.BPF_K, 0, 0, action >>> 0]];
}

/** Where the comparison that holds `i` ends: at the next one's load of a high half, which is marked by `yes: undefined` and code LOAD of offset ≡ 4. */
function endOfComparison(tests: readonly Test[], i: number): number {
  for (let at = i + 1; at < tests.length; at++) if (tests[at]!.code === LOAD && (tests[at]!.k & 7) === 4) return at;
  return tests.length;
}

/** One 64-bit comparison, unsigned, high half first. */
function compare({ index, value, valueTwo = 0, op }: ProfileArg): Test[] {
  if (!(index >= 0 && index < 6)) throw new UserError(`seccomp profile: there is no argument ${index}`);
  const [lo, hi] = [value % 2 ** 32, Math.floor(value / 2 ** 32)];
  const loadHi = { code: LOAD, k: ARGS + 8 * index + 4 }, loadLo = { code: LOAD, k: ARGS + 8 * index };
  const ordered = (strict: number, loose: number, negate: boolean): Test[] => {
    const [yes, no] = negate ? [FAIL, OK] : [OK, FAIL];
    return [loadHi, { code: strict, k: hi, yes, no: 0 }, { code: JEQ, k: hi, yes: 0, no }, loadLo, { code: loose, k: lo, yes, no }];
  };
  switch (op) {
    case 'SCMP_CMP_EQ': return [loadHi, { code: JEQ, k: hi, yes: 0, no: FAIL }, loadLo, { code: JEQ, k: lo, yes: OK, no: FAIL }];
    case 'SCMP_CMP_NE': return [loadHi, { code: JEQ, k: hi, yes: 0, no: OK }, loadLo, { code: JEQ, k: lo, yes: FAIL, no: OK }];
    case 'SCMP_CMP_GT': return ordered(JGT, JGT, false);
    case 'SCMP_CMP_GE': return ordered(JGT, JGE, false);
    case 'SCMP_CMP_LT': return ordered(JGT, JGE, true);
    case 'SCMP_CMP_LE': return ordered(JGT, JGT, true);
    case 'SCMP_CMP_MASKED_EQ': {
      const [want, wantHi] = [valueTwo % 2 ** 32, Math.floor(valueTwo / 2 ** 32)];
      return [
        loadHi, { code: AND, k: hi }, { code: JEQ, k: wantHi, yes: 0, no: FAIL }, loadLo, { code: AND, k: lo }, { code: JEQ, k: want, yes: OK, no: FAIL },
      ];
    }
    default: throw new UserError(`seccomp profile: the comparison ${op} is not known`);
  }
}

function assemble(insns: readonly number[][]): Int32Array {
  const bytes = new Uint8Array(insns.length * bpf.SockFilter.size);
  const v = bpf.SockFilter.view(bytes);
  insns.forEach(([code, jt, jf, k], i) => {
    v.at(i * bpf.SockFilter.size);
    [v.code, v.jt, v.jf, v.k] = [code!, jt!, jf!, k!];
  });
  const program = compile(bytes);
  if (isErr(program)) throw new UserError(`seccomp profile: ${insns.length} instructions are too many`);
  return program;
}
