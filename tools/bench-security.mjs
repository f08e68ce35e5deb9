// Suite security: the kernel suite with everything on that judges calls and accesses (the default seccomp profile, a Landlock domain, Yama, lockdown) against
// the same with nothing on, at most 10 % dearer. The same number of operations by both, CPU time of the host's process less its start.
import { program } from './bench-build.mjs';
import { OPERATIONS } from './bench-kernel.mjs';
import { measure } from './bench-run.mjs';

/** The first is the reference. */
export const contenders = ['unguarded', 'guarded'];
export const startup = 'start';

const GUARDS = ['--security-opt', 'seccomp=default', '--security-opt', 'no-new-privileges', '--lockdown', 'integrity', '-e', 'BENCH_LANDLOCK=1'];
/** Long enough for a load that comes and goes to hit both. */
const SECONDS = 2;
const counts = new Map();

function command({ commands }, contender, name, ...count) {
  const [file, empty] = [program('kernel', 'riscv64'), program('cpu/empty', 'riscv64')];
  if (file.skip ?? empty.skip) return file.skip ? file : empty;
  return { argv: commands.kspace('exec', ...contender === 'guarded' ? GUARDS : [], '-e', 'BENCH_EXEC', file, name, ...count), env: { BENCH_EXEC: empty } };
}

/** How many operations take so long here. */
export function prepare(context) {
  for (const name of Object.keys(OPERATIONS).filter(n => context.only === undefined || n.includes(context.only))) {
    const c = command(context, contenders[0], name);
    if (c.skip) return;
    const run = measure(c.argv, c);
    counts.set(name, Math.max(1, Math.round(SECONDS * 1e9 / Number(run.stdout.toString().trim().split(' ')[1]))));
  }
}

export function rows(context) {
  const of = (name, what, count) => ({ name: what, command: contender => command(context, contender, name, String(count)) });
  return [of('getppid', startup, 1), ...[...counts].map(([name, count]) => of(name, OPERATIONS[name], count))];
}
