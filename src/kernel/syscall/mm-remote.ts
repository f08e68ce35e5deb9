// Another process' memory: process_vm_readv(2), process_vm_writev(2), process_madvise(2), process_mrelease(2).
import { type Errno, type Fallible, EBADF, EFAULT, EINVAL, EPERM, ESRCH, isErr } from '../../abi/errno.ts';
import { CAP_SYS_NICE } from '../../abi/capability.ts';
import { UIO_MAXIOV } from '../../abi/limits.ts';
import * as mman from '../../abi/mman.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { advise } from '../mm/advise.ts';
import { zapPrivate } from '../mm/unmap.ts';
import { mayAttach, mayRead } from '../ptrace/relation.ts';
import { PidFile } from '../task/pidfd.ts';
import type { Task } from '../task/task.ts';
import { isDying } from '../ptrace/stop.ts';
import { fd, iovec, oneOf, pid, ptr, size, syscall, uint } from './define.ts';

const CHUNK = 65536;
const args = [pid('pid'), iovec('local_iov', 2), size('liovcnt'), ptr('remote_iov'), size('riovcnt'), uint('flags')] as const;

/** process_vm_readv(2). */
export const sys_process_vm_readv = syscall({
  name: 'process_vm_readv', args,
  run: (t, who, local, locals, remote, remotes, flags) => transfer(t, { who, local, locals, remote, remotes, flags }, 'read'),
});

/** process_vm_writev(2). */
export const sys_process_vm_writev = syscall({
  name: 'process_vm_writev', args,
  run: (t, who, local, locals, remote, remotes, flags) => transfer(t, { who, local, locals, remote, remotes, flags }, 'write'),
});

const ADVICE = Object.fromEntries(Object.entries(mman).filter(([k]) => k.startsWith('MADV_'))) as Record<string, number>;
/** What may be said of another's memory: nothing that changes its contents. */
const REMOTE_ADVICE: readonly number[] = [mman.MADV_COLD, mman.MADV_PAGEOUT, mman.MADV_WILLNEED, mman.MADV_COLLAPSE];

/** process_madvise(2): bytes advised, short at the first range that is refused. */
export const sys_process_madvise = syscall({
  name: 'process_madvise', args: [fd('pidfd'), iovec('iovec', 2), size('vlen'), oneOf('advice', ADVICE), uint('flags')],
  run(t, pidfd, iov, count, advice, flags) {
    if (flags !== 0) return EINVAL;
    const ranges = remoteRanges(t, iov, count);
    if (isErr(ranges)) return ranges;
    const other = pidfdTask(t, pidfd);
    if (isErr(other)) return other;
    const { mm } = other;
    if (mm === null) return ESRCH;
    if (!mayRead(t, other)) return EPERM;
    if (mm !== t.mm && !REMOTE_ADVICE.includes(advice)) return EINVAL;
    if (mm !== t.mm && !t.cred.has(CAP_SYS_NICE)) return EPERM;
    let done = 0;
    for (const { base, length } of ranges) {
      const r = advise(mm, t, base, length, advice);
      if (isErr(r)) return done > 0 ? done : r;
      done += length;
    }
    return done;
  },
});

/** process_mrelease(2): the private pages of a process that is being killed, at once. */
export const sys_process_mrelease = syscall({
  name: 'process_mrelease', args: [fd('pidfd'), uint('flags')],
  run(t, pidfd, flags) {
    if (flags !== 0) return EINVAL;
    const other = pidfdTask(t, pidfd);
    if (isErr(other)) return other;
    if (other.mm === null) return ESRCH;
    if (!isDying(other)) return EINVAL;
    zapPrivate(other.mm);
    return 0;
  },
});

function pidfdTask(t: Task, pidfd: number): Fallible<Task> {
  const file = t.files.get(pidfd);
  if (isErr(file) || !(file instanceof PidFile)) return EBADF;
  const { leader, pid: id } = file.process;
  return t.kernel.pids.processes.get(id) === file.process && leader.state !== 'Z' ? leader : ESRCH;
}

interface Transfer { who: number; local: number; locals: number; remote: number; remotes: number; flags: number }
interface Range { base: number; length: number }

/** Bytes moved; short where the other side ends, EFAULT if nothing could be moved. */
function transfer(t: Task, q: Transfer, direction: 'read' | 'write'): number | Errno {
  if (q.flags !== 0) return EINVAL;
  const ranges = remoteRanges(t, q.remote, q.remotes);
  if (isErr(ranges)) return ranges;
  const io = t.user.vector(q.local, q.locals);
  if (isErr(io)) return io;
  const mm = peer(t, q.who);
  if (isErr(mm)) return mm;

  const chunk = new Uint8Array(Math.min(CHUNK, io.remaining));
  let total = 0;
  for (const { base, length } of ranges) {
    for (let done = 0; done < length && io.remaining > 0;) {
      const n = Math.min(chunk.length, length - done, io.remaining);
      const part = chunk.subarray(0, n);
      const moved = direction === 'read' ? readPart(t, mm, io, base + done, part) : writePart(t, mm, io, base + done, part);
      if (moved < 0) return total > 0 ? total : moved;
      total += moved;
      done += moved;
      if (moved < n) return total > 0 ? total : EFAULT;
    }
  }
  return total;
}

type Cursor = Exclude<ReturnType<Task['user']['vector']>, Errno>;

function readPart(t: Task, mm: AddressSpace, io: Cursor, addr: number, part: Uint8Array): number | Errno {
  const got = mm.readRemote(t, addr, part);
  return got <= 0 ? got : io.put(part, 0, got);
}

function writePart(t: Task, mm: AddressSpace, io: Cursor, addr: number, part: Uint8Array): number | Errno {
  const got = io.take(part, 0, part.length);
  return got <= 0 ? got : mm.writeRemote(t, addr, part.subarray(0, got));
}

function remoteRanges(t: Task, iov: number, count: number): Range[] | Errno {
  if (count > UIO_MAXIOV) return EINVAL;
  const out: Range[] = [];
  for (let i = 0; i < count; i++) {
    if (isErr(t.user.loadU64(iov + 16 * i))) return EFAULT;
    const base = t.user.value;
    if (isErr(t.user.loadI64(iov + 16 * i + 8))) return EFAULT;
    if (t.user.value < 0) return EINVAL;
    out.push({ base, length: t.user.value });
  }
  return out;
}

/** The other address space, if the rules of ptrace(2), "Ptrace access mode checking", let us in. */
function peer(t: Task, who: number): AddressSpace | Errno {
  const other = t.kernel.pids.tasks.get(who);
  if (other === undefined || other.mm === null) return ESRCH;
  return mayAttach(t, other) ? other.mm : EPERM;
}
