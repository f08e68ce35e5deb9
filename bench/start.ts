// Suite start: what a user waits for before a command's first instruction and after its last: `kspace run -- true` from launch to exit with a
// warm image store, as wall time and processor time, beside an empty Node program.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Suite } from './suite.ts';

const ROUNDS = 7;

export const suite: Suite = {
  name: 'start',
  run(report) {
    const root = process.env['KSPACE_ROOT'] ?? '';
    const kspace = `${root}bin/kspace`;
    const programs: readonly (readonly [string, readonly string[]])[] = [
      ['node -e 0', ['-e', '0']], ['kspace --version', [kspace, '--version']], ['kspace run -- true', [kspace, 'run', '--', 'true']],
    ];
    for (const [name, args] of programs) {
      spawnSync(process.execPath, args, { stdio: 'ignore' }); // warms caches; the first may build the image
      const rounds = Array.from({ length: ROUNDS }, () => measure(args)).sort((a, b) => a.wall - b.wall);
      const best = rounds[0]!;
      report(`${name}: best of ${ROUNDS}`, best.wall, 'ms');
      report(`${name}: processor time`, best.cpu, 'ms');
    }
  },
};

/** Wall time, and the processor time that /proc charges to our children (in ticks of 10 ms). */
function measure(args: readonly string[]): { wall: number; cpu: number } {
  const before = childTicks();
  const t0 = performance.now();
  const r = spawnSync(process.execPath, args, { stdio: 'ignore' });
  const wall = performance.now() - t0;
  if (r.status !== 0) throw new Error(`${args.join(' ')} ended with ${r.status}`);
  return { wall, cpu: (childTicks() - before) * 10 };
}

/** cutime + cstime of this process, proc_pid_stat(5) fields 16 and 17. */
function childTicks(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /s, '').split(' ');
  return Number(fields[13]) + Number(fields[14]);
}
