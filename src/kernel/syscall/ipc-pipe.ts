// pipe2(2).
import { EINVAL, EMFILE, isErr } from '../../abi/errno.ts';
import { O_CLOEXEC, O_DIRECT, O_NONBLOCK } from '../../abi/fcntl.ts';
import { RLIMIT_NOFILE } from '../../abi/resource.ts';
import { createPipe } from '../ipc/pipe.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { flags, outInts, syscall } from './define.ts';

const PIPE_FLAGS = { O_CLOEXEC, O_NONBLOCK, O_DIRECT };

/** pipe2(2). */
export const sys_pipe2 = syscall({
  name: 'pipe2',
  args: [outInts('pipefd', 2), flags('flags', PIPE_FLAGS)],
  run(t, pipefd, flags) {
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) !== 0) return EINVAL;
    const ends = createPipe(t, flags & ~O_CLOEXEC);
    if (isErr(ends)) return ends;
    const { reader, writer } = ends, fds = freePair(t, pipefd);
    if (typeof fds === 'number') {
      reader.put();
      writer.put();
      return fds;
    }
    return installPair(t, fds, reader, writer, flags);
  },
});

/** The two lowest free descriptors, already stored at `addr`: all that can fail comes before anything is made. */
export function freePair(t: Task, addr: number): [number, number] | number {
  const first = t.files.lowestFree();
  const second = t.files.lowestFree(first + 1);
  if (second >= t.process.rlimits[RLIMIT_NOFILE]!.soft) return EMFILE;
  const e = t.user.storeU32(addr, first);
  if (e !== 0) return e;
  const f = t.user.storeU32(addr + 4, second);
  return f !== 0 ? f : [first, second];
}

export function installPair(t: Task, fds: [number, number], a: OpenFile, b: OpenFile, flags: number): 0 {
  const cloexec = (flags & O_CLOEXEC) !== 0 ? 'cloexec' : 'keep';
  t.files.set(fds[0], a, cloexec);
  t.files.set(fds[1], b, cloexec);
  return 0;
}
