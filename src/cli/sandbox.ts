// The options that confine a command (--cap-drop, --security-opt, --ulimit, --policy …), as container users know them, turned into what a machine
// and a process are asked for.
import { createHash, createPublicKey } from 'node:crypto';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as capability from '../abi/capability.ts';
import * as resource from '../abi/resource.ts';
import { UserError } from '../host/user-error.ts';
import type { ImaKey } from '../kernel/integrity/ima-keys.ts';
import { parseImaPolicy, TCB_POLICY } from '../kernel/integrity/ima-policy.ts';
import type { Confinement } from '../kernel/task/confine.ts';
import { KERNEL_RELEASE } from '../kernel/version.ts';
import { closest } from '../lib/suggest.ts';
import { toBinary } from '../lib/utf8.ts';
import { PCR_POLICY } from '../kernel/integrity/registers.ts';
import type { MachineSandbox, Measured } from '../system/contract.ts';
import { DEFAULT_PROFILE } from '../system/sandbox/default-profile.ts';
import type { KernelModule } from '../system/modules/module-api.ts';
import type { Modules } from '../system/node/modules.ts';
import type { Policy } from '../system/sandbox/policy.ts';
import { compileProfile, type SeccompProfile } from '../system/sandbox/seccomp-profile.ts';
import { type Parsed, UsageError } from './options.ts';
import { SANDBOX } from './sandbox-options.ts';

export interface Sandbox {
  readonly machine: MachineSandbox;
  /** Policy files, for the boot log. */
  readonly measured: readonly Measured[];
  readonly modules: readonly KernelModule[];
  readonly process: { readonly capabilities?: readonly [number, number]; readonly confinement?: Confinement };
}

/** What the options of `run` and `exec` ask for. Dropped capabilities and no-new-privileges bring the default seccomp profile, unless it is named. */
export async function sandbox({ values, lists }: Parsed): Promise<Sandbox> {
  if (!SANDBOX.some(o => values.has(o.long))) return { machine: {}, measured: [], modules: [], process: {} };
  const granted = capabilities(lists.get('cap-add') ?? [], lists.get('cap-drop') ?? []);
  const options = securityOptions(lists.get('security-opt') ?? []);
  const confined = lists.has('cap-drop') || options.noNewPrivs;
  const lockdown = values.get('lockdown');
  if (lockdown !== undefined && lockdown !== 'integrity' && lockdown !== 'confidentiality') throw new UsageError(`--lockdown is integrity or confidentiality, not '${lockdown}'`);
  const filter = filterOf(options.seccomp ?? (confined ? 'default' : 'unconfined'), granted);
  const ima = imaPolicy(values.get('ima-policy'), lists.get('ima-key') ?? []);
  const { modules, measured: loaded } = await modulesOf(lists.get('module'), lists.get('trust'), lockdown !== undefined);
  return {
    modules,
    measured: [...loaded, ...measuredFile(values.get('policy')), ...(ima === undefined ? [] : [measured(Buffer.from(ima.policy), 'ima policy')]), ...(filter === null ? [] : [measured(new Uint8Array(filter.buffer), 'seccomp filter')])],
    machine: { pidsLimit: pidsLimit(values.get('pids-limit')), lockdown, wx: options.wx, ima, selfAuditSeconds: seconds(values.get('self-audit')), policy: await policy(values.get('policy')), audit: auditLog(values.get('audit-log')) },
    process: {
      capabilities: words(granted),
      confinement: { noNewPrivs: options.noNewPrivs, limits: (lists.get('ulimit') ?? []).map(ulimit), filter },
    },
  };
}

const measured = (bytes: Uint8Array, text: string): Measured => ({ register: PCR_POLICY, digest: createHash('sha256').update(bytes).digest(), text });
const measuredFile = (file: string | undefined): Measured[] => (file === undefined ? [] : [measured(readFileSync(file), 'policy')]);

const CAPS = Object.entries(capability as Readonly<Record<string, unknown>>)
  .filter((e): e is [string, number] => e[0].startsWith('CAP_') && e[0] !== 'CAP_LAST_CAP' && typeof e[1] === 'number');

/** Modules are read, judged and measured only where there are any. */
async function modulesOf(files: readonly string[] = [], trust: readonly string[] = [], locked = false): Promise<Modules> {
  if (files.length === 0 && trust.length === 0) return { modules: [], measured: [] };
  return (await import('../system/node/modules.ts')).loadModules(files, trust, locked);
}

/** The names that are left: ALL first, single ones after. */
function capabilities(add: readonly string[], drop: readonly string[]): Set<string> {
  const all = CAPS.map(([name]) => name);
  const [added, dropped] = [add.map(capName), drop.map(capName)];
  const left = new Set(dropped.includes('ALL') && !added.includes('ALL') ? [] : all);
  for (const name of dropped) left.delete(name);
  for (const name of added) if (name !== 'ALL') left.add(name);
  return left;
}

function capName(text: string): string {
  const name = text.toUpperCase();
  if (name === 'ALL') return name;
  const full = name.startsWith('CAP_') ? name : `CAP_${name}`;
  if (CAPS.some(([known]) => known === full)) return full;
  const near = closest(full, CAPS.map(([known]) => known));
  throw new UsageError(`there is no capability ${text}${near === undefined ? '' : `; did you mean ${near}?`}`);
}

function words(names: ReadonlySet<string>): readonly [number, number] {
  const out: [number, number] = [0, 0];
  for (const [name, bit] of CAPS) if (names.has(name)) out[bit >>> 5] = (out[bit >>> 5]! | (1 << (bit & 31))) >>> 0;
  return out;
}

function securityOptions(options: readonly string[]): { noNewPrivs: boolean; seccomp: string | undefined; wx: MachineSandbox['wx'] } {
  let noNewPrivs = false, seccomp: string | undefined, wx: string[] | undefined;
  for (const option of options) {
    const [, key, value] = /^([^=:]+)(?:[=:](.*))?$/.exec(option) ?? [];
    if (key === 'no-new-privileges' && (value === undefined || value === 'true' || value === 'false')) noNewPrivs = value !== 'false';
    else if (key === 'seccomp' && value !== undefined && value !== '') seccomp = value;
    else if (key === 'wx' && value === undefined) wx ??= [];
    else if (key === 'wx-exempt' && value?.startsWith('/') === true) (wx ??= []).push(toBinary(value));
    else throw new UsageError(`--security-opt ${option} is not known: no-new-privileges, seccomp=FILE, wx, wx-exempt=/PROGRAM`);
  }
  return { noNewPrivs, seccomp, wx: wx === undefined ? undefined : { exempt: wx } };
}

function filterOf(seccomp: string, granted: ReadonlySet<string>): Int32Array | null {
  if (seccomp === 'unconfined') return null;
  return compileProfile(seccomp === 'default' ? DEFAULT_PROFILE : readProfile(seccomp), granted, KERNEL_RELEASE);
}

function readProfile(file: string): SeccompProfile {
  try {
    const profile = JSON.parse(readFileSync(file, 'utf8')) as SeccompProfile;
    if (typeof profile?.defaultAction !== 'string') throw new Error('it has no defaultAction');
    return profile;
  } catch (e) {
    throw new UserError(`the seccomp profile ${file} cannot be used: ${(e as Error).message}`);
  }
}

function pidsLimit(text: string | undefined): number | undefined {
  if (text === undefined || text === '-1' || text === '0') return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(`--pids-limit takes a number, not '${text}'`);
  return Number(text);
}

function seconds(text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d{1,5}$/.test(text)) throw new UsageError(`--self-audit takes seconds, not '${text}'`);
  return text === undefined ? undefined : Number(text);
}

/** Docker's units: bytes for sizes, seconds for times. */
function ulimit(text: string): Confinement['limits'][number] {
  const [, name, soft, hard] = /^(\w+)=(-?\d+|unlimited)(?::(-?\d+|unlimited))?$/.exec(text) ?? [];
  const number = (resource as Readonly<Record<string, unknown>>)[`RLIMIT_${name?.toUpperCase()}`];
  if (typeof number !== 'number') throw new UsageError(`--ulimit ${text}: say NAME=SOFT or NAME=SOFT:HARD, with a name like nofile, nproc, fsize, cpu`);
  const value = (s: string): number => s === 'unlimited' || s === '-1' ? Infinity : Number(s);
  const limits = { resource: number, soft: value(soft!), hard: value(hard ?? soft!) };
  if (limits.soft > limits.hard) throw new UsageError(`--ulimit ${text}: the soft limit is above the hard one`);
  return limits;
}

async function policy(file: string | undefined): Promise<Policy | undefined> {
  if (file === undefined) return undefined;
  let module: { default?: Policy };
  try {
    module = await import(pathToFileURL(resolve(file)).href) as typeof module;
  } catch (e) {
    const hint = (e as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION' ? '; this Node cannot load TypeScript, use Node 22.18 or a .mjs file' : '';
    throw new UserError(`the policy ${file} cannot be loaded: ${(e as Error).message}${hint}`);
  }
  if (typeof module.default?.decide !== 'function') throw new UserError(`the policy ${file} must export an object with decide(call) as default`);
  return module.default;
}

/** FILE, or `tcb`: everything that root runs and reads is measured. */
function imaPolicy(file: string | undefined, keyFiles: readonly string[]): MachineSandbox['ima'] {
  if (file === undefined && keyFiles.length === 0) return undefined;
  const policy = file === undefined ? '' : file === 'tcb' ? TCB_POLICY : readText(file, 'the IMA policy');
  const rules = parseImaPolicy(policy);
  if (typeof rules === 'string') throw new UserError(`the IMA policy ${file}: this rule cannot be understood: ${rules}`);
  return { policy, keys: keyFiles.map(imaKey) };
}

function imaKey(file: string): ImaKey {
  try {
    const key = createPublicKey(readFileSync(file));
    const { n, e } = key.export({ format: 'jwk' });
    if (key.asymmetricKeyType !== 'rsa' || n === undefined || e === undefined) throw new Error('it is no RSA key');
    const id = createHash('sha1').update(key.export({ type: 'pkcs1', format: 'der' })).digest().readUInt32BE(16);
    return { id, modulus: new Uint8Array(Buffer.from(n, 'base64url')), exponent: Buffer.from(e, 'base64url').reduce((v, b) => v * 256 + b, 0) };
  } catch (e) {
    throw new UserError(`the IMA key ${file} cannot be used: ${(e as Error).message}`);
  }
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (e) {
    throw new UserError(`${what} ${file} cannot be used: ${(e as Error).message}`);
  }
}

function auditLog(file: string | undefined): ((line: string) => void) | undefined {
  if (file === undefined) return undefined;
  const fd = openSync(file, 'a', 0o600);
  return line => { writeSync(fd, line); };
}
