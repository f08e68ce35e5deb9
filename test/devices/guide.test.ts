// The driver author's guide: its example is the file that is compiled here, and it works on a machine that has the device.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ThermometerDriver } from '../../examples/drivers/thermometer.ts';
import { EAGAIN, EIO, isErr } from '../../src/abi/errno.ts';
import { S_IFCHR } from '../../src/abi/stat.ts';
import { PlicDriver } from '../../src/drivers/plic.ts';
import { DeviceManager } from '../../src/kernel/device/manager.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { anonInode } from '../../src/kernel/vfs/anon-inode.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { makedev } from '../../src/abi/stat.ts';
import { DmaDomain } from '../../src/machine/devices/dma-domain.ts';
import { type IrqLine, MmioBus, type MmioDevice } from '../../src/machine/devices/mmio-bus.ts';
import { Plic } from '../../src/machine/devices/plic.ts';
import { cells64, FdtBuilder } from '../../src/machine/fdt.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import type { Machine, Ram } from '../../src/machine/machine.ts';
import { PLIC_SIZE } from '../../src/machine/registers.ts';
import { createRam } from '../../src/machine/ram.ts';
import { PLACEMENTS, testIsolates } from './placements.ts';

const ROOT = process.env.KSPACE_ROOT ?? new URL('../..', import.meta.url).pathname;
const PLIC_BASE = 0x1_0c00_0000, BASE = 0x1_0020_0000;

/** The hardware of the guide. */
class ThermometerDevice implements MmioDevice {
  produced = 0;
  on = false;
  private ring = 0;
  private readonly ram: Ram;
  private readonly irq: IrqLine;
  constructor(ram: Ram, irq: IrqLine) {
    this.ram = ram;
    this.irq = irq;
  }
  measure(milli: number): void {
    this.ram.i32[(this.ring >>> 2) + this.produced++ % 1024] = milli;
    this.irq.set(true);
  }
  read32(offset: number): number { return offset === 8 ? this.produced : 0; }
  write32(offset: number, value: number): void {
    if (offset === 0) this.on = value === 1;
    if (offset === 4) this.ring = value;
    if (offset === 12) this.irq.set(false);
  }
}

test('the guide shows the files that are compiled', () => {
  for (const file of ['thermometer-core', 'thermometer']) {
    const example = readFileSync(`${ROOT}/examples/drivers/${file}.ts`, 'utf8').trimEnd();
    assert.ok(readFileSync(`${ROOT}/docs/drivers.md`, 'utf8').includes(`\`\`\`ts\n${example}\n\`\`\``));
  }
});

for (const placement of PLACEMENTS) {
  test(`the example, ${placement}: measurements arrive, readers wait, unbinding gives EIO and everything back`, () => {
    const ram = createRam(16 << 20);
    const clock = { monotonicNs: () => 1e9 };
    const dma = new DmaDomain(ram);
    const plic = new Plic(), bus = new MmioBus();
    const hardware = new ThermometerDevice(dma, plic.line(5));
    bus.map(PLIC_BASE, PLIC_SIZE, plic);
    bus.map(BASE, 0x1000, hardware);
    const wide = { '#address-cells': [2], '#size-cells': [2] };
    const t = new FdtBuilder();
    const blob = t.node('', { ...wide, compatible: 'example,board' }, () => {
      t.node('soc', { ...wide, compatible: 'simple-bus', 'interrupt-parent': [2] }, () => {
        t.node('thermometer@100200000', { compatible: 'example,thermometer', reg: [...cells64(BASE), ...cells64(0x1000)], interrupts: [5] });
        t.node('plic@10c000000', { compatible: 'riscv,plic0', reg: [...cells64(PLIC_BASE), ...cells64(PLIC_SIZE)], phandle: [2] });
      });
    }).finish();
    const paddr = ram.size - 8192;
    ram.u8.set(blob, paddr);
    const machine: Machine = {
      ram, harts: [createHart(ram, clock)], bus, clock, get interruptPending() { return plic.interruptPending; }, dtb: { paddr, size: blob.length },
      iommu: { attach: (_base, memory) => { dma.attach(memory); } }, isolates: testIsolates(),
    };
    const kernel = new Kernel(machine, 1);
    const frames = kernel.frames.counts[KIND_KERNEL];
    const manager = new DeviceManager(kernel, { otherwise: placement, byName: {} });
    manager.probe([new ThermometerDriver(), new PlicDriver()]);
    assert.equal(hardware.on, true);
    assert.ok(kernel.devices.nodes.has('thermometer'));

    const task = { kernel } as never;
    const inode = anonInode(kernel, S_IFCHR | 0o444);
    inode.rdev = makedev(240, 0);
    const file = kernel.devices.open(task, 'character', inode, 0);
    assert.ok(!isErr(file));
    const read = (): string | number => {
      const io = new KernelBuffer(new Uint8Array(20));
      const n = file.read(task, io, 0);
      return n < 0 ? n : Buffer.from(io.bytes.subarray(0, n)).toString();
    };
    assert.equal(read(), EAGAIN);
    let woken = 0;
    file.waiters!.add({ notify: () => woken++ } as never);
    hardware.measure(21_500);
    hardware.measure(-3_000);
    assert.ok(plic.interruptPending);
    kernel.interrupts!.dispatch();
    assert.equal(plic.interruptPending, false);
    assert.equal(woken, 1);
    assert.deepEqual([read(), read(), read()], ['21.5\n', '-3\n', EAGAIN]);
    hardware.produced = 0x8000_0000;
    for (let i = 0; i < 1024; i++) assert.equal(typeof read(), 'string');

    const device = manager.devices.find(d => d.driver?.name === 'thermometer')!;
    manager.unbind(device, 'unbound');
    assert.equal(hardware.on, false);
    assert.equal(read(), EIO);
    assert.equal(kernel.devices.nodes.has('thermometer'), false);
    assert.equal(kernel.frames.counts[KIND_KERNEL], frames);
  });
}
