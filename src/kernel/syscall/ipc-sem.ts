// semget(2), semop(2), semtimedop(2), semctl(2).
import { type Errno, type Fallible, E2BIG, EAGAIN, EIDRM, EINTR, EINVAL, ERESTARTSYS, isErr } from '../../abi/errno.ts';
import {
  GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_CREAT, IPC_EXCL, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, SEMVMX, SEM_INFO, SEM_STAT, SEM_STAT_ANY,
  SETALL, SETVAL, Sembuf, SemidDs,
} from '../../abi/ipc.ts';
import { checkOps, SEMMNI, SEMMNS, SEMMSL, SEMOPM, type SemOp, SemSet, SemWait } from '../ipc/sem.ts';
import { IPC_R, IPC_W } from '../ipc/sysv.ts';
import type { Task } from '../task/task.ts';
import { flags, hex, int, oneOf, ptr, size, syscall, type SysResult } from './define.ts';
import { callDeadline } from './ipc-time.ts';

const COMMANDS = {
  IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, SETALL, SETVAL, SEM_INFO, SEM_STAT, SEM_STAT_ANY,
};
const ds = SemidDs.view();

/** semget(2). */
export const sys_semget = syscall({
  name: 'semget',
  args: [int('key'), int('nsems'), flags('semflg', { IPC_CREAT, IPC_EXCL })],
  run: (t, key, nsems, flags) => (nsems < 0 || nsems > SEMMSL ? EINVAL : t.kernel.ipc.semaphores.get(t, key, nsems, flags)),
});

/** semop(2). Never restarted after a handler: EINTR (signal(7)). */
export const sys_semop = syscall({
  name: 'semop',
  args: [int('semid'), ptr('sops'), size('nsops')],
  run: (t, semid, sops, nsops) => operate(t, semid, sops, nsops, 0),
});

/** semtimedop(2): EAGAIN when the time is over. */
export const sys_semtimedop = syscall({
  name: 'semtimedop',
  args: [int('semid'), ptr('sops'), size('nsops'), ptr('timeout')],
  run: operate,
});

function operate(t: Task, semid: number, sops: number, nsops: number, timeout: number): SysResult {
  const before = t.restart?.data;
  if (before instanceof SemWait && before.set.removed) return EIDRM;
  if (nsops < 1 || semid < 0) return EINVAL;
  if (nsops > SEMOPM) return E2BIG;
  const ops = loadOps(t, sops, nsops);
  if (isErr(ops)) return ops;
  const deadline = callDeadline(t, timeout, 'relative');
  if (deadline < 0) return deadline;
  const alters = ops.some(o => o.op !== 0);
  const set = t.kernel.ipc.semaphores.find(semid);
  if (isErr(set)) return set;
  const checked = checkOps(set, ops);
  if (checked !== 0) return checked;
  const allowed = t.kernel.ipc.semaphores.findFor(t, semid, alters ? IPC_W : IPC_R);
  if (isErr(allowed)) return allowed;
  const r = set.operate(t, ops);
  if (!(r instanceof SemWait)) return r;
  t.record().data = r;
  const parked = t.waitOnUntil(set.waiters, deadline, 'semop', EAGAIN);
  return parked === ERESTARTSYS ? EINTR : parked;
}

function loadOps(t: Task, at: number, count: number): Fallible<SemOp[]> {
  const raw = new Uint8Array(count * Sembuf.size);
  const e = t.user.copyIn(at, raw);
  if (e !== 0) return e;
  const v = new DataView(raw.buffer);
  return Array.from({ length: count }, (_, i) => ({
    num: v.getUint16(i * Sembuf.size, true), op: v.getInt16(i * Sembuf.size + 2, true), flags: v.getUint16(i * Sembuf.size + 4, true),
  }));
}

/** semctl(2): the fourth argument is a value or a pointer, as the command says. */
export const sys_semctl = syscall({
  name: 'semctl',
  args: [int('semid'), int('semnum'), oneOf('cmd', COMMANDS), hex('arg')],
  run(t, semid, num, cmd, arg) {
    const table = t.kernel.ipc.semaphores;
    switch (cmd) {
      case IPC_INFO: case SEM_INFO: return storeInfo(t, cmd, arg);
      case IPC_STAT: return stat(t, table.findFor(t, semid, IPC_R), arg, 0);
      case SEM_STAT: case SEM_STAT_ANY: {
        const set = table.at(semid);
        if (isErr(set)) return set;
        return stat(t, cmd === SEM_STAT ? table.findFor(t, set.id, IPC_R) : set, arg, set.id);
      }
      case IPC_RMID: case IPC_SET: return change(t, semid, cmd, arg);
      case GETVAL: case GETPID: case GETNCNT: case GETZCNT: {
        const set = table.findFor(t, semid, IPC_R);
        if (isErr(set)) return set;
        return num < 0 || num >= set.values.length ? EINVAL : getOne(set, num, cmd);
      }
      case SETVAL: {
        const set = table.findFor(t, semid, IPC_W);
        if (isErr(set)) return set;
        return num < 0 || num >= set.values.length ? EINVAL : set.setValue(t, num, arg | 0);
      }
      case GETALL: {
        const set = table.findFor(t, semid, IPC_R);
        return isErr(set) ? set : t.user.copyOut(arg, new Uint8Array(set.values.slice().buffer));
      }
      case SETALL: return setAll(t, semid, arg);
      default: return EINVAL;
    }
  },
});

function getOne(set: SemSet, num: number, cmd: number): number {
  switch (cmd) {
    case GETVAL: return set.values[num]!;
    case GETPID: return set.pids[num]!;
    default: return set.countWaiting(num, cmd === GETNCNT ? 'larger' : 'zero');
  }
}

function setAll(t: Task, semid: number, arg: number): 0 | Errno {
  const set = t.kernel.ipc.semaphores.findFor(t, semid, IPC_W);
  if (isErr(set)) return set;
  const values = new Uint16Array(set.values.length);
  const e = t.user.copyIn(arg, new Uint8Array(values.buffer));
  if (e !== 0) return e;
  for (let i = 0; i < values.length; i++) {
    const f = values[i]! > SEMVMX ? set.setValue(t, i, values[i]!) : 0;
    if (f !== 0) return f;
  }
  values.forEach((v, i) => set.setValue(t, i, v));
  return 0;
}

function change(t: Task, semid: number, cmd: number, arg: number): 0 | Errno {
  const set = t.kernel.ipc.semaphores.findOwned(t, semid);
  if (isErr(set)) return set;
  if (cmd === IPC_SET) {
    const e = t.user.copyIn(arg, ds.bytes);
    if (e === 0) set.setPerm(t, ds.sem_perm);
    return e;
  }
  t.kernel.ipc.semaphores.remove(set);
  set.waiters.wake();
  return 0;
}

function stat(t: Task, set: Fallible<SemSet>, arg: number, result: number): number {
  if (isErr(set)) return set;
  ds.zero();
  set.storePerm(ds.sem_perm);
  ds.sem_otime = set.otime;
  ds.sem_ctime = set.ctime;
  ds.sem_nsems = set.values.length;
  return t.user.copyOut(arg, ds.bytes) || result;
}

/** struct seminfo: ten ints. SEM_INFO puts the sets and semaphores in use where IPC_INFO has limits. */
function storeInfo(t: Task, cmd: number, arg: number): number {
  const table = t.kernel.ipc.semaphores;
  let inUse = 0;
  for (const s of table.all()) inUse += s.values.length;
  const info = Int32Array.of(SEMMNS, SEMMNI, SEMMNS, SEMMNS, SEMMSL, SEMOPM, SEMOPM, cmd === SEM_INFO ? table.count : 20, SEMVMX, cmd === SEM_INFO ? inUse : SEMVMX);
  return t.user.copyOut(arg, new Uint8Array(info.buffer)) || table.highestIndex;
}
