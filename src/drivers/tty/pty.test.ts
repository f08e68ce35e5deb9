// Pseudo terminals and job control at them: pty(7), tty_ioctl(4), POSIX XBD 11.1. Packet events and end-of-life answers as recorded on Linux.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EBUSY, EFAULT, EINVAL, EIO, ENOTTY, EPERM, ERESTARTSYS, ESRCH } from '../../abi/errno.ts';
import * as io from '../../abi/ioctl.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { SIGHUP, SIGTTIN, SIGTTOU, SIGWINCH, SIG_IGN } from '../../abi/signal.ts';
import { IXON, TCIFLUSH, TCOFLUSH, Termios2, TOSTOP } from '../../abi/termios.ts';
import { credentialsFor } from '../../kernel/security/credentials.ts';
import { ProcessGroup } from '../../kernel/task/process.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { PtyBench } from './test-util.ts';

/** Anywhere in the user page. */
const AT = 512;
const ioctl = (b: PtyBench, file: OpenFile, cmd: number, arg = AT, t = b.leader): number => {
  b.k.current = t;
  return file.ioctl(t, cmd, arg);
};

test('the slave is locked at first and can be asked for its number', () => {
  const b = new PtyBench();
  b.k.user.storeU32(AT, 1);
  assert.equal(ioctl(b, b.master, io.TIOCSPTLCK), 0);
  assert.equal(b.pty.openSlave(b.leader, b.slave.inode, 2), EIO);
  assert.equal(ioctl(b, b.master, io.TIOCGPTLCK), 0);
  assert.equal(b.k.user.u32(AT), 1);
  assert.equal(ioctl(b, b.master, io.TIOCGPTN), 0);
  assert.equal(b.k.user.u32(AT), 0);
});

test('the master reads EIO after the last slave has gone, writes go on, and a new slave finds what was there', () => {
  const b = new PtyBench();
  b.type('typed\n');
  b.slave.put();
  assert.equal(b.screen(), 'typed\r\n');
  assert.equal(b.screen(), EIO);
  assert.equal(b.master.poll(), POLLHUP | POLLOUT | POLLWRNORM);
  assert.equal(b.type('more\n'), 5);
  b.slave = b.openSlave();
  assert.equal(b.read(), 'typed\n');
  assert.equal(b.read(), 'more\n');
  assert.equal(b.screen(), 'more\r\n');
  assert.equal(b.screen(), EAGAIN);
});

test('closing the master hangs up: SIGHUP and SIGCONT for the leader, the dead line for everybody else', () => {
  const b = new PtyBench();
  const { tty } = b.pty;
  tty.acquire(b.leader.process);
  const job = b.process(b.leader.process.session, b.leader.process);
  tty.foreground = job.process.group;
  b.type('unread\n');
  b.master.put();
  assert.deepEqual(b.signals(b.leader), [SIGHUP]); // the SIGCONT is ignored by default
  assert.deepEqual(b.signals(job), []);
  assert.equal(b.leader.process.session.tty, null);
  assert.equal(b.leader.process.session.oldForeground, job.process.group);
  assert.equal(b.read(), '');
  assert.equal(b.print('x'), EIO);
  assert.equal(b.slave.poll(b.leader), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM);
  assert.equal(ioctl(b, b.slave, io.TCGETS), EIO);
  assert.equal(ioctl(b, b.slave, io.TIOCSPGRP), ENOTTY);
  assert.equal(b.pty.table.ptys.size, 0);
});

test('packet mode: data behind a 0, events alone and in order of happening', () => {
  const b = new PtyBench();
  b.k.user.storeU32(AT, 1);
  assert.equal(ioctl(b, b.master, io.TIOCPKT), 0);
  b.print('hi');
  assert.equal(b.screen(), '\0hi');
  b.type('\x13');
  assert.equal(b.screen(), '\x04');
  b.type('\x11');
  assert.equal(b.screen(), '\x08');
  b.type('\x13\x11');
  assert.equal(b.screen(), '\x08');
  assert.equal(ioctl(b, b.slave, io.TCFLSH, TCIFLUSH), 0);
  assert.equal(b.screen(), '\x01');
  assert.equal(ioctl(b, b.slave, io.TCFLSH, TCOFLUSH), 0);
  assert.equal(b.screen(), '\x02');
  for (const event of ['\x10', ' ']) {
    const v = Termios2.view();
    assert.equal(ioctl(b, b.slave, io.TCGETS), 0);
    b.k.user.copyIn(AT, v.bytes);
    v.c_iflag ^= IXON;
    b.k.user.copyOut(AT, v.bytes);
    assert.equal(ioctl(b, b.slave, io.TCSETS), 0);
    assert.equal(b.screen(), event);
  }
  b.type('\x03');
  assert.equal(b.screen(), '\x03');
  assert.equal(b.screen(), '\0^C');
});

test('window size: shared by both sides, SIGWINCH to the foreground only when it changes', () => {
  const b = new PtyBench();
  b.pty.tty.acquire(b.leader.process);
  b.leader.handlers.actions[SIGWINCH]!.handler = 4096;
  b.k.user.copyOut(AT, Uint8Array.of(24, 0, 80, 0, 0, 0, 0, 0));
  assert.equal(ioctl(b, b.master, io.TIOCSWINSZ), 0);
  assert.deepEqual(b.signals(b.leader), [SIGWINCH]);
  b.leader.process.pending.infos.length = b.leader.process.pending.lo = 0;
  assert.equal(ioctl(b, b.slave, io.TIOCSWINSZ), 0);
  assert.deepEqual(b.signals(b.leader), []);
  assert.equal(ioctl(b, b.slave, io.TIOCGWINSZ, AT + 8), 0);
  assert.deepEqual([...b.k.user.bytes.subarray(AT + 8, AT + 16)], [24, 0, 80, 0, 0, 0, 0, 0]);
});

test('settings: speeds follow their codes; TIOCSTI and exclusive use are for the privileged', () => {
  const b = new PtyBench();
  assert.equal(ioctl(b, b.slave, io.TCGETS2), 0);
  const v = Termios2.view();
  b.k.user.copyIn(AT, v.bytes);
  assert.deepEqual([v.c_iflag, v.c_cflag, v.c_ospeed], [0o2400, 0o277, 38_400]);
  v.c_cflag = 0o10002 | 0o260;
  b.k.user.copyOut(AT, v.bytes);
  assert.equal(ioctl(b, b.slave, io.TCSETS2), 0);
  assert.equal(b.pty.tty.settings.ospeed, 115_200);
  b.k.user.storeU8(AT, 0x61);
  assert.equal(ioctl(b, b.slave, io.TIOCSTI), 0);
  assert.equal(b.screen(), 'a');
  assert.equal(ioctl(b, b.slave, io.TIOCEXCL), 0);
  b.leader.cred = credentialsFor(1000, 1000);
  assert.equal(b.pty.openSlave(b.leader, b.slave.inode, 2), EBUSY);
  assert.equal(ioctl(b, b.slave, io.TIOCSTI), EIO);
});

test('the controlling terminal: leaders only, one session only, unless root steals it', () => {
  const b = new PtyBench();
  assert.equal(ioctl(b, b.slave, io.TIOCGPGRP), ENOTTY);
  assert.equal(ioctl(b, b.slave, io.TIOCSCTTY, 0), 0);
  assert.equal(ioctl(b, b.slave, io.TIOCSCTTY, 0), 0);
  assert.equal(ioctl(b, b.slave, io.TIOCGSID), 0);
  assert.equal(b.k.user.u32(AT), b.leader.process.session.id);
  const member = b.process(b.leader.process.session, b.leader.process);
  const other = b.process(null);
  assert.equal(ioctl(b, b.slave, io.TIOCSCTTY, 0, member), EPERM);
  assert.equal(ioctl(b, b.slave, io.TIOCSCTTY, 0, other), EPERM);
  other.cred = credentialsFor(1000, 1000);
  assert.equal(ioctl(b, b.slave, io.TIOCSCTTY, 1, other), EPERM);
  other.cred = credentialsFor(0, 0);
  assert.equal(ioctl(b, b.slave, io.TIOCSCTTY, 1, other), 0);
  assert.equal(b.leader.process.session.tty, null);
  member.process.group = new ProcessGroup(member.process.pid, other.process.session);
  assert.equal(ioctl(b, b.slave, io.TIOCNOTTY, 0, member), 0); // for itself alone
  assert.equal(ioctl(b, b.slave, io.TIOCGSID, AT, member), ENOTTY);
  assert.equal(ioctl(b, b.slave, io.TIOCGSID, AT, other), 0);
  assert.equal(ioctl(b, b.slave, io.TIOCNOTTY, 0, other), 0);
  assert.deepEqual(b.signals(other), [SIGHUP]);
  assert.equal(b.pty.tty.session, null);
});

test('tcsetpgrp: only groups of the session', () => {
  const b = new PtyBench();
  b.pty.tty.acquire(b.leader.process);
  const job = b.process(b.leader.process.session, b.leader.process);
  const stranger = b.process(null);
  const set = (id: number): number => {
    b.k.user.storeU32(AT, id);
    return ioctl(b, b.slave, io.TIOCSPGRP);
  };
  assert.equal(set(-1), EINVAL);
  assert.equal(set(9999), ESRCH);
  assert.equal(set(stranger.process.pid), EPERM);
  assert.equal(ioctl(b, b.slave, io.TIOCSPGRP, 2 ** 30), EFAULT);
  assert.equal(set(job.process.pid), 0);
  assert.equal(b.pty.tty.foreground, job.process.group);
  assert.equal(ioctl(b, b.slave, io.TIOCSPGRP, AT, stranger), ENOTTY);
});

test('background: reading stops with SIGTTIN, EIO if that is ignored or the group is orphaned', () => {
  const b = new PtyBench();
  const { tty } = b.pty;
  tty.acquire(b.leader.process);
  b.type('line\n');
  const job = b.process(b.leader.process.session, b.leader.process);
  assert.equal(b.read(9, job), ERESTARTSYS);
  assert.deepEqual(b.signals(job), [SIGTTIN]);
  job.process.pending.infos.length = job.process.pending.lo = 0;
  job.handlers.actions[SIGTTIN]!.handler = SIG_IGN;
  assert.equal(b.read(9, job), EIO);
  job.handlers.actions[SIGTTIN]!.handler = 0;
  job.process.parent = b.process(null).process;
  assert.equal(b.read(9, job), EIO);
  tty.foreground = job.process.group;
  assert.equal(b.read(9, job), 'line\n');
});

test('background: writing is free without TOSTOP; settings and TOSTOP output raise SIGTTOU unless it is ignored', () => {
  const b = new PtyBench();
  const { tty } = b.pty;
  tty.acquire(b.leader.process);
  const job = b.process(b.leader.process.session, b.leader.process);
  assert.equal(b.print('x', job), 1);
  tty.settings.lflag |= TOSTOP;
  assert.equal(b.print('x', job), ERESTARTSYS);
  assert.deepEqual(b.signals(job), [SIGTTOU]);
  job.handlers.actions[SIGTTOU]!.handler = SIG_IGN;
  assert.equal(b.print('x', job), 1);
  assert.equal(ioctl(b, b.slave, io.TCGETS, AT, job), 0);
  assert.equal(ioctl(b, b.slave, io.TCSETS, AT, job), 0);
  job.handlers.actions[SIGTTOU]!.handler = 0;
  job.process.parent = b.process(null).process;
  assert.equal(ioctl(b, b.slave, io.TCSETS, AT, job), EIO);
});
