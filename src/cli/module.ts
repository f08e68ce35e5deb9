// `kspace module`: keys, signatures and trust lists for modules of the kernel.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { print } from '../host/node/print.ts';
import { keyName, makeKey, readPrivateKey, readPublicKey } from '../system/node/keys.ts';
import { judgeModule, readTrust, signModule } from '../system/node/modules.ts';
import { type Parsed, UsageError } from './options.ts';

/** Never called: `module` has subcommands only. */
export async function module(): Promise<number> { return 2; }

export async function keygen({ words }: Parsed): Promise<number> {
  const [file] = words;
  if (file === undefined || words.length > 1) throw new UsageError('keygen takes the name of one file');
  makeKey(file);
  print(`${trustLine(`${file}.pub`)}`);
  return 0;
}

export async function sign({ words, values }: Parsed): Promise<number> {
  const key = values.get('key');
  if (key === undefined || words.length === 0) throw new UsageError('sign needs --key and at least one file');
  const secret = readPrivateKey(key);
  for (const file of words) writeFileSync(`${file}.sig`, signModule(secret, readFileSync(file)));
  return 0;
}

/** 0: all are trusted; 1: one is not. */
export async function verify({ words, lists }: Parsed): Promise<number> {
  if (words.length === 0) throw new UsageError('verify needs at least one file');
  const { trust } = readTrust(lists.get('trust') ?? []);
  let status = 0;
  for (const file of words) {
    const verdict = judgeModule(readFileSync(file), existsSync(`${file}.sig`) ? readFileSync(`${file}.sig`, 'utf8') : undefined, trust);
    print(`${file}: ${verdict.trust === 'unknown' ? 'not trusted' : 'trusted'}: ${verdict.why}\n`);
    if (verdict.trust === 'unknown') status = 1;
  }
  return status;
}

const trustLine = (file: string): string => `ed25519 ${keyName(readPublicKey(file))} ${file}\n`;
