// The user's terminal as the machine's console. It is put into raw mode with stty(1) (Node's own raw mode keeps output processing on, which
// breaks full-screen programs) and is put back whatever happens: on exit, on signals, and, by a small shell that waits for this process to
// vanish, after a crash or SIGKILL too.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ConsolePort, PortListener } from '../host.ts';
import { InputPort, OutputPort } from './stdio.ts';

/** A ConsolePort on this process' terminal. Call `restore` when done; every way out of the process calls it, too. */
export class Terminal implements ConsolePort {
  readonly #input: InputPort;
  readonly #output: OutputPort;
  readonly #screen: WriteStream | undefined;
  #listener: PortListener | null = null;
  #raw: RawMode | undefined;
  readonly #resize = () => this.#listener?.resized();
  readonly #continued = () => this.#raw?.again();

  constructor() {
    this.#input = new InputPort(() => process.stdin);
    this.#output = new OutputPort(process.stdout.isTTY ? 1 : process.stderr.isTTY ? 2 : 1);
    this.#screen = process.stdout.isTTY ? process.stdout : process.stderr.isTTY ? process.stderr : undefined;
    if (process.stdin.isTTY) this.#raw = new RawMode(process.stdin);
    process.on('SIGWINCH', this.#resize);
    process.on('SIGCONT', this.#continued);
  }

  get columns(): number { return this.#size()[0]; }
  get rows(): number { return this.#size()[1]; }

  read(into: Uint8Array): number { return this.#input.read(into); }
  write(bytes: Uint8Array): number { return this.#output.write(bytes); }

  attach(listener: PortListener | null): void {
    this.#listener = listener;
    this.#input.attach(listener);
    this.#output.attach(listener);
  }

  close(): void { this.restore(); }

  /** The terminal as it was before. */
  restore(): void {
    process.off('SIGWINCH', this.#resize);
    process.off('SIGCONT', this.#continued);
    this.attach(null);
    this.#input.close();
    this.#raw?.end();
    this.#raw = undefined;
  }

  #size(): [number, number] {
    try {
      const [columns, rows] = this.#screen?.getWindowSize() ?? [0, 0];
      return [columns, rows];
    } catch {
      return [0, 0]; // hung up
    }
  }
}

/** Raw mode of one terminal, with its own ways back. */
class RawMode {
  readonly #stream: ReadStream;
  /** Settings as `stty -g` prints them; undefined where there is no stty. */
  readonly #saved: string | undefined;
  #guard: ChildProcess | undefined;
  #ended = false;
  readonly #onExit = () => this.end();

  constructor(stream: ReadStream) {
    this.#stream = stream;
    this.#saved = stty('-g')?.trim();
    if (this.#saved !== undefined) this.#guard = startGuard(this.#saved);
    this.again();
    process.on('exit', this.#onExit);
  }

  again(): void {
    if (this.#saved === undefined) this.#stream.setRawMode(true);
    else stty('raw', '-echo');
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    process.off('exit', this.#onExit);
    if (this.#saved === undefined) this.#stream.setRawMode(false);
    else stty(this.#saved);
    const pipe = this.#guard?.stdin as Writable | null | undefined;
    pipe?.end('done\n');
  }
}

/** stty(1) on this process' standard input: its output, or undefined when it failed. */
function stty(...args: string[]): string | undefined {
  const r = spawnSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return r.status === 0 ? r.stdout : undefined;
}

/**
 * A shell that reads one line: "done" when all is well; the end of its input when this process died, and then it puts the terminal back. It
 * ignores the signals that a dying terminal session sends round, SIGTTOU above all: it may be in the background by then.
 */
function startGuard(saved: string): ChildProcess {
  const script = 'trap "" TTOU TTIN TSTP INT QUIT TERM HUP; read -r word; [ "$word" = done ] || stty "$1" <&3';
  const guard = spawn('sh', ['-c', script, 'kspace-terminal-guard', saved], { stdio: ['pipe', 'ignore', 'ignore', 0] });
  guard.on('error', () => {});
  guard.stdin!.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}
