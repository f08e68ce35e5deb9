// The board and its drivers together: what probing finds, and bytes and files that travel the whole way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, isErr } from '../../abi/errno.ts';
import { probeDevices } from '../../drivers/probe.ts';
import { FuseInode } from '../../fs/fuse/inode.ts';
import { mountFuse } from '../../fs/fuse/super.ts';
import type { BytePort, PortListener } from '../../host/host.ts';
import { memoryFs } from '../../host/memory-fs.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { credentialsFor } from '../../kernel/security/credentials.ts';
import type { Task } from '../../kernel/task/task.ts';
import { KernelBuffer } from '../../kernel/vfs/io-buffer.ts';
import { createBoard } from '../board.ts';
import { createHart } from '../hart/hart.ts';
import { createRam } from '../ram.ts';
import { isolatesOfRun, placementsOfRun } from '../../../test/devices/placements.ts';

class TestPort implements BytePort {
  input: number[] = [];
  ended = false;
  output = '';
  accepts = Infinity;
  closed = false;
  listener: PortListener | null = null;
  read(into: Uint8Array): number {
    const n = Math.min(into.length, this.input.length);
    into.set(this.input.splice(0, n));
    return n > 0 ? n : this.ended ? 0 : EAGAIN;
  }
  write(bytes: Uint8Array): number {
    const n = Math.min(bytes.length, this.accepts);
    if (n === 0) return EAGAIN;
    this.accepts -= n;
    this.output += Buffer.from(bytes.subarray(0, n)).toString('latin1');
    return n;
  }
  close(): void { this.closed = true; }
  attach(l: PortListener | null): void { this.listener = l; }
}

const buffer = () => new KernelBuffer(new Uint8Array(10));

function boot(files: Parameters<typeof memoryFs>[0] = {}) {
  const ram = createRam(32 << 20);
  let now = 5_000_000_000;
  const clock = { monotonicNs: () => now++ };
  const hart = createHart(ram, clock);
  const entropy = { fill: (b: Uint8Array) => { b.fill(7); } };
  const board = createBoard({
    ram, hart, clock, boot: { sec: 1_767_225_600, nsec: 999_999_999 }, entropy, console: null, bootargs: 'quiet', isolates: isolatesOfRun(),
    fs: [{ tag: 'rootfs', backend: memoryFs(files) }],
  });
  const kernel = new Kernel(board, 1);
  const devices = probeDevices(kernel, placementsOfRun());
  const task = { kernel, restart: null, cred: credentialsFor(0, 0), process: { pid: 1 }, parkedOn: [] } as unknown as Task;
  return { board, kernel, devices, task };
}

test('probing finds the clock, entropy, console and file systems', () => {
  const { kernel, devices } = boot();
  assert.equal(devices.bootargs, 'quiet');
  assert.equal(kernel.realtime().sec, 1_767_225_606);
  assert.ok(devices.console !== null);
  assert.deepEqual([...devices.fuse.keys()], ['rootfs']);
  assert.ok(kernel.interrupts !== null);
  assert.equal(kernel.log.lines.length, 0);
});

test('host streams: input, end of input, output with back pressure, close', () => {
  const { board, kernel, devices } = boot();
  const stdin = new TestPort(), stdout = new TestPort();
  const inId = board.console.addPort('stdin', stdin), outId = board.console.addPort('stdout', stdout);
  kernel.interrupts!.dispatch();
  const input = devices.console!.openStream(inId, 'input'), output = devices.console!.openStream(outId, 'output');
  assert.ok(!isErr(input) && !isErr(output));
  const t = null as unknown as Task;
  assert.equal(input.read(t, buffer(), 0), EAGAIN);
  stdin.input = [...Buffer.from('hello world, hello')];
  stdin.listener!.readable();
  assert.ok(board.interruptPending);
  kernel.interrupts!.dispatch();
  assert.ok(!board.interruptPending);
  const b = buffer();
  assert.equal(input.read(t, b, 0), 10);
  assert.equal(Buffer.from(b.bytes).toString(), 'hello worl');
  assert.equal(input.read(t, buffer(), 0), 8);
  assert.equal(input.read(t, buffer(), 0), EAGAIN);
  stdin.ended = true;
  stdin.listener!.readable();
  kernel.interrupts!.dispatch();
  assert.equal(input.read(t, buffer(), 0), 0);

  stdout.accepts = 20000;
  const big = new KernelBuffer(new Uint8Array(50000).fill(65));
  const n = output.write(t, big, 0);
  assert.ok(n > 16384 && n < 50000, `${n}`);
  assert.equal(output.write(t, big, 0), EAGAIN);
  assert.equal(output.poll(t) & 4, 0);
  stdout.accepts = Infinity;
  stdout.listener!.writable();
  kernel.interrupts!.dispatch();
  assert.equal(output.poll(t) & 4, 4);
  assert.equal(output.write(t, big, 0), 50000 - n);
  stdout.accepts = 0;
  assert.equal(output.write(t, new KernelBuffer(new Uint8Array(3).fill(66)), 0), 3);
  output.put();
  input.put();
  kernel.interrupts!.dispatch();
  assert.equal(stdin.closed, true);
  assert.equal(stdout.closed, false);
  assert.equal(board.console.streamCount, 1);
  const pending = stdout.listener!;
  stdout.accepts = Infinity;
  pending.writable();
  assert.equal(stdout.output.length, 50003);
  assert.equal(stdout.closed, true);
  assert.equal(board.console.streamCount, 0);
  kernel.interrupts!.dispatch();
  assert.equal(devices.console!.ports.size, 0);
  // The same ports serve again.
  const again = new TestPort();
  again.input = [120];
  const id = board.console.addPort('stdin', again);
  kernel.interrupts!.dispatch();
  const file = devices.console!.openStream(id, 'input');
  assert.ok(!isErr(file));
  assert.equal(file.read(t, buffer(), 0), 1);
});

test('a file system over virtio-fs: names, links, contents, directories', () => {
  const content = new Uint8Array(1_600_000).map((_, i) => i * 7);
  const { devices, task } = boot({ '/bin/busybox': { content, mode: 0o755 }, '/bin/sh': { link: 'busybox' }, '/etc/passwd': 'root' });
  const sb = mountFuse(task, 'virtiofs', 'rootfs', devices.fuse.get('rootfs')!, 0);
  assert.ok(!isErr(sb));
  assert.equal(sb.cachesNames, true);
  const bin = sb.root.inode!.lookup(task, 'bin');
  assert.ok(!isErr(bin));
  const sh = bin.lookup(task, 'sh');
  assert.ok(!isErr(sh));
  assert.equal(sh.readlink(task), 'busybox');
  assert.equal(bin.lookup(task, 'nothing'), -2);
  const box = bin.lookup(task, 'busybox');
  assert.ok(!isErr(box) && box instanceof FuseInode);
  box.get();
  const file = box.open(task, 0);
  assert.ok(!isErr(file));
  const into = new KernelBuffer(new Uint8Array(content.length + 100));
  assert.equal(file.read(task, into, 0), content.length);
  assert.deepEqual(into.bytes.subarray(0, content.length), content);
  const dir = sb.root.inode!.open(task, 0);
  assert.ok(!isErr(dir));
  const names: string[] = [];
  dir.readdir(task, { emit: (name: string) => { names.push(name); return true; } } as never);
  assert.deepEqual(names.sort(), ['.', '..', 'bin', 'etc']);
  assert.equal(sb.root.inode!.mkdir(task, 'x', 0o755), -30);
  file.put();
});
