// `kspace start` (npm start): a shell for somebody at a terminal, a tour that ends by itself for everybody else.
import { UserError } from '../host/user-error.ts';
import type { Parsed } from './options.ts';
import { complain, print } from '../host/node/print.ts';
import { openRoot } from '../system/node/root.ts';
import { run, streamsOf } from './run.ts';
import { hardenRealm } from '../system/hardening/realm.ts';
import { tour } from './tour/tour.ts';
import { memory } from './values.ts';

declare const KSPACE_VERSION: string;

export async function start({ values }: Parsed): Promise<number> {
  if (!values.has('tour') && streamsOf(new Map()) === 'terminal' && await haveImage()) {
    print(`kspace ${KSPACE_VERSION}: BusyBox of Debian's riscv64 port on a kernel in TypeScript. exit or Ctrl-D ends it.\n`);
    return run({ values, lists: new Map(), words: [], dashes: 0 });
  }
  hardenRealm();
  const { boot } = await import('./boot.ts');
  return tour(boot, memory(values.get('memory')));
}

/** Without an image there is no shell; the reason is one sentence, and the tour follows. */
async function haveImage(): Promise<boolean> {
  try {
    await openRoot(undefined);
    return true;
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    complain(`no shell: ${e.message}`);
    return false;
  }
}
