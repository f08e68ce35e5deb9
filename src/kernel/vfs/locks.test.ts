// Locks: flock by description, record locks by process and by description, waiting and deadlock.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { errnoName } from '../../abi/errno.ts';
import {
  AT_FDCWD, F_GETLK, F_OFD_SETLK, F_RDLCK, F_SETLK, F_SETLKW, F_UNLCK, F_WRLCK, Flock, LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, O_CREAT, O_RDWR,
} from '../../abi/fcntl.ts';
import { FsWorld } from '../../fs/test-util.ts';
import { sys_fcntl, sys_flock } from '../syscall/fs-fcntl.ts';
import { sys_close, sys_dup, sys_openat } from '../syscall/fs-open.ts';

const show = (r: number): string => r < 0 ? errnoName(r) : 'ok';
function lock(type: number, start: number, len: number): Uint8Array {
  const b = new Uint8Array(Flock.size);
  const v = Flock.view(b);
  v.l_type = type;
  v.l_start = start;
  v.l_len = len;
  return b;
}
const open = (w: FsWorld): number => w.call(sys_openat, AT_FDCWD, '/f', O_CREAT | O_RDWR, 0o600);

/** Locks of the file as rows [owner index, type, start, end]. */
function getlk(w: FsWorld, fd: number, type: number, start: number, len: number): string {
  const at = w.place(lock(type, start, len));
  assert.equal(sys_fcntl.run(w.t, fd, F_GETLK, at, 0, 0, 0), 0);
  const v = Flock.view(w.bytesAt(at, Flock.size));
  return v.l_type === F_UNLCK ? 'free' : `${v.l_type === F_WRLCK ? 'W' : 'R'} ${v.l_start}+${v.l_len} pid ${v.l_pid}`;
}

test('flock: shared, exclusive, converted, released with the last descriptor', () => {
  const w = new FsWorld();
  const [a, b] = [open(w), open(w)];
  const op = (fd: number, what: number): string => show(w.call(sys_flock, fd, what | LOCK_NB));
  assert.equal(op(a, LOCK_SH), 'ok');
  assert.equal(op(b, LOCK_SH), 'ok');
  assert.equal(op(a, LOCK_EX), 'EAGAIN');
  assert.equal(op(b, LOCK_UN), 'ok');
  assert.equal(op(a, LOCK_EX), 'ok');
  assert.equal(op(b, LOCK_SH), 'EAGAIN');
  const c = w.call(sys_dup, a);
  w.call(sys_close, a);
  assert.equal(op(b, LOCK_SH), 'EAGAIN');
  w.call(sys_close, c);
  assert.equal(op(b, LOCK_EX), 'ok');
});

test('record locks: split, merge, conflict, and close drops them all', () => {
  const w = new FsWorld();
  const fd = open(w);
  const [one, two] = [w.t, w.newTask()];
  const set = (type: number, start: number, len: number): string => show(w.call(sys_fcntl, fd, F_SETLK, lock(type, start, len)));
  assert.equal(set(F_WRLCK, 0, 100), 'ok');
  assert.equal(set(F_UNLCK, 40, 20), 'ok');
  assert.equal(set(F_RDLCK, 10, 5), 'ok');
  w.become(two);
  const other = open(w);
  assert.equal(getlk(w, other, F_WRLCK, 0, 0), 'W 0+10 pid 100');
  assert.equal(getlk(w, other, F_RDLCK, 10, 5), 'free');
  assert.equal(getlk(w, other, F_WRLCK, 10, 5), 'R 10+5 pid 100');
  assert.equal(getlk(w, other, F_WRLCK, 40, 20), 'free');
  assert.equal(getlk(w, other, F_WRLCK, 55, 10), 'W 60+40 pid 100');
  assert.equal(show(w.call(sys_fcntl, other, F_SETLK, lock(F_WRLCK, 90, 0))), 'EAGAIN');
  assert.equal(show(w.call(sys_fcntl, other, F_SETLK, lock(F_WRLCK, 100, 0))), 'ok');
  w.become(one);
  assert.equal(getlk(w, fd, F_WRLCK, 0, 0), 'W 100+0 pid 101');
  w.call(sys_close, w.call(sys_dup, fd));
  w.become(two);
  assert.equal(getlk(w, other, F_WRLCK, 0, 100), 'free');
});

test('record locks: waiting, and a deadlock is seen', () => {
  const w = new FsWorld();
  const [one, two] = [w.t, w.newTask()];
  const fd = open(w);
  w.become(two);
  assert.equal(open(w), fd);
  const set = (t: typeof one, start: number): string => {
    w.become(t);
    return show(w.call(sys_fcntl, fd, F_SETLKW, lock(F_WRLCK, start, 1)));
  };
  assert.equal(set(one, 0), 'ok');
  assert.equal(set(two, 1), 'ok');
  assert.equal(set(one, 1), 'BLOCKED');
  assert.equal(one.parkedOn.length, 1);
  one.state = 'S';
  assert.equal(set(two, 0), 'EDEADLK');
  w.call(sys_close, fd);
  assert.equal(one.parkedOn.length, 0);
  assert.equal(set(one, 1), 'ok');
});

test('OFD locks belong to the description', () => {
  const w = new FsWorld();
  const [a, b] = [open(w), open(w)];
  assert.equal(show(w.call(sys_fcntl, a, F_OFD_SETLK, lock(F_WRLCK, 0, 10))), 'ok');
  assert.equal(show(w.call(sys_fcntl, b, F_OFD_SETLK, lock(F_RDLCK, 5, 1))), 'EAGAIN');
  assert.equal(getlk(w, b, F_RDLCK, 5, 1), 'W 0+10 pid -1');
  w.call(sys_close, a);
  assert.equal(show(w.call(sys_fcntl, b, F_OFD_SETLK, lock(F_RDLCK, 5, 1))), 'ok');
  w.call(sys_close, b);
});
