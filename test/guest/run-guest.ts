// Runs one guest program on a machine of its own, in the world of test/guest/world.c, and collects what it printed and how it ended.
import { existsSync, readFileSync } from 'node:fs';
import { EAGAIN } from '../../src/abi/errno.ts';
import { boot } from '../../src/cli/boot.ts';
import type { BytePort } from '../../src/host/host.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import type { Ending, GuestMachine, MachineRequest } from '../../src/system/contract.ts';
import { PATIENCE } from '../patience.ts';

export interface GuestResult {
  readonly stdout: string;
  /** As a shell says it: the exit status, or 128+N. */
  readonly status: number;
}

export interface GuestOptions {
  readonly args?: readonly string[];
  readonly memoryBytes?: number;
  readonly timeoutMs?: number;
}

/** Where the checkout is: `npm test` says so, for bundled tests. */
const ROOT = process.env.KSPACE_ROOT ?? new URL('../..', import.meta.url).pathname;
export const guestFile = (path: string): string => `${ROOT}/test/guest/${path}`.replace('//', '/');

/** KSPACE_GUEST_SEED=N: virtual time, a fixed random sequence, and preemption at moments that depend on N. */
const SEED = process.env.KSPACE_GUEST_SEED === undefined ? undefined : Number(process.env.KSPACE_GUEST_SEED);

/** One machine for one program, with a tmpfs, /proc and /dev, nothing else. A machine that hangs ends the test after `timeoutMs`. */
export async function runGuest(elfPath: string, { args = [], memoryBytes = 256 << 20, timeoutMs = 20_000 }: GuestOptions = {}): Promise<GuestResult> {
  const machine = await bootGuest(elfPath, memoryBytes);
  try {
    return await runIn(machine, ['/guest/world', '/guest/test', ...args], timeoutMs);
  } finally {
    await machine.stop();
  }
}

/** A machine whose root holds the program as /guest/test, and the tool that makes its world. */
export function bootGuest(elfPath: string, memoryBytes: number): Promise<GuestMachine> {
  return bootGuests({ test: readFileSync(elfPath) }, memoryBytes);
}

/** The same with several programs below /guest; the translator is what KSPACE_JIT says unless the caller says it. */
export function bootGuests(programs: Readonly<Record<string, Uint8Array>>, memoryBytes: number, swapBytes?: number, translator?: NonNullable<MachineRequest['translator']>, zramBytes?: number): Promise<GuestMachine> {
  const root = memoryFs({
    ...Object.fromEntries(Object.entries({ ...programs, world: readFileSync(guestFile('bin/world')) }).map(([name, content]) => [`/guest/${name}`, { content, mode: 0o755 }])),
    '/tmp': { directory: true, mode: 0o1777 }, '/proc': { directory: true }, '/sys': { directory: true }, '/dev': { directory: true }, '/bin': { directory: true },
    '/root': { directory: true, mode: 0o700 }, '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  });
  return boot({ memoryBytes, swapBytes, zramBytes, hostname: 'kspace', seed: SEED, root, rootAccess: 'overlay', mounts: [], console: undefined, trace: undefined, ...translator === undefined ? {} : { translator } });
}

/** Runs a command to its end on a machine that is up; standard output and error are one. */
export async function runIn(machine: GuestMachine, argv: readonly string[], timeoutMs: number): Promise<GuestResult> {
  const out = new Collector();
  const started = machine.spawn({
    argv, env: ['PATH=/bin', 'HOME=/root'], cwd: '/', uid: 0, gid: 0, stdio: { kind: 'streams', stdin: new Empty(), stdout: out, stderr: out },
  });
  if (typeof started === 'number') throw new Error(`spawn answered ${started}`);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Ending>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${timeoutMs * PATIENCE} ms; so far:\n${out.text()}`)), timeoutMs * PATIENCE);
  });
  try {
    const ending = await Promise.race([started.wait(), late]);
    return { stdout: out.text(), status: ending.kind === 'exited' ? ending.status : 128 + ending.signal };
  } finally {
    clearTimeout(timer);
  }
}

/** What the recorder wrote, or undefined where a test has no expectation yet. */
export function expectationOf(name: string): GuestResult | undefined {
  const path = guestFile(`expected/${name}`);
  if (!existsSync(`${path}.out`)) return undefined;
  return { stdout: readFileSync(`${path}.out`, 'latin1'), status: Number(readFileSync(`${path}.status`, 'utf8')) };
}

/** Takes everything that is written. */
class Collector implements BytePort {
  readonly #chunks: Buffer[] = [];
  text(): string { return Buffer.concat(this.#chunks).toString('latin1'); }
  write(bytes: Uint8Array): number {
    this.#chunks.push(Buffer.from(bytes));
    return bytes.length;
  }
  read(): number { return EAGAIN; }
  close(): void { /* nothing is held */ }
  attach(): void { /* never full */ }
}

/** Nothing to read: end of input at once. */
class Empty implements BytePort {
  read(): number { return 0; }
  write(bytes: Uint8Array): number { return bytes.length; }
  close(): void { /* nothing is held */ }
  attach(): void { /* nothing ever changes */ }
}
