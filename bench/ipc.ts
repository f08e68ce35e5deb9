// Suite ipc: what the kernel itself spends on pipes, sockets, futexes and epoll, on a kernel without a machine: no hart, no page tables.
// Wall time of the best of five.
import { AF_UNIX, SOCK_STREAM } from '../src/abi/socket.ts';
import { EPOLL_CTL_ADD, EPOLLIN } from '../src/abi/poll.ts';
import { FUTEX_WAIT, FUTEX_WAKE } from '../src/abi/futex.ts';
import { call, FakeKernel } from '../src/kernel/ipc/test-util.ts';
import { sys_epoll_create1, sys_epoll_ctl, sys_epoll_pwait } from '../src/kernel/syscall/epoll.ts';
import { sys_eventfd2 } from '../src/kernel/syscall/eventfd.ts';
import { sys_read } from '../src/kernel/syscall/fs-read.ts';
import { sys_write } from '../src/kernel/syscall/fs-write.ts';
import { sys_futex } from '../src/kernel/syscall/futex.ts';
import { sys_pipe2 } from '../src/kernel/syscall/ipc-pipe.ts';
import { sys_socketpair } from '../src/kernel/syscall/socket-create.ts';
import type { Report, Suite } from './suite.ts';

const BUF = 0x1000, FDS = 0x100;

export const suite: Suite = {
  name: 'ipc',
  run(report) {
    const k = new FakeKernel(), a = k.spawn(), b = k.spawn();
    b.files = a.files;
    const pair = (): [number, number] => [k.user.i32(FDS), k.user.i32(FDS + 4)];
    call(a, sys_pipe2, FDS, 0);
    const [r1, w1] = pair();
    call(a, sys_pipe2, FDS, 0);
    const [r2, w2] = pair();
    call(a, sys_socketpair, AF_UNIX, SOCK_STREAM, 0, FDS);
    const [s1, s2] = pair();
    best(report, 'pipe: write and read of 1 byte', 100_000, () => {
      call(a, sys_write, w1, BUF, 1);
      call(a, sys_read, r1, BUF, 1);
    });
    best(report, 'pipe: round trip of two tasks that sleep', 50_000, () => {
      call(b, sys_read, r1, BUF, 1);
      call(a, sys_write, w1, BUF, 1);
      call(a, sys_read, r2, BUF, 1);
      call(b, sys_read, r1, BUF, 1);
      call(b, sys_write, w2, BUF, 1);
      call(a, sys_read, r2, BUF, 1);
    });
    best(report, 'pipe: write and read of 64 KiB', 2_000, () => {
      call(a, sys_write, w1, BUF, 65536);
      call(a, sys_read, r1, BUF, 65536);
    });
    best(report, 'unix stream: write and read of 1 byte', 100_000, () => {
      call(a, sys_write, s1, BUF, 1);
      call(a, sys_read, s2, BUF, 1);
    });
    best(report, 'futex: wait and wake', 50_000, () => {
      call(a, sys_futex, 64, FUTEX_WAIT, 0, 0);
      call(b, sys_futex, 64, FUTEX_WAKE, 1);
      call(a, sys_futex, 64, FUTEX_WAIT, 0, 0);
    });
    const ep = call(a, sys_epoll_create1, 0) as number;
    k.user.storeU32(FDS, EPOLLIN);
    const idle = Array.from({ length: 900 }, () => call(a, sys_eventfd2, 0, 0) as number);
    for (const fd of idle) call(a, sys_epoll_ctl, ep, EPOLL_CTL_ADD, fd, FDS);
    k.user.storeU32(BUF, 1);
    best(report, 'epoll: one of 900 files becomes ready', 50_000, () => {
      call(a, sys_write, idle[450]!, BUF, 8);
      call(a, sys_epoll_pwait, ep, BUF + 64, 8, -1, 0, 8);
      call(a, sys_read, idle[450]!, BUF, 8);
    });
  },
};

function best(report: Report, what: string, count: number, work: () => void): void {
  let ms = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    for (let n = 0; n < count; n++) work();
    ms = Math.min(ms, performance.now() - start);
  }
  report(what, ms * 1e6 / count, 'ns');
}
