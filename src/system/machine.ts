// The library's face of a running machine: processes with web streams, files by path. The same in Node and in browsers.
import { errnoName, type Errno, isErr, strerror } from '../abi/errno.ts';
import { AT_FDCWD, O_CREAT, O_DIRECTORY, O_RDONLY, O_TRUNC, O_WRONLY } from '../abi/fcntl.ts';
import * as signals from '../abi/signal.ts';
import { isDirectory } from '../abi/stat.ts';
import type { DiskBackend, NetBackend } from '../host/host.ts';
import type { CaptureSink } from '../host/pcap.ts';
import type { Task } from '../kernel/task/task.ts';
import { KernelLog } from '../kernel/trace/log.ts';
import { KernelBuffer } from '../kernel/vfs/io-buffer.ts';
import { makeDirectory } from '../kernel/vfs/make.ts';
import { openAt } from '../kernel/vfs/open.ts';
import { DirSink, type OpenFile } from '../kernel/vfs/open-file.ts';
import { removeDirectory, removeFile } from '../kernel/vfs/remove.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../kernel/vfs/walk.ts';
import type { Picture } from '../lib/png.ts';
import type { BalloonStats } from '../machine/devices/balloon.ts';
import type { InputKind } from '../machine/devices/input-kinds.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import type { DisplaySize, Peripheral } from '../machine/peripherals.ts';
import { fromBytes, toBytes } from './text.ts';
import type { Computer } from './computer.ts';
import { Input } from './input.ts';
import { encodePng } from './picture.ts';
import { parseSize } from './size.ts';
import { InputStreamPort, OutputStreamPort } from './streams.ts';

/** A failed operation on the guest: `code` is the errno's name. */
export class GuestError extends Error {
  readonly code: string;
  constructor(errno: Errno, what: string) {
    super(`${what}: ${strerror(errno)}`);
    this.name = 'GuestError';
    this.code = errnoName(errno);
  }
}

export interface SpawnOptions {
  /** Environment; default: PATH and HOME as a login of that user would have. */
  env?: Readonly<Record<string, string>>;
  /** Working directory; default '/'. */
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** How a process ended: its exit status, or the signal that killed it. */
export interface ExitStatus {
  /** Exit status; 128 + N for signal N, as shells say it. */
  readonly code: number;
  /** 'SIGKILL' ..., null if it exited by itself. */
  readonly signal: string | null;
}

export interface RunResult extends ExitStatus { readonly stdout: string; readonly stderr: string }

const DEFAULT_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };

/** A process in the guest. Its three streams are web streams; reading slowly makes the process wait. */
export class Process {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Settles when the process has ended. Never rejects. */
  readonly status: Promise<ExitStatus>;
  readonly #computer: Computer;

  constructor(computer: Computer, pid: number, streams: { stdin: InputStreamPort; stdout: OutputStreamPort; stderr: OutputStreamPort }) {
    this.#computer = computer;
    this.pid = pid;
    this.stdin = streams.stdin.stream;
    this.stdout = streams.stdout.stream;
    this.stderr = streams.stderr.stream;
    this.status = computer.wait(pid).then(e => (e.kind === 'exited' ? { code: e.status, signal: null } : { code: 128 + e.signal, signal: signalName(e.signal) }));
  }

  /** Sends a signal (name or Linux number) to the process group. */
  kill(signal: string | number = 'SIGTERM'): void {
    const number = typeof signal === 'number' ? signal : (signals as Readonly<Record<string, unknown>>)[signal];
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 64) throw new RangeError(`no such signal: ${signal}`);
    this.#computer.signal(this.pid, number);
  }
}

/** How much memory is in the balloon, in bytes: wanted, there; and what the guest told of its memory. */
export interface BalloonState { readonly wanted: number; readonly inflated: number; readonly stats: BalloonStats }

/** A running machine. */
export class Machine {
  /** The machine underneath, for those who want to look inside. */
  readonly computer: Computer;
  /** Keyboard, mouse and tablet, as far as the machine has them. */
  readonly input: Input;
  constructor(computer: Computer) {
    this.computer = computer;
    this.input = new Input(computer.board.peripherals);
  }

  /** Starts a program: `['ls', '-l']`, or a string for `/bin/sh -c`. Throws GuestError if it cannot be started. */
  spawn(command: string | readonly string[], options: SpawnOptions = {}): Process {
    const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    const streams = { stdin: new InputStreamPort(), stdout: new OutputStreamPort(), stderr: new OutputStreamPort() };
    const started = this.computer.spawn({
      argv: argv.map(toBytes), env: Object.entries(options.env ?? DEFAULT_ENV).map(([k, v]) => toBytes(`${k}=${v}`)), cwd: toBytes(options.cwd ?? '/'),
      uid: options.uid ?? 0, gid: options.gid ?? options.uid ?? 0, stdio: { kind: 'streams', ...streams },
    });
    if (typeof started === 'number') throw new GuestError(started as Errno, argv[0] ?? '');
    return new Process(this.computer, started.pid, streams);
  }

  /** Runs a program to its end with `input` as its standard input, and collects what it prints. */
  async run(command: string | readonly string[], options: SpawnOptions & { input?: string | Uint8Array } = {}): Promise<RunResult> {
    const p = this.spawn(command, options);
    const [stdout, stderr, status] = await Promise.all([collect(p.stdout), collect(p.stderr), p.status, feed(p.stdin, options.input)]);
    return { ...status, stdout, stderr };
  }

  /** The bytes of a file of the guest. Throws GuestError. */
  readFile(path: string): Uint8Array {
    return this.computer.asInit(t => {
      const file = this.#open(t, path, O_RDONLY, 0);
      const chunks: Uint8Array[] = [];
      try {
        for (let pos = 0; ;) {
          const buffer = new KernelBuffer(new Uint8Array(65_536));
          const n = file.read(t, buffer, pos);
          if (isErr(n)) throw new GuestError(n, path);
          if (n === 0) return concat(chunks);
          chunks.push(buffer.bytes.subarray(0, n));
          pos += n;
        }
      } finally {
        file.put();
      }
    });
  }

  readTextFile(path: string): string { return new TextDecoder().decode(this.readFile(path)); }

  /** Creates or replaces a file. `mode`: permission bits of a new file. Throws GuestError. */
  writeFile(path: string, data: string | Uint8Array, mode = 0o644): void {
    this.computer.asInit(t => {
      const file = this.#open(t, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
      try {
        const buffer = new KernelBuffer(typeof data === 'string' ? new TextEncoder().encode(data) : data);
        while (buffer.remaining > 0) {
          const n = file.write(t, buffer, buffer.done);
          if (isErr(n)) throw new GuestError(n, path);
        }
      } finally {
        file.put();
      }
    });
  }

  /** Plugs a disk in; the guest finds it as the next free /dev/vdX. `id` is its serial number. */
  plugDisk(id: string, disk: DiskBackend): boolean { return this.computer.plugDisk({ id, backend: disk }); }

  /** Pulls a disk out, in use or not: its users get EIO. */
  unplugDisk(id: string): boolean { return this.computer.unplugDisk(id); }

  /** A network card, eth0 and so on, comes; `wire`: a port of a Hub, or a back end of one's own. False: no slot is free, or the id is taken. */
  plugNet(id: string, wire: NetBackend, capture?: CaptureSink): boolean { return this.computer.plugNet({ id, wire, capture }); }

  /** A network card is pulled out, in use or not. False: there is none of that id. */
  unplugNet(id: string): boolean { return this.computer.unplugNet(id); }

  /** Plugs an input device in, /dev/input/eventN in the guest. False: there is one of the kind, or no place for it. */
  plugInput(kind: InputKind): boolean { return this.computer.board.peripherals.plugInput(kind); }

  /** A display of this size comes, /dev/fb0 in the guest. */
  plugDisplay(size: DisplaySize): boolean { return this.computer.board.peripherals.plugDisplay(size); }

  /** Pulls one of them out, in use or not: its users get ENODEV. */
  unplug(what: Peripheral): boolean { return this.computer.board.peripherals.unplug(what); }

  /** What the display shows: red, green, blue and opacity of each pixel. null: there is no display. */
  screen(): Picture | null { return this.computer.picture(); }

  /** The same as a PNG file. Throws without a display. */
  async screenshot(): Promise<Uint8Array> {
    const picture = this.screen();
    if (picture === null) throw new Error('the machine has no display');
    return encodePng(picture);
  }

  /** The host wants so much of the machine's memory (bytes, or '64M'); the guest gives it as it can, and gets it back with a smaller size. */
  balloon(size: number | string): void {
    const bytes = typeof size === 'number' ? size : parseSize(size);
    if (!this.computer.inflate({ bytes, rule: 'deflate on oom' })) throw new Error('there is no slot for a balloon');
  }

  /** The balloon, with fresh statistics; null: there is none. */
  get balloonState(): BalloonState | null {
    const { balloon } = this.computer.board.peripherals;
    if (balloon === null) return null;
    if (balloon.askStats()) this.computer.asInit(t => t.kernel.interrupts?.dispatch());
    return { wanted: balloon.target * PAGE_SIZE, inflated: balloon.pages * PAGE_SIZE, stats: balloon.stats };
  }

  /** Names in a directory, sorted, without '.' and '..'. Throws GuestError. */
  readdir(path: string): string[] {
    return this.computer.asInit(t => {
      const dir = this.#open(t, path, O_RDONLY | O_DIRECTORY, 0);
      const names = new NameCollector();
      for (let before = -1; before !== names.all.length;) {
        before = names.all.length;
        const r = dir.readdir(t, names);
        if (isErr(r)) throw new GuestError(r, path);
      }
      dir.put();
      return names.all.filter(n => n !== '.' && n !== '..').map(fromBytes).toSorted();
    });
  }

  mkdir(path: string, mode = 0o755): void {
    const r = this.computer.asInit(t => makeDirectory(t, AT_FDCWD, toBytes(path), mode));
    if (isErr(r)) throw new GuestError(r, path);
  }

  /** Removes a file or an empty directory. */
  remove(path: string): void {
    const remove = this.stat(path).isDirectory ? removeDirectory : removeFile;
    const r = this.computer.asInit(t => remove(t, AT_FDCWD, toBytes(path)));
    if (isErr(r)) throw new GuestError(r, path);
  }

  stat(path: string): { size: number; mode: number; uid: number; gid: number; isDirectory: boolean } {
    return this.computer.asInit(t => {
      const found = lookupPath(t, AT_FDCWD, toBytes(path), LOOKUP_FOLLOW);
      if (isErr(found)) throw new GuestError(found, path);
      const { size, mode, uid, gid } = found.dentry.inode!;
      found.put();
      return { size, mode, uid, gid, isDirectory: isDirectory(mode) };
    });
  }

  /** The kernel's messages, as dmesg(1) shows them. */
  log(): string[] { return this.computer.kernel.log.lines.map(KernelLog.format); }

  /** Switches the machine off. Processes are gone, memory is given back. */
  async stop(): Promise<void> { await this.computer.stop(); }

  #open(t: Task, path: string, flags: number, mode: number): OpenFile {
    const file = openAt(t, AT_FDCWD, toBytes(path), flags, mode);
    if (isErr(file)) throw new GuestError(file, path);
    return file;
  }
}

class NameCollector extends DirSink {
  readonly all: string[] = [];
  emit(name: string): boolean {
    this.all.push(name);
    return true;
  }
}

function signalName(n: number): string {
  return Object.entries(signals).find(([k, v]) => v === n && /^SIG[A-Z]+\d*$/.test(k))?.[0] ?? `SIG${n}`;
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}

async function feed(stream: WritableStream<Uint8Array>, input: string | Uint8Array = ''): Promise<void> {
  const writer = stream.getWriter();
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  if (bytes.length > 0) await writer.write(bytes).catch(() => {});
  await writer.close().catch(() => {});
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const c of chunks) {
    out.set(c, at);
    at += c.length;
  }
  return out;
}
