// poll(2), epoll(7), eventfd(2): asm-generic/poll.h, linux/eventpoll.h.

import { i16, i32, raw64, struct, u32 } from '../lib/struct.ts';


// poll(2) events
export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
export const POLLRDNORM = 0x40;
export const POLLRDBAND = 0x80;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
export const POLLMSG = 0x400;
export const POLLREMOVE = 0x1000;
export const POLLRDHUP = 0x2000;

// epoll(7); the first dozen equal the poll(2) events
export const EPOLLIN = 0x1;
export const EPOLLPRI = 0x2;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLNVAL = 0x20;
export const EPOLLRDNORM = 0x40;
export const EPOLLRDBAND = 0x80;
export const EPOLLWRNORM = 0x100;
export const EPOLLWRBAND = 0x200;
export const EPOLLMSG = 0x400;
export const EPOLLRDHUP = 0x2000;
export const EPOLLEXCLUSIVE = 0x10000000;
export const EPOLLWAKEUP = 0x20000000;
export const EPOLLONESHOT = 0x40000000;
export const EPOLLET = 0x80000000;

// epoll_ctl(2), epoll_create1(2)
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLL_CLOEXEC = 0o2000000;

/** poll(2). */
export const Pollfd = struct('pollfd', { fd: i32, events: i16, revents: i16 });
/** epoll_wait(2); packed on x86 only, here 16 bytes. */
export const EpollEvent = struct('epoll_event', { events: u32, data: raw64 });
/** pselect6(2): what its sixth argument points to. */
export const SigsetArgpack = struct('sigset_argpack', { p: raw64, size: raw64 });
