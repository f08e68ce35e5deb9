// A console that is pulled out while terminals and streams on it are in use (issue 6): their users get hang-ups and errors, the machine lives, and a console that
// is plugged in again is /dev/hvc0 with a working terminal and streams. Both placements; by the slot, and by unbinding the driver.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EIO, EPIPE, isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_NOCTTY, O_NONBLOCK, O_RDWR } from '../../src/abi/fcntl.ts';
import { POLLHUP, POLLIN } from '../../src/abi/poll.ts';
import { DevtmpfsType } from '../../src/fs/devtmpfs/devtmpfs.ts';
import { TmpfsSuperBlock } from '../../src/fs/tmpfs/super.ts';
import type { BytePort, ConsolePort, PortListener } from '../../src/host/host.ts';
import type { Placement } from '../../src/kernel/device/manager.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { adoptRoot, createInit } from '../../src/kernel/task/init.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { makeDirectory } from '../../src/kernel/vfs/make.ts';
import { Path } from '../../src/kernel/vfs/mount.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import type { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { type Board, createBoard } from '../../src/machine/board.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import { createRam } from '../../src/machine/ram.ts';
import { type Devices, probeDevices } from '../../src/system/devices.ts';
import { mountAt } from '../../src/system/mounts.ts';
import { PLACEMENTS, testIsolates } from './placements.ts';
import { must } from './world.ts';

/** A stream of the host, or a terminal of it. */
class Screen implements ConsolePort {
  readonly columns = 80;
  readonly rows = 25;
  typed = '';
  shown = '';
  listener: PortListener | null = null;
  read(into: Uint8Array): number {
    if (this.typed === '') return EAGAIN;
    const n = Math.min(into.length, this.typed.length);
    for (let i = 0; i < n; i++) into[i] = this.typed.charCodeAt(i);
    this.typed = this.typed.slice(n);
    return n;
  }
  write(bytes: Uint8Array): number {
    this.shown += String.fromCharCode(...bytes);
    return bytes.length;
  }
  close(): void {}
  attach(l: PortListener | null): void { this.listener = l; }
  type(text: string): void {
    this.typed += text;
    this.listener?.readable();
  }
}

class ConsoleWorld {
  readonly screen = new Screen();
  readonly board: Board;
  readonly kernel: Kernel;
  readonly devices: Devices;
  readonly t: ReturnType<typeof createInit>;
  private now = 1e9;

  constructor(placement: Placement, isolates?: ReturnType<typeof testIsolates>) {
    const ram = createRam(24 << 20);
    const clock = { monotonicNs: () => (this.now += 1000) };
    this.board = createBoard({
      ram, hart: createHart(ram, clock), clock, boot: { sec: 1_767_225_600, nsec: 0 }, entropy: { fill: b => { b.fill(9); } }, console: this.screen, bootargs: '', fs: [], isolates,
    });
    this.kernel = new Kernel(this.board, 1);
    this.t = createInit(this.kernel);
    this.kernel.current = this.t;
    this.devices = probeDevices(this.kernel, { otherwise: 'kernel', byName: { 'virtio-console': placement } });
    this.kernel.filesystems.set('devtmpfs', new DevtmpfsType());
    const mount = this.kernel.mounts.mountRoot(new TmpfsSuperBlock(this.kernel, 'tmpfs', 'none', { mode: 0o755 }), 0);
    adoptRoot(this.t, new Path(mount, mount.root));
    makeDirectory(this.t, AT_FDCWD, '/dev', 0o755);
    mountAt(this.t, 'devtmpfs', 'devtmpfs', '/dev', 0, '', 'skip');
    this.settle();
  }

  settle(): void { for (let i = 0; i < 1000 && this.board.interruptPending; i++) this.kernel.interrupts!.dispatch(); }
  open(): OpenFile { return must(openAt(this.t, AT_FDCWD, '/dev/hvc0', O_RDWR | O_NOCTTY | O_NONBLOCK, 0)); }
  stream(port: BytePort, use: 'read' | 'write'): OpenFile {
    const file = this.devices.openPort(this.board, use, port, use);
    assert.ok(file !== null);
    return file;
  }
  write(f: OpenFile, text: string): number {
    const n = f.write(this.t, new KernelBuffer(new TextEncoder().encode(text)), 0);
    this.settle();
    return n;
  }
  /** What there is, or the errno. */
  read(f: OpenFile): string | number {
    this.settle();
    const into = new KernelBuffer(new Uint8Array(100));
    const n = f.read(this.t, into, 0);
    return n < 0 ? n : String.fromCharCode(...into.bytes.subarray(0, n));
  }
  get device() { return this.kernel.hardware!.devices.find(d => d.base === 0x1_1000_0000)!; }
}

for (const placement of PLACEMENTS) {
  const isolates = placement === 'isolated' ? testIsolates() : undefined;
  for (const how of ['slot', 'unbind'] as const) {
    test(`${placement}, ${how}: a console in use goes, its users hear of it, another one works`, () => {
      const w = new ConsoleWorld(placement, isolates);
      let frames = 0;
      for (let round = 0; round < 3; round++) {
        w.screen.shown = '';
        const tty = w.open();
        const [stdin, stdout] = [new Screen(), new Screen()];
        const input = w.stream(stdin, 'read'), output = w.stream(stdout, 'write');
        assert.equal(w.write(tty, 'hello\n'), 6);
        assert.equal(w.screen.shown, 'hello\r\n');
        w.screen.type('typed\n');
        assert.equal(w.read(tty), 'typed\n');
        stdin.type('input');
        assert.equal(w.read(input), 'input');
        assert.equal(w.write(output, 'output'), 6);
        assert.equal(stdout.shown, 'output');
        assert.equal(w.read(input), EAGAIN);
        // It goes.
        const { device } = w;
        const { driver } = device;
        if (how === 'slot') w.board.eject(0);
        else w.kernel.hardware!.unbind(device, 'unbound');
        w.settle();
        assert.equal(device.driver, null);
        assert.equal(w.read(input), '', 'the end of the stream');
        assert.equal(w.write(output, 'x'), EPIPE);
        assert.notEqual(tty.poll(w.t) & POLLHUP, 0);
        assert.equal(w.read(tty), '', 'a terminal that hung up');
        assert.equal(w.write(tty, 'x'), EIO);
        assert.notEqual(tty.poll(w.t) & (POLLHUP | POLLIN), 0);
        const late = openAt(w.t, AT_FDCWD, '/dev/hvc0', O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
        if (!isErr(late)) late.put();
        for (const f of [tty, input, output]) f.put();
        if (round === 0) frames = w.kernel.frames.counts[KIND_KERNEL]!;
        assert.equal(w.kernel.frames.counts[KIND_KERNEL], frames, 'all memory of the driver is back');
        // And comes again.
        if (how === 'slot') assert.equal(w.board.insert(() => w.board.console), 0);
        else assert.equal(w.kernel.hardware!.bind(device, driver), 0);
        w.settle();
        assert.notEqual(w.device.driver, null);
      }
      const last = w.open();
      w.write(last, 'works');
      assert.match(w.screen.shown, /works$/);
      w.screen.type('and hears\n');
      assert.equal(w.read(last), 'and hears\n');
      last.put();
      assert.equal(w.kernel.oopses, 0);
    });
  }
}
