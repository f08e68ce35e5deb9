// mq_open(2), mq_unlink(2), mq_timedsend(2), mq_timedreceive(2), mq_notify(2), mq_getsetattr(2).
import {
  type Errno, type Fallible, EACCES, EAGAIN, EBADF, EBUSY, EEXIST, EINVAL, EMFILE, EMSGSIZE, ENAMETOOLONG, ENOENT, ENOSPC, ENOSYS, ETIMEDOUT, isErr,
} from '../../abi/errno.ts';
import { CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { O_ACCMODE, O_CLOEXEC, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from '../../abi/fcntl.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import { RLIMIT_MSGQUEUE } from '../../abi/resource.ts';
import { NSIG, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, Sigevent } from '../../abi/signal.ts';
import { MessageQueue, MqFile, MQ_MSGSIZE_MAX, MQ_MSG_MAX, MQ_PRIO_MAX, MQ_QUEUES_MAX, mqueueBytes, RECEIVING } from '../ipc/mqueue.ts';
import type { Task } from '../task/task.ts';
import { fd, flags, inBuffer, inStruct, mode, outBuffer, ptr, size, string, syscall, uint } from './define.ts';
import { installFile } from './eventfd.ts';
import { callDeadline } from './ipc-time.ts';

const FLAGS = { O_RDONLY, O_WRONLY, O_RDWR, O_CLOEXEC, O_CREAT, O_EXCL, O_NONBLOCK };
/** struct mq_attr: longs mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs, and four reserved. */
const ATTR_LONGS = 8;

/** mq_open(2): the name comes without its slash. */
export const sys_mq_open = syscall({
  name: 'mq_open',
  args: [string('name'), flags('oflag', FLAGS), mode('mode'), ptr('attr')],
  gaps: 'there is no mqueue file system; names do not outlive the machine',
  run(t, nameAt, oflag, mode, attr) {
    const name = loadName(t, nameAt);
    if (isErr(name)) return name;
    const limits = (oflag & O_CREAT) === 0 || attr === 0 ? { max: MQ_MSG_MAX, size: MQ_MSGSIZE_MAX } : loadLimits(t, attr);
    if (isErr(limits)) return limits;
    const names = t.kernel.ipc.mqueues;
    let mq = names.get(name);
    if (mq !== undefined) {
      if ((oflag & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return EEXIST;
      if (!mayOpen(t, mq, oflag & O_ACCMODE)) return EACCES;
    } else {
      if ((oflag & O_CREAT) === 0) return ENOENT;
      const { ipc, users } = t.kernel;
      if (ipc.mqueueCount >= MQ_QUEUES_MAX && !t.cred.has(CAP_SYS_RESOURCE)) return ENOSPC;
      if (users.of(t.cred.uid).messageBytes + mqueueBytes(limits.max, limits.size) > t.process.rlimits[RLIMIT_MSGQUEUE]!.soft) return EMFILE;
      mq = new MessageQueue(t, mode & ~t.fs.umask & 0o777, limits.max, limits.size);
    }
    const fd = installFile(t, new MqFile(mq, name, oflag & (O_ACCMODE | O_NONBLOCK)), 'cloexec');
    if (fd >= 0 && !names.has(name)) {
      names.set(name, mq);
      mq.hold();
    }
    return fd;
  },
});

function loadName(t: Task, at: number): Fallible<string> {
  const name = t.user.string(at, NAME_MAX + 1, ENAMETOOLONG);
  if (isErr(name)) return name;
  if (name.length === 0) return ENOENT;
  return name.includes('/') ? EACCES : name;
}

function loadLimits(t: Task, attr: number): Fallible<{ max: number; size: number }> {
  const e = t.user.loadI64(attr + 8);
  if (e !== 0) return e;
  const max = t.user.value;
  const f = t.user.loadI64(attr + 16);
  if (f !== 0) return f;
  const length = t.user.value;
  const privileged = t.cred.has(CAP_SYS_RESOURCE);
  if (max <= 0 || length <= 0 || max > (privileged ? 65536 : MQ_MSG_MAX) || length > (privileged ? 16777216 : MQ_MSGSIZE_MAX)) return EINVAL;
  return { max, size: length };
}

function mayOpen(t: Task, mq: MessageQueue, access: number): boolean {
  const want = access === O_RDONLY ? 4 : access === O_WRONLY ? 2 : 6;
  const { uid, gid, mode } = mq.inode;
  const shift = t.cred.fsuid === uid ? 6 : t.cred.inGroup(gid) ? 3 : 0;
  return ((mode >> shift) & want) === want || t.cred.has(CAP_DAC_OVERRIDE);
}

/** mq_unlink(2). */
export const sys_mq_unlink = syscall({
  name: 'mq_unlink',
  args: [string('name')],
  run(t, nameAt) {
    const name = loadName(t, nameAt);
    if (isErr(name)) return name;
    const mq = t.kernel.ipc.mqueues.get(name);
    if (mq === undefined) return ENOENT;
    if (t.cred.fsuid !== mq.inode.uid && !t.cred.has(CAP_FOWNER)) return EACCES;
    t.kernel.ipc.mqueues.delete(name);
    mq.inode.nlink = 0;
    mq.drop();
    return 0;
  },
});

/** mq_timedsend(2): the timeout is a CLOCK_REALTIME instant. */
export const sys_mq_timedsend = syscall({
  name: 'mq_timedsend',
  args: [fd('mqdes'), inBuffer('msg_ptr', 2), size('msg_len'), uint('msg_prio'), ptr('abs_timeout')],
  run(t, fd, at, length, priority, timeout) {
    if (priority >= MQ_PRIO_MAX) return EINVAL;
    const deadline = callDeadline(t, timeout, 'realtime');
    if (deadline < 0) return deadline;
    const file = getQueue(t, fd);
    if (isErr(file)) return file;
    if (!file.isWritable) return EBADF;
    const e = file.mq.send(t, t.user.buffer(at, length), priority);
    if (e !== EAGAIN || (file.flags & O_NONBLOCK) !== 0) return e;
    return t.waitOnUntil(file.mq.waiters, deadline, 'mq_send', ETIMEDOUT);
  },
});

/** mq_timedreceive(2). */
export const sys_mq_timedreceive = syscall({
  name: 'mq_timedreceive',
  args: [fd('mqdes'), outBuffer('msg_ptr', 2), size('msg_len'), ptr('msg_prio'), ptr('abs_timeout')],
  run(t, fd, at, length, prioAt, timeout) {
    const deadline = callDeadline(t, timeout, 'realtime');
    if (deadline < 0) return deadline;
    const file = getQueue(t, fd);
    if (isErr(file)) return file;
    if (!file.isReadable) return EBADF;
    const { mq } = file;
    if (length < mq.maxSize) return EMSGSIZE;
    const m = mq.messages[0];
    if (m === undefined) return (file.flags & O_NONBLOCK) !== 0 ? EAGAIN : t.waitOnUntil(mq.waiters, deadline, RECEIVING, ETIMEDOUT);
    const e = (prioAt === 0 ? 0 : t.user.storeU32(prioAt, m.priority)) || (m.bytes.length === 0 ? 0 : t.user.copyOut(at, m.bytes));
    if (e !== 0) return e;
    mq.shift();
    return m.bytes.length;
  },
});

/** mq_notify(2). */
export const sys_mq_notify = syscall({
  name: 'mq_notify',
  args: [fd('mqdes'), inStruct('sevp', Sigevent)],
  gaps: 'SIGEV_THREAD, which needs a netlink socket, answers ENOSYS',
  run(t, fd, sevp) {
    const file = getQueue(t, fd);
    if (isErr(file)) return file;
    const { mq } = file;
    if (sevp === 0) {
      if (mq.notify?.process === t.process) mq.notify = null;
      return 0;
    }
    const s = Sigevent.view();
    const e = t.user.copyIn(sevp, s.bytes);
    if (e !== 0) return e;
    if (s.sigev_notify === SIGEV_THREAD) return ENOSYS;
    if (s.sigev_notify !== SIGEV_NONE && s.sigev_notify !== SIGEV_SIGNAL) return EINVAL;
    if (s.sigev_notify === SIGEV_SIGNAL && (s.sigev_signo < 0 || s.sigev_signo > NSIG)) return EINVAL;
    if (mq.notify !== null) return EBUSY;
    mq.notify = {
      process: t.process, file, signo: s.sigev_notify === SIGEV_NONE ? 0 : s.sigev_signo, valueLo: s.sigev_value_lo, valueHi: s.sigev_value_hi,
    };
    return 0;
  },
});

/** mq_getsetattr(2): of the attributes only O_NONBLOCK can be set. */
export const sys_mq_getsetattr = syscall({
  name: 'mq_getsetattr',
  args: [fd('mqdes'), ptr('newattr'), ptr('oldattr')],
  run(t, fd, newAttr, oldAttr) {
    const e = newAttr === 0 ? 0 : t.user.loadI64(newAttr);
    if (e !== 0) return e;
    const wanted = t.user.value;
    if (newAttr !== 0 && wanted !== 0 && wanted !== O_NONBLOCK) return EINVAL;
    const file = getQueue(t, fd);
    if (isErr(file)) return file;
    const f = oldAttr === 0 ? 0 : storeAttr(t, file, oldAttr);
    if (f !== 0) return f;
    if (newAttr !== 0) file.flags = (file.flags & ~O_NONBLOCK) | wanted;
    return 0;
  },
});

function storeAttr(t: Task, file: MqFile, at: number): 0 | Errno {
  const { maxMessages, maxSize, messages } = file.mq;
  const longs = [file.flags & O_NONBLOCK, maxMessages, maxSize, messages.length];
  for (let i = 0; i < ATTR_LONGS; i++) {
    const e = t.user.storeI64(at + 8 * i, longs[i] ?? 0);
    if (e !== 0) return e;
  }
  return 0;
}

function getQueue(t: Task, fd: number): Fallible<MqFile> {
  const file = t.files.get(fd);
  if (isErr(file)) return file;
  return file instanceof MqFile ? file : EBADF;
}
