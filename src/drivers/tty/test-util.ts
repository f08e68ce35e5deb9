// For tests of terminals: a machine with a pty whose sides are used directly, without programs. Tasks are real, their user memory is one page.
import { isErr } from '../../abi/errno.ts';
import { FakeKernel } from '../../kernel/ipc/test-util.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { Process, ProcessGroup, Session } from '../../kernel/task/process.ts';
import { SignalQueue } from '../../kernel/signal/state.ts';
import { anonInode } from '../../kernel/vfs/anon-inode.ts';
import { KernelBuffer } from '../../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import { PtsRegistry } from '../../kernel/vfs/pts.ts';
import { PtyMaster, PtyTable, type Pty } from './pty.ts';

export class PtyBench {
  readonly k = new FakeKernel();
  readonly pty: Pty;
  readonly master: PtyMaster;
  /** The session leader. */
  readonly leader: Task;
  slave: OpenFile;

  constructor() {
    Object.assign(this.k, { pts: new PtsRegistry() });
    this.leader = this.process(null);
    const pty = new PtyTable(this.k as unknown as Kernel).create(this.leader);
    if (isErr(pty)) throw new Error('no pty');
    this.pty = pty;
    this.master = new PtyMaster(pty, anonInode(pty.tty.kernel, 0o600), 2);
    pty.locked = false;
    this.slave = this.openSlave();
  }

  openSlave(flags = 2): OpenFile {
    const file = this.pty.openSlave(this.leader, anonInode(this.pty.tty.kernel, 0o620), flags);
    if (isErr(file)) throw new Error(`slave: ${file}`);
    return file;
  }

  /** A process: leader of a new session, or with `session` a group of its own in it. */
  process(session: Session | null, parent: Process | null = null): Task {
    const t = this.k.spawn();
    const p = t.process;
    const s = session ?? new Session(p.pid, p);
    p.group = new ProcessGroup(p.pid, s);
    p.group.members.add(p);
    this.k.pids.groups.set(p.pid, p.group);
    p.parent = parent;
    p.pending = new SignalQueue();
    return t;
  }

  /** Keys typed at the master. */
  type(s: string): number { return this.master.write(this.leader, new KernelBuffer(Buffer.from(s, 'latin1')), 0); }
  /** What the screen got: bytes, or an errno. */
  screen(n = 100_000): string | number { return take(this.master, this.leader, n); }
  /** read(2) on the slave: bytes, or an errno. */
  read(n = 100_000, t = this.leader): string | number { return take(this.slave, t, n); }
  print(s: string, t = this.leader): number {
    this.k.current = t;
    return this.slave.write(t, new KernelBuffer(Buffer.from(s, 'latin1')), 0);
  }
  signals(t: Task): number[] { return t.process.pending.infos.map(i => i.signo); }
}

function take(file: OpenFile, t: Task, n: number): string | number {
  t.kernel.current = t;
  const io = new KernelBuffer(new Uint8Array(n));
  const r = file.read(t, io, 0);
  return r < 0 ? r : Buffer.from(io.bytes.subarray(0, r)).toString('latin1');
}
