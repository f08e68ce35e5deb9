// msgget(2), msgsnd(2), msgrcv(2), msgctl(2).
import { type Errno, type Fallible, E2BIG, EAGAIN, EFAULT, EIDRM, EINTR, EINVAL, ENOMEM, ENOMSG, ENOSYS, EPERM, ERESTARTSYS, isErr } from '../../abi/errno.ts';
import { CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import {
  IPC_CREAT, IPC_EXCL, IPC_INFO, IPC_NOWAIT, IPC_RMID, IPC_SET, IPC_STAT, MSG_COPY, MSG_EXCEPT, MSG_INFO, MSG_NOERROR, MSG_STAT, MSG_STAT_ANY, MsqidDs,
} from '../../abi/ipc.ts';
import { checkMessage, MsgQueue, MSGMAX, MSGMNB, MSGMNI } from '../ipc/msg.ts';
import { IPC_R, IPC_W } from '../ipc/sysv.ts';
import type { Task } from '../task/task.ts';
import { flags, int, long, oneOf, ptr, size, syscall, type SysResult } from './define.ts';

const COMMANDS = { IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, MSG_STAT, MSG_INFO, MSG_STAT_ANY };
/** struct msgbuf: long mtype, then the text. */
const TEXT = 8;
const ds = MsqidDs.view();

/** msgget(2). */
export const sys_msgget = syscall({
  name: 'msgget',
  args: [int('key'), flags('msgflg', { IPC_CREAT, IPC_EXCL })],
  run: (t, key, flags) => t.kernel.ipc.queues.get(t, key, 0, flags),
});

/** msgsnd(2). */
export const sys_msgsnd = syscall({
  name: 'msgsnd',
  args: [int('msqid'), ptr('msgp'), size('msgsz'), flags('msgflg', { IPC_NOWAIT })],
  run(t, id, at, length, flags) {
    const e = t.user.loadI64(at);
    if (e !== 0) return e;
    const type = t.user.value;
    const bad = checkMessage(type, length);
    if (bad !== 0 || id < 0) return EINVAL;
    const q = queueOf(t, id, IPC_W);
    if (isErr(q)) return q;
    if (!q.hasRoomFor(length)) return (flags & IPC_NOWAIT) !== 0 ? EAGAIN : wait(t, q);
    const bytes = new Uint8Array(length);
    const f = length === 0 ? 0 : t.user.copyIn(at + TEXT, bytes);
    if (f !== 0) return f;
    return q.send(t, type, bytes) ? 0 : ENOMEM;
  },
});

/** msgrcv(2): the number of bytes. */
export const sys_msgrcv = syscall({
  name: 'msgrcv',
  args: [int('msqid'), ptr('msgp'), size('msgsz'), long('msgtyp'), flags('msgflg', { IPC_NOWAIT, MSG_NOERROR, MSG_EXCEPT, MSG_COPY })],
  gaps: 'no MSG_COPY',
  run(t, id, at, room, type, flags) {
    if (id < 0 || room >= 2 ** 63) return EINVAL;
    if ((flags & MSG_COPY) !== 0) return ENOSYS;
    const q = queueOf(t, id, IPC_R);
    if (isErr(q)) return q;
    const index = q.choose(type, flags);
    if (index < 0) return (flags & IPC_NOWAIT) !== 0 ? ENOMSG : wait(t, q);
    const m = q.messages[index]!;
    if (m.bytes.length > room && (flags & MSG_NOERROR) === 0) return E2BIG;
    const n = Math.min(room, m.bytes.length);
    const e = t.user.storeI64(at, m.type) || (n === 0 ? 0 : t.user.copyOut(at + TEXT, m.bytes, 0, n));
    if (e !== 0 && e !== EFAULT) return e;
    q.take(t, index); // gone even if the copy failed, as on Linux
    return e !== 0 ? e : n;
  },
});

/** The queue; EIDRM if it vanished while the call slept. */
function queueOf(t: Task, id: number, want: number): Fallible<MsgQueue> {
  const before = t.restart?.data;
  if (before instanceof MsgQueue && before.removed) return EIDRM;
  return t.kernel.ipc.queues.findFor(t, id, want);
}

function wait(t: Task, q: MsgQueue): SysResult {
  t.record().data = q;
  const r = t.waitOn(q.waiters, 'msgop');
  return r === ERESTARTSYS ? EINTR : r; // never restarted (signal(7))
}

/** msgctl(2). */
export const sys_msgctl = syscall({
  name: 'msgctl',
  args: [int('msqid'), oneOf('cmd', COMMANDS), ptr('buf')],
  run(t, id, cmd, at) {
    const table = t.kernel.ipc.queues;
    switch (cmd) {
      case IPC_INFO: case MSG_INFO: return storeInfo(t, cmd, at);
      case IPC_STAT: return stat(t, table.findFor(t, id, IPC_R), at, 0);
      case MSG_STAT: case MSG_STAT_ANY: {
        const q = table.at(id);
        if (isErr(q)) return q;
        return stat(t, cmd === MSG_STAT ? table.findFor(t, q.id, IPC_R) : q, at, q.id);
      }
      case IPC_SET: return set(t, id, at);
      case IPC_RMID: {
        const q = table.findOwned(t, id);
        if (isErr(q)) return q;
        table.remove(q);
        q.dropAll(t);
        q.waiters.wake();
        return 0;
      }
      default: return EINVAL;
    }
  },
});

function set(t: Task, id: number, at: number): 0 | Errno {
  const e = t.user.copyIn(at, ds.bytes);
  if (e !== 0) return e;
  const q = t.kernel.ipc.queues.findOwned(t, id);
  if (isErr(q)) return q;
  if (ds.msg_qbytes > MSGMNB && !t.cred.has(CAP_SYS_RESOURCE)) return EPERM;
  q.maxBytes = ds.msg_qbytes;
  q.setPerm(t, ds.msg_perm);
  q.waiters.wake();
  return 0;
}

function stat(t: Task, q: Fallible<MsgQueue>, at: number, result: number): number {
  if (isErr(q)) return q;
  ds.zero();
  q.storePerm(ds.msg_perm);
  ds.msg_stime = q.stime;
  ds.msg_rtime = q.rtime;
  ds.msg_ctime = q.ctime;
  ds.msg_cbytes = q.bytesUsed;
  ds.msg_qnum = q.messages.length;
  ds.msg_qbytes = q.maxBytes;
  ds.msg_lspid = q.lastSender;
  ds.msg_lrpid = q.lastReceiver;
  return t.user.copyOut(at, ds.bytes) || result;
}

/** struct msginfo: seven ints and an unsigned short. MSG_INFO puts queues, messages and bytes in use into msgpool, msgmap and msgtql. */
function storeInfo(t: Task, cmd: number, at: number): number {
  const table = t.kernel.ipc.queues;
  let messages = 0, bytes = 0;
  for (const q of table.all()) {
    messages += q.messages.length;
    bytes += q.bytesUsed;
  }
  const used = cmd === MSG_INFO;
  const info = Int32Array.of(used ? table.count : (MSGMNI * MSGMNB) / 1024, used ? messages : MSGMNB, MSGMAX, MSGMNB, MSGMNI, 16, used ? bytes : MSGMNB, 0xffff);
  return t.user.copyOut(at, new Uint8Array(info.buffer)) || table.highestIndex;
}
