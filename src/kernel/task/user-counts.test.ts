// Limits that Linux sets too high for a test to reach there, and what is forgotten of users that keep nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENFILE, ENOSPC, isErr } from '../../abi/errno.ts';
import { IN_CREATE } from '../../abi/eventfd.ts';
import { EPOLLIN } from '../../abi/poll.ts';
import { FakeKernel } from '../ipc/test-util.ts';
import { EpollFile } from '../ipc/epoll.ts';
import { createPipe } from '../ipc/pipe.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import { InotifyFile } from '../vfs/inotify.ts';
import { UserLimits, UserTable } from './user-counts.ts';

test('epoll and inotify watches count for the user, not for the instance or the machine', () => {
  const k = new FakeKernel(), { limits } = k.users;
  limits.epollWatches = 1;
  limits.inotifyWatches = 1;
  const [a, b, other] = [k.spawn(1000), k.spawn(1000), k.spawn(1001)];
  const epolls = [a, b, other].map(t => new EpollFile(t));
  const pipe = createPipe(a, 0);
  assert.ok(!isErr(pipe));
  assert.deepEqual([a, b, other].map((t, i) => epolls[i]!.add(t, pipe.reader, 3, EPOLLIN, 0, 0)), [0, ENOSPC, 0]);
  epolls[0]!.delete(pipe.reader, 3);
  assert.equal(epolls[1]!.add(b, pipe.reader, 3, EPOLLIN, 0, 0), 0);

  const watchers = [a, b, other].map(t => new InotifyFile(anonInode(t.kernel, 0o600).get(), 0, k.users.of(t.cred.euid)));
  const [first, second] = [anonInode(a.kernel, 0o600).get(), anonInode(a.kernel, 0o600).get()];
  assert.deepEqual(watchers.map(w => w.add(first, IN_CREATE)), [1, ENOSPC, 1]);
  assert.equal(watchers[0]!.add(first, IN_CREATE), 1, 'a change is no new watch');
  assert.equal(watchers[0]!.add(second, IN_CREATE), ENOSPC);
  for (const file of [...epolls, ...watchers, pipe.reader, pipe.writer]) file.put();
  assert.equal(k.users.total, 0);
});

test('pipe-user-pages-hard refuses, and does not bind those with the capability', () => {
  const k = new FakeKernel();
  k.users.limits.pipePagesHard = 20;
  const user = k.spawn(1000), root = k.spawn(0);
  const one = createPipe(user, 0);
  assert.ok(!isErr(one));
  assert.equal(createPipe(user, 0), ENFILE);
  assert.ok(!isErr(createPipe(root, 0)) && !isErr(createPipe(root, 0)));
  one.reader.put();
  assert.equal(createPipe(user, 0), ENFILE);
  one.writer.put();
  assert.ok(!isErr(createPipe(user, 0)));
});

test('a thousand users come and go, those who keep something stay', () => {
  const users = new UserTable(new UserLimits(1));
  const kept = users.of(7);
  kept.signals++;
  for (let uid = 0; uid < 5000; uid++) users.of(uid);
  assert.equal(users.of(7), kept);
  assert.equal(users.total, 1);
  assert.ok((users as unknown as { byUid: Map<number, unknown> }).byUid.size <= 1025);
});
