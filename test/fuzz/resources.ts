// What there is to name at the moment of a call: descriptors by kind, tasks, mappings, IPC objects, paths. Looked up in the kernel itself, so that
// calls meet real things, and what was just closed, unmapped or reaped as well.
import { S_IFDIR, S_IFMT } from '../../src/abi/stat.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import type { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import type { Dice } from './dice.ts';
import { AREAS, NAMES, PAGE } from './layout.ts';

const SYSTEM_PATHS = ['/', '.', '..', '', '/tmp', '/bin/fuzz', '/proc', '/proc/self', '/proc/self/fd', '/proc/self/fd/3', '/proc/self/fd/5', '/proc/self/mem', '/proc/self/maps',
  '/proc/self/exe', '/proc/self/cwd', '/proc/self/root', '/proc/self/environ', '/proc/self/stat', '/proc/self/status', '/proc/self/smaps', '/proc/self/pagemap', '/proc/self/task',
  '/proc/self/oom_score_adj', '/proc/self/clear_refs', '/proc/self/comm', '/proc/self/attr/current', '/proc/thread-self/children', '/proc/1/status', '/proc/1/fd', '/proc/mounts',
  '/proc/meminfo', '/proc/sys/kernel/hostname', '/proc/sys/vm/overcommit_memory', '/proc/sys/fs/pipe-max-size', '/proc/locks', '/proc/net/unix', '/proc/pressure/memory',
  '/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/tty', '/dev/ptmx', '/dev/pts', '/dev/pts/0', '/dev/shm', '/dev/shm/s', '/dev/loop0', '/dev/loop-control', '/dev/kmsg',
  '/dev/mem', '/dev/zram0', '/sys', '/sys/block', '/sys/kernel', '/nonexistent/x', '/tmp/d/../f', 'd/./../d/x', `${'n'.repeat(255)}`, `${'n'.repeat(256)}`, `${'../'.repeat(1365)}`,
  `${'d/../'.repeat(40)}f`];
/** What calls want their descriptor to be, by `call.argument`: text that the kernel shows for such files (`kindOf`). */
const WANTS: readonly [RegExp, RegExp][] = [
  [/\.epfd$/, /eventpoll/], [/^timerfd_/, /timerfd/], [/^inotify_/, /inotify/], [/^signalfd/, /signalfd/], [/^pidfd_|^process_m|\.pidfd/, /pidfd/], [/^mq_/, /^\/?[qr]$/], [/^landlock/, /landlock/],
  [/^(bind|listen|accept4?|connect|getsock\w+|getpeername|setsockopt|send\w+|recv\w+|shutdown)\./, /^socket/], [/^(tee|vmsplice)/, /^pipe/], [/^splice/, /^pipe|file/],
  [/^(getdents|fchdir)/, /^directory/], [/^(ftruncate|fallocate|f?read\w*|p?write\w*|pread\w*|copy_file|sendfile|mmap|sync|f\w+xattr|flock|lseek)/, /^file|memfd/],
];

const kindOf = (f: OpenFile): string => (f.path !== null && !/^\/[qr]$/.test(f.anonName) ? ((f.inode.mode & S_IFMT) === S_IFDIR ? 'directory' : 'file') : f.anonName);

export class Resources {
  private readonly kernel: Kernel;
  private readonly dice: Dice;
  private readonly keys: number[] = [];

  constructor(kernel: Kernel, dice: Dice) {
    this.kernel = kernel;
    this.dice = dice;
  }

  /** A call has answered: keys are remembered. */
  answered(call: string, result: number): void {
    if (result > 8 && /key/.test(call) && this.keys.push(result) > 32) this.keys.shift();
  }

  fd(t: Task, use: string): number {
    const { dice } = this;
    if (dice.oneIn(16)) return dice.pick([-1, -100, 1023, 1024, 1 << 20, dice.word()]);
    const open = [...t.files.entries()];
    if (open.length === 0) return dice.below(4);
    const wanted = WANTS.find(([name]) => name.test(use))?.[1];
    if (wanted !== undefined && !dice.oneIn(5)) {
      const fitting = open.filter(([, f]) => wanted.test(kindOf(f)));
      if (fitting.length > 0) return dice.pick(fitting)[0];
    }
    return dice.oneIn(10) ? dice.below(t.files.size + 2) : dice.pick(open)[0];
  }

  tid(t: Task): number {
    const { dice, kernel: { pids } } = this;
    switch (dice.below(10)) {
      case 0: return dice.pick([0, -1, 1, -t.process.group.id, 99_999, 32_768]);
      case 1: case 2: return t.tid;
      case 3: return t.process.pid;
      case 4: return t.process.parent?.pid ?? 1;
      default: return dice.pick([...pids.tasks.keys()]);
    }
  }

  /** An address in a mapping of the task, at a page's beginning half of the time. */
  address(t: Task): number {
    const { dice } = this;
    if (dice.oneIn(12)) return dice.edge();
    const maps = t.mm === null ? [] : [...t.mm.vmas()];
    if (dice.oneIn(4) || maps.length === 0) {
      const a = dice.pick(AREAS);
      return a.at + dice.below(a.pages + 1) * PAGE + (dice.oneIn(2) ? 0 : dice.below(PAGE));
    }
    const v = dice.pick(maps);
    const page = v.start + dice.below(Math.min(v.sizePages, 256) + (dice.oneIn(8) ? 1 : 0)) * PAGE;
    return page + (dice.oneIn(2) ? 0 : dice.below(PAGE));
  }

  page(t: Task): number {
    const a = this.address(t);
    return this.dice.oneIn(10) || Math.abs(a) > 2 ** 48 ? a : a - a % PAGE;
  }

  /** A word that futex calls can meet at. */
  word(): number {
    const a = AREAS[this.dice.below(2)]!;
    return a.at + a.pages * PAGE - 64 + 4 * this.dice.below(6);
  }

  sysvId(): number {
    const { dice, kernel: { ipc } } = this;
    const ids = [...ipc.segments.all(), ...ipc.semaphores.all(), ...ipc.queues.all()].map(o => o.id);
    return ids.length === 0 || dice.oneIn(8) ? dice.below(4) : dice.pick(ids);
  }

  keySerial(): number {
    const { dice, keys } = this;
    return keys.length === 0 || dice.oneIn(2) ? -1 - dice.below(8) : dice.pick(keys);
  }

  path(t: Task): string {
    const { dice } = this;
    if (!dice.oneIn(3)) return dice.pick(NAMES);
    if (dice.oneIn(3)) return `/proc/${this.tid(t)}/${dice.pick(['mem', 'maps', 'fd/0', 'stat', 'status', 'root/tmp/f', 'cwd', 'task', 'ns/user', 'exe', 'syscall', 'timers', 'limits'])}`;
    return dice.pick(SYSTEM_PATHS);
  }
}
