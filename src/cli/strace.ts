// `kspace strace`: run or exec with the kernel's system-call trace on standard error or in a file.
import { closeSync, openSync } from 'node:fs';
import { OutputPort } from '../host/node/stdio.ts';
import { SYSCALL_NUMBERS } from '../abi/syscall-numbers.ts';
import { CLASSES } from '../kernel/strace/classes.ts';
import { COMMANDS } from './commands.ts';
import { find } from './help.ts';
import type { TraceRequest } from '../system/contract.ts';
import { UsageError, helpText, parse } from './options.ts';
import type { Parsed } from './options.ts';
import { print } from '../host/node/print.ts';
import { closest } from '../lib/suggest.ts';

export async function strace({ values, lists, words }: Parsed): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined) throw new UsageError("strace needs a command: run … or exec …");
  if (name !== 'run' && name !== 'exec') throw new UsageError(`strace traces run or exec, not ${name}: kspace strace run -- ${words.join(' ')}`);
  const command = find(COMMANDS, name);
  const parsed = parse(command, rest);
  if (parsed.values.has('help')) {
    print(helpText(command));
    return 0;
  }
  checkFilters(lists.get('trace') ?? []);
  const file = values.get('output');
  const fd = file === undefined ? 2 : openSync(file, 'w');
  const trace: TraceRequest = {
    followForks: values.has('follow-forks'), filters: lists.get('trace') ?? [], mode: values.has('summary-only') ? 'summary' : 'lines',
    times: values.has('syscall-times'), sink: new OutputPort(fd),
  };
  try {
    if (name === 'run') return await (await import('./run.ts')).run(parsed, { trace });
    return await (await import('./exec.ts')).exec(parsed, { trace });
  } finally {
    if (fd !== 2) closeSync(fd);
  }
}

/** Every word of -e names a call or a class; `!` in front means all others, `trace=` may precede (strace(1), "Filtering"). */
export function checkFilters(filters: readonly string[]): void {
  const known = [...Object.keys(SYSCALL_NUMBERS), ...CLASSES.map(c => `%${c}`), 'all', 'none'];
  for (const word of filters.flatMap(f => f.replace(/^trace=/, '').replace(/^!/, '').split(','))) {
    if (known.includes(word)) continue;
    const near = closest(word, known);
    throw new UsageError(`riscv64 has no system call '${word}'${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
}
