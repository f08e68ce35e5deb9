// The machine that is fuzzed: no host devices, time by instructions, compressed swap. A round runs in a tmpfs of its own; afterwards everything that
// processes, mounts and IPC left is taken away, and a census tells whether the kernel has forgotten it, too.
import { isErr } from '../../src/abi/errno.ts';
import { SIGCONT, SIGKILL, SI_KERNEL } from '../../src/abi/signal.ts';
import { S_IFDIR } from '../../src/abi/stat.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { TmpDir } from '../../src/fs/tmpfs/dir.ts';
import type { Key } from '../../src/kernel/security/keys.ts';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import { sendToProcess } from '../../src/kernel/signal/send.ts';
import type { Mount } from '../../src/kernel/vfs/mount.ts';
import type { Process } from '../../src/kernel/task/process.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { KernelLog } from '../../src/kernel/trace/log.ts';
import type { VirtualClock } from '../../src/machine/devices/clock.ts';
import type { TranslatorMode } from '../../src/machine/jit/translator.ts';
import { mountAt } from '../../src/system/mounts.ts';
import { startZram } from '../../src/system/swap.ts';
import { TestMachine } from '../kernel/machine.ts';
import type { MachineOptions } from './action.ts';
import { program } from './program.ts';

export interface WorldOptions extends MachineOptions { readonly translator?: TranslatorMode | 'off' }
export type Census = Readonly<Record<string, number>>;

/** More tasks than this say nothing new. */
const MAX_TASKS = 48;

export class World extends TestMachine {
  private readonly mounts: ReadonlySet<Mount>;

  constructor({ seed, translator = 'off', freeFrames }: WorldOptions) {
    super({ memoryBytes: 48 << 20, seed, translator });
    this.kernel.maxTasks = MAX_TASKS;
    startZram(this.init, 16 << 20);
    this.install('/bin/fuzz', program());
    this.init.fs.root.dentry.inode!.mode = S_IFDIR | 0o755; // what users leave there would not be a leak
    if (freeFrames !== undefined) while (this.kernel.frames.freeCount > freeFrames) this.kernel.frames.alloc(KIND_KERNEL);
    this.mounts = new Set(this.kernel.mounts.all);
  }

  /** A fresh working directory. */
  enter(): void {
    for (const at of ['/tmp', '/dev/shm']) {
      const r = mountAt(this.init, 'tmpfs', 'tmpfs', at, 0, 'mode=1777,size=8m', 'skip');
      if (isErr(r)) throw new Error(`tmpfs: ${r}`);
    }
  }

  /** Everybody dies, mounts and IPC objects go. What is wrong then, in words. */
  leave(): string[] {
    this.killAll();
    const { ipc, mounts, pids } = this.kernel;
    for (const m of [...mounts.all].reverse()) if (!this.mounts.has(m)) mounts.unmount(m, 'lazy', 0);
    for (const o of [...ipc.segments.all()]) ipc.segments.markForRemoval(o);
    for (const o of [...ipc.semaphores.all()]) ipc.semaphores.remove(o);
    for (const o of [...ipc.queues.all()]) {
      ipc.queues.remove(o);
      o.dropAll(this.init);
    }
    for (const q of ipc.mqueues.values()) q.drop();
    ipc.mqueues.clear();
    const left = [...pids.tasks.values()].filter(t => t.tid !== 1).map(t => `${t.tid} (${t.state}, ${t.waitReason || 'runs'})`);
    return [...this.complaints(), ...left.length > 0 ? [`tasks left: ${left.join(', ')}`] : []];
  }

  /** Oopses and what the audit says. */
  complaints(): string[] {
    const { kernel } = this;
    if (kernel.oopses > 0) return [`oops: ${kernel.log.lines.filter(l => l.level === 0).map(l => KernelLog.format(l)).join('\n')}`];
    const found = auditKernel(kernel);
    return found.length > 0 ? [`audit: ${found.join('; ')}`] : [];
  }

  /** What must be the same after every round. */
  census(): Census {
    const { frames, pids, ipc, mounts, pts, net, timers, users, security, uevents } = this.kernel;
    return {
      frames: frames.idleCount, caches: frames.caches.byId.size - this.filesKept(), spaces: frames.spaces.size, committed: frames.committedPages, swap: frames.swap.used,
      tasks: pids.tasks.size, processes: pids.processes.size, groups: pids.groups.size, sessions: pids.sessions.size, mounts: mounts.all.size - Number(!this.mounts.has(this.init.fs.root.mount)),
      buffers: ipc.buffers.used, futexes: sizeOf(ipc.futexes), piLocks: ipc.piLocks.size, pts: sizeOf(pts), unix: sizeOf(net.unix), tcp: sizeOf(net.tcp), udp: sizeOf(net.udp),
      timers: sizeOf(timers), netlink: sizeOf(net.netlink), devices: sizeOf(net.devices), uevents: sizeOf(uevents), yama: sizeOf(security.yama),
      verity: sizeOf(security.verity), keys: orphans(security.keys.list()), users: users.total, mqueues: ipc.mqueueCount,
    };
  }

  /** Files with contents in the machine's own file systems, and in the one that pivot_root(2) has made the root: what root puts there stays, and is no leak. */
  private filesKept(): number {
    let n = 0;
    const dirs: object[] = [...new Set([...this.mounts, this.init.fs.root.mount].map(m => m.sb.root.inode!))].filter(i => i instanceof TmpDir);
    for (let dir = dirs.pop(); dir !== undefined; dir = dirs.pop()) {
      for (const { inode } of (dir as TmpDir).entries.values()) {
        if (inode instanceof TmpDir) dirs.push(inode);
        else if (inode.pages !== null) n++;
      }
    }
    return n;
  }

  killAll(): void {
    for (let i = 0; i < 100 && this.kernel.pids.tasks.size > 1; i++) {
      for (const p of this.processes()) sendToProcess(p, { signo: SIGKILL, code: SI_KERNEL });
      this.step();
    }
  }

  /** All processes but the first. */
  processes(): Process[] { return [...this.kernel.pids.processes.values()].filter(p => p.pid !== 1 && !p.isZombie); }

  /** Interrupts what waits, and lets go on what was stopped. */
  poke(signo: number): void {
    for (const p of this.processes()) {
      sendToProcess(p, { signo: SIGCONT, code: SI_KERNEL });
      sendToProcess(p, { signo, code: SI_KERNEL });
    }
  }

  kill(t: Task): void { sendToProcess(t.process, { signo: SIGKILL, code: SI_KERNEL }); }

  /** Two milliseconds of machine time; a machine that waits for something soon is brought there. */
  step(): 'idle' | 'busy' {
    const { kernel } = this;
    const until = kernel.now() + 2e6;
    if (this.loop.run(until) === 'busy') return 'busy';
    const next = kernel.timers.nextDeadline;
    if (next > kernel.now() + 1e9) return 'idle';
    (kernel.machine.clock as VirtualClock).skipTo(next);
    return 'busy';
  }
}

/** Keys that nobody links any more; the rings of users (_uid.N) are kept for them. */
function orphans(keys: readonly Key[]): number {
  const kept = new Set(keys.filter(k => k.type === 'keyring' && /^_uid(_ses)?\.\d+$/.test(k.description)));
  for (const ring of kept) for (const k of ring.links) kept.add(k);
  return keys.length - kept.size;
}

/** How many things a table of the kernel holds: all entries of its maps, sets and arrays. */
function sizeOf(table: object): number {
  let n = 0;
  for (const part of Object.values(table)) {
    if (part instanceof Map || part instanceof Set) n += part.size;
    else if (Array.isArray(part)) n += part.filter(x => x !== null && x !== undefined).length;
  }
  return n;
}
