// `kspace start` (npm start): a shell for somebody at a terminal, a tour that ends by itself for everybody else.
import type { Parsed } from './options.ts';
import { run } from './run.ts';

export async function start({ values }: Parsed): Promise<number> {
  return run({ values, lists: new Map(), words: [], dashes: 0 });
}
