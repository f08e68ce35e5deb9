// Suite security: the kernel suite with everything on that judges calls and accesses (the default seccomp profile, a Landlock domain, Yama, lockdown) against
// the same with nothing on. Issue: at most 10 % dearer.
import { program } from './bench-build.mjs';
import { OPERATIONS } from './bench-kernel.mjs';

/** The first is the reference. */
export const contenders = ['unguarded', 'guarded', 'unguarded-jit', 'guarded-jit'];

const GUARDS = ['--security-opt', 'seccomp=default', '--security-opt', 'no-new-privileges', '--lockdown', 'integrity', '-e', 'BENCH_LANDLOCK=1'];

export function rows({ commands, only }) {
  return Object.entries(OPERATIONS).filter(([name]) => only === undefined || name.includes(only)).map(([name, what]) => ({
    name: what, unit: 'us',
    value: run => Number(run.stdout.toString().trim().split(' ')[1]) / 1000,
    command(contender) {
      const [file, empty] = [program('kernel', 'riscv64'), program('cpu/empty', 'riscv64')];
      if (file.skip ?? empty.skip) return file.skip ? file : empty;
      const [guards, tier] = contender.split('-');
      return {
        argv: commands.kspace('exec', ...guards === 'guarded' ? GUARDS : [], '-e', 'BENCH_EXEC', file, name), env: { BENCH_EXEC: empty, KSPACE_JIT: tier === 'jit' ? '1' : '0' },
      };
    },
  }));
}
