// `kspace attest`: starts the machine that `run` would start, without a program, and tells what it is made of; or checks what another one has told.
import { readFileSync } from 'node:fs';
import { UserError } from '../host/user-error.ts';
import { print } from '../host/node/print.ts';
import type { Computer } from '../system/computer.ts';
import { compare, contradictions, type Evidence, evidenceOf, parseEvidence, quoteBytes } from '../system/attest/evidence.ts';
import { type Parsed, UsageError } from './options.ts';
import { requestOf } from './run.ts';

/** Something is not as it should be, as diff(1) and cmp(1) say it. */
const DIFFERENT = 1;

export async function attest(parsed: Parsed): Promise<number> {
  const { values } = parsed, nonce = nonceOf(values.get('nonce'));
  if (values.has('key') && nonce === undefined) throw new UsageError('--key signs a nonce of whoever asks: give --nonce, too');
  if (values.has('verify')) return verify(values.get('verify')!, values, nonce);
  if (values.has('public')) throw new UsageError('--public is for --verify');
  const { machine, ascii } = await measure(parsed);
  const evidence = values.has('key') ? await quote(machine, nonce!, values.get('key')!) : nonce === undefined ? machine : { ...machine, nonce };
  if (values.has('json') || values.has('key')) print(`${JSON.stringify(evidence, null, 1)}\n`);
  else if (!values.has('expect')) print(`${ascii}${registersOf(machine)}`);
  return values.has('expect') ? report(evidence, read(values.get('expect')!)) : 0;
}

async function measure(parsed: Parsed): Promise<{ machine: Evidence; ascii: string }> {
  const { machine } = await requestOf(parsed);
  const { boot } = await import('./boot.ts');
  const computer = await boot({ ...machine, console: undefined }) as Computer;
  const { bootLog } = computer.kernel.security;
  const found = { machine: evidenceOf(bootLog), ascii: bootLog.ascii };
  await computer.stop();
  return found;
}

async function quote(evidence: Evidence, nonce: string, file: string): Promise<Evidence> {
  const { readPrivateKey, signBytes } = await import('../system/node/keys.ts');
  return { ...evidence, nonce, signature: Buffer.from(signBytes(readPrivateKey(file), quoteBytes(evidence, nonce))).toString('base64') };
}

/** Signature, nonce, log against registers, registers against expected ones: all that is there to be checked. */
async function verify(file: string, values: Parsed['values'], nonce: string | undefined): Promise<number> {
  const evidence = read(file), key = values.get('public');
  if (key === undefined) throw new UsageError('--verify needs the --public key of whoever has signed');
  const { isSigned, readPublicKey } = await import('../system/node/keys.ts');
  const signature = Buffer.from(evidence.signature ?? '', 'base64');
  const faults: string[] = [];
  if (!isSigned(readPublicKey(key), quoteBytes(evidence, evidence.nonce ?? ''), signature)) faults.push('the signature is not of this key and these registers');
  if (nonce !== undefined && evidence.nonce !== nonce) faults.push('the nonce is another one: this may be an old answer');
  for (const i of contradictions(evidence)) faults.push(`register ${i}: the log does not lead to it`);
  for (const f of faults) print(`${f}\n`);
  const differs = values.has('expect') ? report(evidence, read(values.get('expect')!)) : 0;
  if (faults.length === 0 && !values.has('expect')) print('signature, nonce and log are good\n');
  return faults.length > 0 ? DIFFERENT : differs;
}

function report(found: Evidence, expected: Evidence): number {
  const differences = compare(found, expected);
  for (const { register, unexpected, missing } of differences) {
    print(`register ${register} is not as expected\n${unexpected.map(x => `  + ${plain(x)}\n`).join('')}${missing.map(x => `  - ${plain(x)}\n`).join('')}`);
  }
  if (differences.length === 0) print('as expected\n');
  return differences.length === 0 ? 0 : DIFFERENT;
}

function nonceOf(text: string | undefined): string | undefined {
  if (text !== undefined && !/^([0-9a-f]{2}){8,64}$/.test(text)) throw new UsageError('--nonce takes 8 to 64 bytes in hexadecimal digits');
  return text;
}

function read(file: string): Evidence {
  const evidence = parseEvidence(readFileSync(file, 'utf8'));
  if (evidence === null) throw new UserError(`${file} is not what kspace attest --json prints`);
  return evidence;
}

const plain = (text: string): string => text.replace(/[^ -~]/g, '?');
const registersOf = ({ registers }: Evidence): string =>
  Object.entries(registers).filter(([, v]) => !/^(?:0{64}|f{64})$/.test(v)).map(([i, v]) => `register ${i.padStart(2)}: ${v}\n`).join('');
