// `kspace screenshot`: run or exec on a machine with a display, and a picture of it as a PNG file.
import { writeFileSync } from 'node:fs';
import { UserError } from '../host/user-error.ts';
import { print } from '../host/node/print.ts';
import type { Picture } from '../lib/png.ts';
import { encodePng } from '../system/picture.ts';
import { COMMANDS } from './commands.ts';
import { find } from './help.ts';
import { helpText, parse, UsageError } from './options.ts';
import type { Parsed } from './options.ts';

const FILE = 'screenshot.png';

export async function screenshot({ values, words }: Parsed): Promise<number> {
  const [name, ...rest] = words;
  if (name !== 'run' && name !== 'exec') throw new UsageError(`screenshot needs a command, run or exec${name === undefined ? '' : `, not ${name}`}`);
  const command = find(COMMANDS, name);
  const parsed = parse(command, rest);
  if (parsed.values.has('help')) {
    print(helpText(command));
    return 0;
  }
  const at = seconds(values.get('at'));
  let taken: Picture | null = null;
  const watch = { screenshot: { at, done: (picture: Picture | null): void => { taken = picture; } } };
  const status = name === 'run' ? await (await import('./run.ts')).run(parsed, watch) : await (await import('./exec.ts')).exec(parsed, watch);
  if (taken !== null) await save(values.get('output') ?? FILE, taken);
  return status;
}

function seconds(text: string | undefined): 'end' | number {
  if (text === undefined) return 'end';
  const n = Number(text);
  if (text.trim() === '' || !(n >= 0 && n <= 1e9)) throw new UsageError(`'${text}' is no moment: a number of seconds`);
  return n;
}

async function save(file: string, picture: Picture): Promise<void> {
  try {
    writeFileSync(file, await encodePng(picture));
  } catch (e) {
    throw new UserError(`the picture cannot be written: ${(e as Error).message}`);
  }
}
