// A small machine for tests of the kernel: tmpfs root, ptys, no host devices, time by instructions. Runs programs of test/guest/bin and programs
// assembled on the spot, and lets the test look at (and step) the kernel while they run.
import { readFileSync } from 'node:fs';
import { isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_CREAT, O_WRONLY } from '../../src/abi/fcntl.ts';
import { S_IFDIR } from '../../src/abi/stat.ts';
import { TtyDrivers } from '../../src/drivers/tty/devices.ts';
import { TmpfsSuperBlock } from '../../src/fs/tmpfs/super.ts';
import { TrapLoop } from '../../src/kernel/entry/trap-loop.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { credentialsFor } from '../../src/kernel/security/credentials.ts';
import { adoptRoot, createInit, spawn } from '../../src/kernel/task/init.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { anonInode } from '../../src/kernel/vfs/anon-inode.ts';
import { FdTable } from '../../src/kernel/vfs/fd-table.ts';
import { type IoBuffer, KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { Path } from '../../src/kernel/vfs/mount.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { VirtualClock } from '../../src/machine/devices/clock.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { addTranslator, type TranslatorMode } from '../../src/machine/jit/translator.ts';
import { createRam } from '../../src/machine/ram.ts';
import { mountStandard, registerBuiltins } from '../../src/system/mounts.ts';

const ROOT = process.env.KSPACE_ROOT ?? new URL('../..', import.meta.url).pathname;

/** Collects what programs write to descriptors 1 and 2. */
class Output extends OpenFile {
  text = '';
  override read(): number { return 0; }
  override write(_t: Task, io: IoBuffer): number {
    const bytes = new Uint8Array(io.remaining);
    const n = io.take(bytes, 0, bytes.length);
    if (n > 0) this.text += Buffer.from(bytes.subarray(0, n)).toString('latin1');
    return n;
  }
}

export class TestMachine {
  readonly kernel: Kernel;
  readonly loop: TrapLoop;
  readonly init: Task;
  readonly ttys: TtyDrivers;
  readonly output: Output;
  readonly #clock = new VirtualClock();

  constructor({ memoryBytes = 64 << 20, seed = 1, translator = 'off' }: { memoryBytes?: number; seed?: number; translator?: TranslatorMode | 'off' } = {}) {
    const ram = createRam(memoryBytes);
    const hart = createHart(ram, this.#clock);
    if (translator !== 'off') addTranslator(hart, ram, translator);
    this.#clock.follow(hart);
    const bus = { read32: () => 0, write32() { /* no device is there */ } };
    this.kernel = new Kernel({ ram, harts: [hart], bus, clock: this.#clock, interruptPending: false, dtb: { paddr: 0, size: 0 } } as unknown as Machine, seed);
    this.loop = new TrapLoop(this.kernel);
    this.init = createInit(this.kernel);
    const root = this.kernel.mounts.mountRoot(new TmpfsSuperBlock(this.kernel, 'tmpfs', 'root', {}), 0);
    adoptRoot(this.init, new Path(root, root.root));
    for (const name of ['tmp', 'dev', 'proc', 'bin']) root.root.inode!.mkdir(this.init, name, S_IFDIR | 0o755);
    this.ttys = new TtyDrivers(this.kernel);
    registerBuiltins(this.kernel);
    mountStandard(this.init, 'make');
    this.output = new Output(anonInode(this.kernel, 0o600), 2);
  }

  /** Writes an executable file. */
  install(path: string, bytes: Uint8Array): void {
    const file = openAt(this.init, AT_FDCWD, path, O_WRONLY | O_CREAT, 0o755);
    if (isErr(file)) throw new Error(`open ${path}: ${file}`);
    const io = new KernelBuffer(bytes);
    for (let pos = 0; io.remaining > 0;) pos += file.write(this.init, io, pos);
    file.put();
  }

  /** Starts a program; it runs when the machine does. */
  start(path: string, { argv = [path], uid = 0 }: { argv?: string[]; uid?: number } = {}): Task {
    const files = new FdTable();
    for (let fd = 0; fd < 3; fd++) files.set(fd, this.output.get(), 'keep');
    const t = spawn(this.kernel, { argv, envp: ['PATH=/bin'], path, cwd: '/tmp', search: undefined, cred: credentialsFor(uid, uid), files, terminal: 'none' });
    if (typeof t === 'number') throw new Error(`spawn ${path}: ${t}`);
    return t;
  }

  /** A program of test/guest/bin. */
  startGuest(name: string, ...args: string[]): Task {
    this.install(`/tmp/${name}`, readFileSync(`${ROOT}/test/guest/bin/${name}`));
    return this.start(`./${name}`, { argv: [`./${name}`, ...args] });
  }

  startSource(source: string, name = 'program'): Task {
    this.install(`/tmp/${name}`, elfOf(source));
    return this.start(`/tmp/${name}`);
  }

  /** Lets the machine run for `ns` of its own time, or until `t` has ended; idle time is skipped. */
  run(ns: number, until?: Task): void {
    const end = this.kernel.now() + ns;
    while (this.kernel.now() < end) {
      const state = this.loop.run(Math.min(end, this.kernel.now() + 1e7));
      if (until?.process.isZombie === true) return;
      if (state === 'busy') continue;
      const next = this.kernel.timers.nextDeadline;
      if (next === Infinity && until !== undefined) throw new Error(`nothing can happen any more; output so far:\n${this.output.text}`);
      this.#clock.skipTo(Math.min(next, end));
    }
  }

  /** Runs `t` to its end: output and wait status. */
  finish(t: Task, limitNs = 60e9): { text: string; status: number } {
    this.run(limitNs, t);
    if (!t.process.isZombie) throw new Error(`still running; output so far:\n${this.output.text}`);
    return { text: this.output.text, status: t.process.exitStatus };
  }
}

const BASE = 0x10000, HEADERS = 0x78;

/** A static ELF file whose only segment (readable, writable, executable) begins at `_start`. */
export function elfOf(source: string): Uint8Array {
  const code = assemble(source, BASE + HEADERS).bytes;
  const file = new Uint8Array(HEADERS + code.length);
  const d = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  d.setUint16(16, 2, true);           // ET_EXEC
  d.setUint16(18, 243, true);         // EM_RISCV
  d.setUint32(20, 1, true);
  d.setUint32(24, BASE + HEADERS, true);
  d.setUint32(32, 64, true);
  d.setUint16(54, 56, true);
  d.setUint16(56, 1, true);
  d.setUint32(64, 1, true);           // PT_LOAD
  d.setUint32(68, 7, true);
  for (const [at, value] of [[80, BASE], [88, BASE], [96, file.length], [104, file.length + 65_536], [112, 4096]] as const) d.setUint32(at, value, true);
  file.set(code, HEADERS);
  return file;
}
