// What tools/fuzz.mjs runs in a process of its own: one job, given as JSON; tells its parent how far it is.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, render } from './action.ts';
import { fuzz, minimiseFile, protocol, replay } from './main.ts';

export type Job =
  | { readonly what: 'fuzz'; readonly calls: number; readonly seed: number; readonly threads: number; readonly as: 'user' | 'root' | 'both'; readonly directory: string }
  | { readonly what: 'protocol'; readonly seed: number; readonly threads: number; readonly as: 'user' | 'root' | 'both'; readonly round: number; readonly file: string }
  | { readonly what: 'replay'; readonly file: string }
  | { readonly what: 'minimise'; readonly file: string };

const say = (text: string): void => console.log(text);
const job = JSON.parse(process.argv[2]!) as Job;
switch (job.what) {
  case 'fuzz': {
    let rounds = 0;
    const o = { ...job, say, progress: (made: number, findings: number) => process.send?.({ made, findings, rounds: ++rounds }) };
    const { calls, findings, made } = fuzz(o);
    const never = [...calls].filter(([name, c]) => c.good === 0 && !name.startsWith('syscall_')).map(([name]) => name).sort();
    say(`seed ${job.seed}: ${made} actions, ${calls.size} different calls, ${never.length} of them never succeeded (${never.slice(0, 12).join(' ')} ...), ${findings.length} findings`);
    process.exitCode = findings.length > 0 ? 1 : 0;
    break;
  }
  case 'protocol':
    protocol({ ...job, calls: 0, directory: '', say, progress: () => 0 }, job.round, job.file);
    break;
  case 'replay': {
    const { machine, rounds } = parse(readFileSync(job.file, 'utf8'));
    const finding = replay(machine, rounds);
    say(finding === '' ? 'nothing is wrong' : finding);
    process.exitCode = finding === '' ? 0 : 1;
    break;
  }
  case 'minimise': {
    const small = minimiseFile(job.file, say);
    const file = job.file.replace(/(\.json)?$/, '.min.json');
    writeFileSync(file, render(small));
    say(`${file}: ${small.rounds.reduce((n, r) => n + r.actions.length, 0)} actions in ${small.rounds.length} rounds`);
  }
}
