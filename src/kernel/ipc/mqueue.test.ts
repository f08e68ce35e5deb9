// POSIX message queues.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { EAGAIN, EBUSY, EEXIST, EINVAL, EMSGSIZE, ENOENT, ETIMEDOUT } from '../../abi/errno.ts';
import { O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR } from '../../abi/fcntl.ts';
import { SIGUSR1 } from '../../abi/signal.ts';
import {
  sys_mq_getsetattr, sys_mq_notify, sys_mq_open, sys_mq_timedreceive, sys_mq_timedsend, sys_mq_unlink,
} from '../syscall/ipc-mqueue.ts';
import { sys_read } from '../syscall/fs-read.ts';
import type { Task } from '../task/task.ts';
import { call, FakeKernel } from './test-util.ts';

test('message queues: priorities, waiting, limits, notification, names', () => {
  const k = new FakeKernel(), t = k.spawn(), u = k.spawn();
  u.files = t.files;
  k.user.write(64, 'q\0');
  [0, 2, 8].forEach((v, i) => k.user.storeI64(128 + 8 * i, v));
  assert.equal(call(t, sys_mq_open, 64, O_RDWR, 0, 0), ENOENT);
  const q = call(t, sys_mq_open, 64, O_RDWR | O_CREAT, 0o600, 128) as number;
  assert.equal(call(t, sys_mq_open, 64, O_RDWR | O_CREAT | O_EXCL, 0o600, 128), EEXIST);
  const send = (who: Task, text: string, priority: number): number | 'parked' => {
    k.user.write(512, text);
    return call(who, sys_mq_timedsend, q, 512, text.length, priority, 0);
  };
  const receive = (who: Task): string | number => {
    const n = call(who, sys_mq_timedreceive, q, 1024, 8, 256, 0);
    return typeof n === 'number' && n >= 0 ? `${k.user.u32(256)}:${k.user.text(1024, n)}` : n as number;
  };
  assert.equal(send(t, 'too long!', 0), EMSGSIZE);
  assert.equal(send(t, 'x', 99999), EINVAL);
  assert.equal(receive(u), 'parked');
  assert.equal(send(t, 'low', 1), 0);
  assert.equal(u.state, 'R');
  assert.equal(send(t, 'high', 9), 0);
  assert.equal(send(t, 'more', 9), 'parked');
  assert.equal(receive(u), '9:high');
  assert.equal(t.state, 'R');
  assert.equal(send(t, 'more', 9), 0);
  assert.equal(receive(u), '9:more');
  assert.equal(receive(u), '1:low');
  k.user.storeU32(308, 0);
  k.user.storeU32(312, 0);
  [0, 0, SIGUSR1, 0].forEach((v, i) => k.user.storeU32(300 + 4 * i, v));
  assert.equal(call(u, sys_mq_notify, q, 300), 0);
  assert.equal(call(t, sys_mq_notify, q, 300), EBUSY);
  u.sigmaskLo = -1;
  send(t, 'a', 0);
  send(t, 'b', 0);
  assert.equal(call(t, sys_read, q, 4096, 200), 60);
  assert.match(k.user.text(4096, 60), /^QSIZE:2 +NOTIFY:0 +SIGNO:0 +NOTIFY_PID:0 +\n$/);
  assert.equal(call(t, sys_read, q, 4096, 200), 0);
  assert.deepEqual(u.process.pending.infos.map(i => i.signo), [SIGUSR1]);
  receive(u);
  receive(u);
  k.user.storeI64(700, 0);
  k.user.storeI64(708, 5_000_000);
  assert.equal(call(t, sys_mq_timedreceive, q, 1024, 8, 0, 700), 'parked');
  k.advance(5_000_000);
  assert.equal(call(t, sys_mq_timedreceive, q, 1024, 8, 0, 700), ETIMEDOUT);
  k.user.storeI64(128, O_NONBLOCK);
  assert.equal(call(t, sys_mq_getsetattr, q, 128, 800), 0);
  assert.deepEqual([k.user.u32(800), k.user.u32(808), k.user.u32(816)], [0, 2, 8]);
  assert.equal(receive(t), EAGAIN);
  assert.equal(call(t, sys_mq_unlink, 64), 0);
  assert.equal(call(t, sys_mq_unlink, 64), ENOENT);
});
