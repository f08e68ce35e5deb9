// Suite security: the kernel suite with everything on that judges calls and accesses against the same with nothing on, at most 10 % dearer. The same number of
// operations by all, CPU time of the host's process less its start. `guarded`: the default seccomp profile, no_new_privs, a Landlock domain, Yama, lockdown, W^X, IMA
// measuring what root runs and reads, a policy that names calls. What costs more because it does more: `appraised` compares labels and writes them, too;
// `judged` is a policy that is asked about every single call, and nothing else.
import { program, root } from './bench-build.mjs';
import { OPERATIONS } from './bench-kernel.mjs';
import { measure } from './bench-run.mjs';

/** The first is the reference. */
export const contenders = ['unguarded', 'guarded', 'appraised', 'judged'];
export const startup = 'start';

const TOOLS = `${root}bench/src/tools/`, POLICY = ['--policy', `${TOOLS}policy.mjs`];
const guards = ima => ['--security-opt', 'seccomp=default', '--security-opt', 'no-new-privileges', '--security-opt', 'wx', '--lockdown', 'integrity', '--ima-policy', ima, ...POLICY, '-e', 'BENCH_LANDLOCK=1'];
const OPTIONS = { unguarded: [], guarded: guards('tcb'), appraised: guards(`${TOOLS}ima-appraise.policy`), judged: POLICY };
/** Long enough for a load that comes and goes to hit both. */
const SECONDS = 2;
const counts = new Map();

function command({ commands }, contender, name, ...count) {
  const [file, empty] = [program('kernel', 'riscv64'), program('cpu/empty', 'riscv64')];
  if (file.skip ?? empty.skip) return file.skip ? file : empty;
  return { argv: commands.kspace('exec', ...OPTIONS[contender], '-e', 'BENCH_EXEC', file, name, ...count), env: { BENCH_EXEC: empty, ...contender === 'judged' ? { KSPACE_BENCH_POLICY: 'each' } : {} } };
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
