// Structs of src/abi as arguments: laid out as the tables say, their fields filled with what the names suggest, then broken here and there.
import * as capability from '../../src/abi/capability.ts';
import * as eventfd from '../../src/abi/eventfd.ts';
import * as fb from '../../src/abi/fb.ts';
import * as fcntl from '../../src/abi/fcntl.ts';
import * as filter from '../../src/abi/filter.ts';
import * as futex from '../../src/abi/futex.ts';
import * as fsverity from '../../src/abi/fsverity.ts';
import * as input from '../../src/abi/input.ts';
import * as ipc from '../../src/abi/ipc.ts';
import * as landlock from '../../src/abi/landlock.ts';
import { Iovec } from '../../src/abi/limits.ts';
import * as loop from '../../src/abi/loop.ts';
import * as mount from '../../src/abi/mount.ts';
import * as packet from '../../src/abi/packet.ts';
import * as poll from '../../src/abi/poll.ts';
import * as resource from '../../src/abi/resource.ts';
import * as sched from '../../src/abi/sched.ts';
import * as seccomp from '../../src/abi/seccomp.ts';
import * as signal from '../../src/abi/signal.ts';
import * as socket from '../../src/abi/socket.ts';
import * as termios from '../../src/abi/termios.ts';
import * as time from '../../src/abi/time.ts';
import * as userfaultfd from '../../src/abi/userfaultfd.ts';
import type { Field, Fields, Scalar, Struct } from '../../src/lib/struct.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import type { Dice } from './dice.ts';
import { PAGE, POOL, STACKS } from './layout.ts';
import { LOOP } from './program.ts';
import type { Resources } from './resources.ts';

const isStruct = (x: unknown): x is Struct<Fields> => typeof x === 'object' && x !== null && (x as { kind?: unknown }).kind === 'struct';
const MODULES = [capability, eventfd, fcntl, fb, filter, fsverity, input, packet, futex, ipc, landlock, loop, mount, poll, resource, sched, seccomp, signal, socket, termios, time, userfaultfd];
const ALL: readonly Struct<Fields>[] = MODULES.flatMap(m => Object.values(m).filter(isStruct));

/** Which struct an untyped pointer leads to, by `call.argument`; the first that matches. */
const BEHIND: readonly [RegExp, readonly Struct<Fields>[]][] = ([
  [/^clone3\./, [sched.CloneArgs]], [/^landlock_create/, [landlock.LandlockRulesetAttr]], [/^landlock_add/, [landlock.LandlockPathBeneath, landlock.LandlockNetPort]],
  [/^seccomp\./, [filter.SockFprog]], [/^prctl\./, [filter.SockFprog]], [/^ppoll\.fds/, [poll.Pollfd]], [/^(send|recv)mmsg\.msgvec/, [socket.Mmsghdr]], [/^(send|recv)msg/, [socket.Msghdr]],
  [/^sem(op|timedop)\.sops/, [ipc.Sembuf]], [/^shmctl/, [ipc.ShmidDs]], [/^msgctl/, [ipc.MsqidDs]], [/^semctl/, [ipc.SemidDs]], [/^cap.*hdr/, [capability.CapUserHeader]],
  [/^cap.*data/, [capability.CapUserData]], [/^setsockopt/, [socket.Linger, socket.Ucred, time.Timeval, filter.SockFprog]], [/^set_robust/, [futex.RobustListHead]],
  [/^rseq/, [futex.Rseq]], [/^futex_waitv\.waiters/, [futex.FutexWaitv]], [/^mount_setattr/, [mount.MountAttr]], [/adjtime/, [time.Timex]],
  [/^ioctl/, [termios.Termios, termios.Winsize, userfaultfd.UffdioApi, userfaultfd.UffdioRegister, userfaultfd.UffdioRange, userfaultfd.UffdioCopy, userfaultfd.UffdioZeropage,
    userfaultfd.UffdioWriteprotect, loop.LoopConfig, loop.LoopInfo64, seccomp.SeccompNotif, seccomp.SeccompNotifResp, seccomp.SeccompNotifAddfd]],
  [/^fcntl/, [fcntl.Flock, fcntl.FOwnerEx]], [/^(rt_.*queueinfo|pidfd_send).*info/, [signal.SiginfoQueue]], [/iov/, [Iovec]], [/sigmask/, [poll.SigsetArgpack]],
  [/\.(timeout|tmo_p|abs_timeout|times|utmo)/, [time.Timespec]],
] as [RegExp, readonly Struct<Fields>[]][]);

/** Lays things down in the caller's memory; answers where. */
export interface Paper { put(bytes: Uint8Array): number }

export class Structs {
  private readonly dice: Dice;
  private readonly there: Resources;
  private readonly paper: Paper;
  constructor(dice: Dice, there: Resources, paper: Paper) {
    this.dice = dice;
    this.there = there;
    this.paper = paper;
  }

  /** What an untyped pointer of a call may lead to. */
  behind(call: string, argument: string): Struct<Fields> {
    return this.dice.pick(BEHIND.find(([name]) => name.test(`${call}.${argument}`))?.[1] ?? ALL);
  }

  /** `count` of them in a row. */
  bytes(t: Task, call: string, s: Struct<Fields>, count: number): Uint8Array {
    const out = new Uint8Array(s.size * count);
    for (let i = 0; i < count; i++) this.fill(t, call, s, out, s.size * i);
    if (this.dice.oneIn(10)) for (let i = this.dice.below(3); i >= 0; i--) out[this.dice.below(out.length)] = this.dice.word();
    return out;
  }

  sockaddr(t: Task): Uint8Array {
    const { dice } = this;
    const s = dice.pick([socket.SockaddrUn, socket.SockaddrUn, socket.SockaddrIn, socket.SockaddrIn6, socket.SockaddrNl, socket.Sockaddr]) as Struct<Fields>;
    const out = this.bytes(t, 'sockaddr', s, 1);
    const family = new Map<Struct<Fields>, number>([[socket.SockaddrUn, 1], [socket.SockaddrIn, 2], [socket.SockaddrIn6, 10], [socket.SockaddrNl, 16]]).get(s);
    if (!dice.oneIn(20)) out[0] = family ?? 0;
    out[1] = 0;
    if (s === socket.SockaddrUn) {
      const name = dice.pick(['sock', 'sock', '\0abstract', '\0a', 'f', 'd/s']);
      out.fill(0, 2);
      for (let i = 0; i < name.length; i++) out[2 + i] = name.charCodeAt(i);
      return dice.oneIn(8) ? out : out.slice(0, 2 + name.length);
    }
    if (s === socket.SockaddrIn) out.set([8, dice.below(4), 127, 0, 0, 1], 2);
    if (s === socket.SockaddrIn6) out.set([8, dice.below(4), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 2);
    return out;
  }

  /** A filter that is nearly always valid: tests of the number and the first argument, then a verdict. */
  filter(): Uint8Array {
    const { dice } = this;
    const out = new DataView(new ArrayBuffer(8 * (3 + dice.below(4))));
    const n = out.byteLength / 8;
    const put = (i: number, code: number, jt: number, jf: number, k: number): void => {
      out.setUint16(8 * i, code, true);
      out.setUint8(8 * i + 2, jt);
      out.setUint8(8 * i + 3, jf);
      out.setUint32(8 * i + 4, k, true);
    };
    put(0, 0x20, 0, 0, dice.oneIn(3) ? 16 : 0);
    for (let i = 1; i < n - 2; i++) put(i, dice.pick([0x15, 0x25, 0x35, 0x45]), dice.below(n - 1 - i), 0, dice.below(300));
    const verdict = dice.pick([seccomp.SECCOMP_RET_ERRNO | 38, seccomp.SECCOMP_RET_LOG, seccomp.SECCOMP_RET_TRAP, seccomp.SECCOMP_RET_TRACE, seccomp.SECCOMP_RET_USER_NOTIF, seccomp.SECCOMP_RET_KILL_THREAD]);
    put(n - 2, 6, 0, 0, seccomp.SECCOMP_RET_ALLOW);
    put(n - 1, 6, 0, 0, verdict);
    return new Uint8Array(out.buffer);
  }

  private fill(t: Task, call: string, s: Struct<Fields>, out: Uint8Array, base: number): void {
    for (const [name, field] of Object.entries(s.fields)) {
      if (name === 'size' && (field as Field).kind === 'scalar' && !this.dice.oneIn(8)) (field as Scalar).set(new DataView(out.buffer), base + s.offsets[name]!, s.size);
      else this.field(t, call, name, field as Field, out, base + s.offsets[name]!);
    }
  }

  private field(t: Task, call: string, name: string, field: Field, out: Uint8Array, at: number): void {
    const { dice } = this;
    const data = new DataView(out.buffer, out.byteOffset);
    switch (field.kind) {
      case 'scalar': return field.set(data, at, this.value(t, call, name, field.size));
      case 'raw64':
        data.setUint32(at, this.value(t, call, name, 4), true);
        return data.setUint32(at + 4, dice.oneIn(6) ? dice.word() : 0, true);
      case 'bytes':
        if (dice.oneIn(2)) out.set(dice.bytes(field.size), at);
        return;
      case 'array':
        for (let i = 0; i < field.length; i++) this.field(t, call, name, field.element as Field, out, at + i * (field.element as Field).size);
        return;
      case 'struct': return this.fill(t, call, field, out, at);
      case 'pad': if (dice.oneIn(30)) out[at] = 1;
    }
  }

  /** By name: the tables bear the names of the manual pages. */
  private value(t: Task, call: string, name: string, size: number): number {
    const { dice, there } = this;
    if (dice.oneIn(16)) return dice.edge();
    if (/^(fd|.*_fd|srcfd|newfd|pidfd)$/.test(name) && size === 4) return there.fd(t, `${call}.${name}`);
    if (/pid|tid|thread_id/.test(name) && size === 4) return there.tid(t);
    if (name === 'sa_handler') return dice.pick([0, 1, LOOP, LOOP, LOOP, POOL.at]);
    if (name === 'filter') return this.paper.put(this.filter());
    if (name === 'msg_iov') return this.paper.put(this.bytes(t, call, Iovec, 4));
    if (name === 'msg_control') return this.paper.put(this.control(t));
    if (name === 'msg_controllen') return dice.pick([0, 24, 24, 48, 20]);
    if (name === 'msg_name') return this.paper.put(this.sockaddr(t));
    if (name === 'len' && size === 2) return 3 + dice.below(4);
    if (name === 'stack') return STACKS.at;
    if (name === 'stack_size') return PAGE * (1 + dice.below(8));
    if (/uaddr|next|pending|rseq_cs/.test(name)) return dice.oneIn(2) ? 0 : there.word();
    if (size === 8 && /addr|base|start|dst|src|sp$|name|tid|set_tid|ip$/.test(name)) return dice.oneIn(3) ? 0 : dice.oneIn(2) ? there.page(t) : there.address(t);
    if (/len|size|iovlen/.test(name)) return dice.oneIn(2) ? dice.below(5) : dice.below(3) * PAGE;
    if (name.endsWith('nsec') || name.endsWith('usec')) return dice.below(20_000_000);
    if (name.endsWith('sec')) return dice.oneIn(8) ? 1 : 0;
    if (/signo|exit_signal/.test(name)) return dice.oneIn(2) ? 17 : dice.below(66);
    if (/flags|features|events|mode|mask|access|handled|scoped|op$/.test(name)) return dice.oneIn(3) ? 0 : dice.oneIn(2) ? dice.below(64) : 2 ** dice.below(size * 8);
    if (name === 'api') return userfaultfd.UFFD_API;
    if (name === 'version' && call.startsWith('cap')) return 0x2008_0522;
    if (name === 'sa_family') return dice.below(20);
    return dice.oneIn(2) ? 0 : dice.number();
  }

  /** SCM_RIGHTS or SCM_CREDENTIALS. */
  private control(t: Task): Uint8Array {
    const { dice, there } = this;
    const out = new DataView(new ArrayBuffer(48));
    out.setUint32(0, dice.oneIn(8) ? dice.number() : 20 + 4 * dice.below(2), true);
    out.setUint32(8, 1, true);
    out.setUint32(12, dice.oneIn(5) ? 2 : 1, true);
    for (let i = 0; i < 3; i++) out.setInt32(16 + 4 * i, there.fd(t, 'any'), true);
    return new Uint8Array(out.buffer);
  }

}
