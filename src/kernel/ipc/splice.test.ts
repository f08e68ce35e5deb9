// splice, tee and vmsplice.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { EAGAIN, EINVAL, EPIPE, ESPIPE } from '../../abi/errno.ts';
import { AF_UNIX, SOCK_STREAM } from '../../abi/socket.ts';
import { sys_pipe2 } from '../syscall/ipc-pipe.ts';
import { sys_socketpair } from '../syscall/socket-create.ts';
import { sys_splice, sys_tee, sys_vmsplice } from '../syscall/splice.ts';
import type { Task } from '../task/task.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { call, FakeKernel } from './test-util.ts';

const NONBLOCK = 2;
const put = (t: Task, fd: number, s: string): number => (t.files.get(fd) as OpenFile).write(t, new KernelBuffer(new TextEncoder().encode(s)), 0);
function get(t: Task, fd: number): string | number {
  const io = new KernelBuffer(new Uint8Array(99));
  const n = (t.files.get(fd) as OpenFile).read(t, io, 0);
  return n < 0 ? n : new TextDecoder().decode(io.bytes.subarray(0, n));
}

test('splice: pipe to pipe, pipe to socket and back; tee keeps its source', () => {
  const k = new FakeKernel(), t = k.spawn(), u = k.user;
  call(t, sys_pipe2, 16, 0); // 0, 1
  call(t, sys_pipe2, 16, 0); // 2, 3
  call(t, sys_socketpair, AF_UNIX, SOCK_STREAM, 0, 16); // 4, 5
  put(t, 1, 'abcdef');
  assert.equal(call(t, sys_tee, 0, 3, 4, 0), 4);
  assert.equal(call(t, sys_splice, 0, 0, 3, 0, 2, 0), 2);
  assert.equal(get(t, 2), 'abcdab');
  assert.equal(call(t, sys_splice, 0, 0, 4, 0, 100, 0), 4);
  assert.equal(get(t, 5), 'cdef');
  assert.equal(call(t, sys_splice, 0, 0, 4, 0, 100, NONBLOCK), EAGAIN);
  assert.equal(call(t, sys_splice, 0, 0, 4, 0, 100, 0), 'parked');
  put(t, 1, 'x');
  assert.equal(t.state, 'R');
  assert.equal(call(t, sys_splice, 0, 0, 4, 0, 100, 0), 1);
  put(t, 5, 'from socket');
  assert.equal(call(t, sys_splice, 4, 0, 3, 0, 100, 0), 11);
  assert.equal(get(t, 2), 'from socket');
  assert.equal(call(t, sys_splice, 0, 0, 1, 0, 9, NONBLOCK), EINVAL);
  assert.equal(call(t, sys_splice, 4, 0, 5, 0, 9, 0), EINVAL);
  assert.equal(call(t, sys_splice, 0, 64, 3, 0, 9, 0), ESPIPE);
  u.write(512, 'memory');
  u.storeI64(256, 512);
  u.storeI64(264, 6);
  assert.equal(call(t, sys_vmsplice, 1, 256, 1, 0), 6);
  assert.equal(call(t, sys_vmsplice, 0, 256, 1, 0), 6);
  assert.equal(u.text(512, 6), 'memory');
  const reader = t.files.remove(2) as OpenFile;
  reader.put();
  put(t, 1, 'x');
  assert.equal(call(t, sys_splice, 0, 0, 3, 0, 1, 0), EPIPE);
  assert.equal(get(t, 0), 'x');
});
