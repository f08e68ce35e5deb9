// Suite kernel: operations of bench/src/kernel.c, which measures itself; nanoseconds an operation.
import { program } from './bench-build.mjs';
import { targetOf } from './bench-cpu.mjs';

/** WASI has no such calls; the program does everything many times itself, and counts the best. */
export const without = ['wasm', 'kspace-first', 'kspace-up'];

/** What the C program calls it, and what it is. */
export const OPERATIONS = {
  'getppid': 'getppid', 'pipe': 'pipe round trip, two processes', 'futex': 'futex round trip, two threads', 'fork': 'fork + exit + wait',
  'exec': 'fork + exec of a static program + wait', 'spawn': 'posix_spawn of a static program + wait', 'thread': 'thread create + join',
  'signal': 'kill(self) + handler + return', 'fault-anon': 'page fault, anonymous', 'fault-file': 'page fault, cached file', 'fault-cow': 'page fault, copy on write',
  'mmap': 'mmap + munmap of a page', 'open': 'open + read 1 KiB + close', 'stat': 'stat', 'creat': 'creat + write 1 KiB + unlink', 'read64k': 'read 64 KiB of a cached file',
};

export function rows({ commands, only }) {
  return Object.entries(OPERATIONS).filter(([name]) => only === undefined || name.includes(only)).map(([name, what]) => ({
    name: what, unit: 'us',
    value: run => Number(run.stdout.toString().trim().split(' ')[1]) / 1000,
    command(contender) {
      const [file, empty] = [program('kernel', targetOf(contender)), program('cpu/empty', targetOf(contender))];
      if (file.skip ?? empty.skip) return file.skip ? file : empty;
      // Under a user-mode emulator the child is an emulator again, as binfmt_misc would do it.
      return commands.exec(contender, file, [name], { BENCH_EXEC: commands.child(contender, empty).join(' ') });
    },
  }));
}
