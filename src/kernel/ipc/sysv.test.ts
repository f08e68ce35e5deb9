// System V semaphores and message queues.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { E2BIG, EACCES, EAGAIN, EEXIST, EIDRM, EINVAL, ENOENT, ENOMSG, ERANGE } from '../../abi/errno.ts';
import {
  GETALL, GETNCNT, GETVAL, GETZCNT, IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID, IPC_STAT, MSG_EXCEPT, MSG_NOERROR, SEM_UNDO, SETVAL,
} from '../../abi/ipc.ts';
import { sys_msgctl, sys_msgget, sys_msgrcv, sys_msgsnd } from '../syscall/ipc-msg.ts';
import { sys_semctl, sys_semget, sys_semop, sys_semtimedop } from '../syscall/ipc-sem.ts';
import type { Task } from '../task/task.ts';
import { call, FakeKernel } from './test-util.ts';

function ops(t: Task, list: [number, number, number?][]): number {
  const u = (t.kernel as unknown as FakeKernel).user;
  list.forEach(([num, op, flg = 0], i) => [num, op, flg].forEach((v, j) => u.storeU16(64 + 6 * i + 2 * j, v)));
  return list.length;
}
const semop = (t: Task, id: number, list: [number, number, number?][]): number | 'parked' => call(t, sys_semop, id, 64, ops(t, list));

test('semaphores: all or none, waiting for more and for zero, undo, removal', () => {
  const k = new FakeKernel(), t = k.spawn(), u = k.spawn();
  assert.equal(call(t, sys_semget, 7, 2, 0o600), ENOENT);
  const id = call(t, sys_semget, 7, 2, IPC_CREAT | 0o600) as number;
  assert.equal(call(t, sys_semget, 7, 2, IPC_CREAT | IPC_EXCL), EEXIST);
  assert.equal(call(t, sys_semget, 7, 3, 0), EINVAL);
  assert.equal(call(t, sys_semget, 7, 0, 0o600), id);
  assert.equal(call(k.spawn(5), sys_semget, 7, 0, 0o600), EACCES);
  assert.equal(semop(t, id, [[0, 1], [1, -1, IPC_NOWAIT]]), EAGAIN);
  assert.equal(call(t, sys_semctl, id, 0, GETVAL), 0);
  assert.equal(semop(t, id, [[0, 1], [1, -1]]), 'parked');
  assert.equal(call(u, sys_semctl, id, 1, GETNCNT), 1);
  assert.equal(semop(u, id, [[1, 3, SEM_UNDO]]), 0);
  assert.equal(t.state, 'R');
  assert.equal(semop(t, id, [[0, 1], [1, -1]]), 0);
  assert.equal(call(t, sys_semctl, id, 0, GETALL, 256), 0);
  assert.deepEqual([k.user.u32(256)], [1 | (2 << 16)]);
  k.ipc.semaphores.undo(u.process);
  assert.equal(call(t, sys_semctl, id, 1, GETVAL), 0);
  assert.equal(semop(t, id, [[0, 0]]), 'parked');
  assert.equal(call(u, sys_semctl, id, 0, GETZCNT), 1);
  assert.equal(call(u, sys_semctl, id, 0, SETVAL, 40000), ERANGE);
  assert.equal(call(u, sys_semctl, id, 0, SETVAL, 0), 0);
  assert.equal(semop(t, id, [[0, 0]]), 0);
  k.user.storeI64(512, 0);
  k.user.storeI64(520, 1_000_000);
  assert.equal(call(t, sys_semtimedop, id, 64, ops(t, [[0, -1]]), 512), 'parked');
  k.advance(1_000_000);
  assert.equal(call(t, sys_semtimedop, id, 64, 1, 512), EAGAIN);
  assert.equal(semop(t, id, [[0, -1]]), 'parked');
  assert.equal(call(u, sys_semctl, id, 0, IPC_RMID), 0);
  assert.equal(semop(t, id, [[0, -1]]), EIDRM);
  assert.equal(semop(t, id, [[0, -1]]), EINVAL);
});

test('message queues: types, truncation, waiting for room and for messages, removal', () => {
  const k = new FakeKernel(), t = k.spawn(), u = k.spawn();
  const id = call(t, sys_msgget, IPC_PRIVATE, 0o600) as number;
  const send = (who: Task, type: number, text: string, flags = 0): number | 'parked' => {
    k.user.storeI64(1024, type);
    k.user.write(1032, text);
    return call(who, sys_msgsnd, id, 1024, text.length, flags);
  };
  const receive = (who: Task, type: number, flags = 0, room = 99): string | number => {
    const n = call(who, sys_msgrcv, id, 2048, room, type, flags);
    return typeof n === 'number' && n >= 0 ? `${k.user.u32(2048)}:${k.user.text(2056, n)}` : n as number;
  };
  assert.equal(send(t, 0, 'x'), EINVAL);
  for (const [type, text] of [[3, 'three'], [1, 'one'], [2, 'two'], [1, 'uno']] as const) assert.equal(send(t, type, text), 0);
  assert.equal(receive(t, -2), '1:one');
  assert.equal(receive(t, 3, 0, 2), E2BIG);
  assert.equal(receive(t, 3, MSG_NOERROR, 2), '3:th');
  assert.equal(receive(t, 1, MSG_EXCEPT), '2:two');
  assert.equal(receive(t, 9, IPC_NOWAIT), ENOMSG);
  assert.equal(receive(u, 9), 'parked');
  assert.equal(send(t, 9, 'nine'), 0);
  assert.equal(u.state, 'R');
  assert.equal(receive(u, 9), '9:nine');
  assert.equal(send(t, 5, 'y'.repeat(8192)), 0);
  assert.equal(send(t, 5, 'y'.repeat(8192), IPC_NOWAIT), EAGAIN);
  assert.equal(send(t, 5, 'y'.repeat(8192)), 'parked');
  receive(u, 0);
  assert.equal(t.state, 'R');
  assert.equal(send(t, 5, 'y'.repeat(8192)), 0);
  assert.equal(call(t, sys_msgctl, id, IPC_STAT, 4096), 0);
  assert.equal(receive(u, 77), 'parked');
  assert.equal(call(t, sys_msgctl, id, IPC_RMID, 0), 0);
  assert.equal(receive(u, 77), EIDRM);
});
