// The board: RAM, one hart, an interrupt controller, a real-time clock and virtio devices on one bus, described by a device tree at the top of RAM.
// Device registers lie above 4 GiB, where no RAM can be.
import type { ConsolePort, DiskBackend, Entropy, FsBackend, NetBackend } from '../host/host.ts';
import { VirtioBlock } from './devices/block.ts';
import { VirtioConsole } from './devices/console.ts';
import { VirtioEntropy } from './devices/entropy.ts';
import { VirtioFs } from './devices/fs.ts';
import { DmaDomain } from './devices/dma-domain.ts';
import { GoldfishRtc } from './devices/goldfish-rtc.ts';
import type { InputKind } from './devices/input-kinds.ts';
import { type IrqLine, MmioBus, type MmioDevice } from './devices/mmio-bus.ts';
import { VirtioNet } from './devices/net.ts';
import { Plic, PLIC_SOURCES } from './devices/plic.ts';
import { Slot, SlotController } from './devices/slots.ts';
import { cells64, FdtBuilder } from './fdt.ts';
import { PAGE_SIZE, type Clock, type DmaMemory, type Hart, type Iommu, type Isolates, type Machine, type Ram } from './machine.ts';
import { type DisplaySize, Peripherals, type SlotBay } from './peripherals.ts';
import { PLIC_SIZE } from './registers.ts';

const RTC_BASE = 0x1_0010_1000;
const SLOTS_BASE = 0x1_0010_2000;
const PLIC_BASE = 0x1_0c00_0000;
const VIRTIO_BASE = 0x1_1000_0000;
const VIRTIO_STRIDE = 0x1000;
const WINDOW_SIZE = 0x1000;

const PHANDLE_INTC = 1, PHANDLE_PLIC = 2;
/** Supervisor external interrupt (privileged specification, scause). */
const IRQ_S_EXTERNAL = 9;

const ISA_BASE = 'rv64i';
const ISA_EXTENSIONS = ['i', 'm', 'a', 'f', 'd', 'c', 'zicsr', 'zifencei', 'zicntr', 'zba', 'zbb', 'zbs', 'zicond'];

export interface BoardOptions {
  readonly ram: Ram;
  readonly hart: Hart;
  readonly clock: Clock;
  /** Wall-clock time at which the clock reads 0. */
  readonly boot: { readonly sec: number; readonly nsec: number };
  readonly entropy: Entropy;
  /** The terminal behind port 0 of the console; null: none. */
  readonly console: ConsolePort | null;
  /** virtio-fs devices: tag and what it shows. */
  readonly fs: readonly { readonly tag: string; readonly backend: FsBackend }[];
  /** Disks, in the order of /dev/vda, vdb ... */
  readonly disks?: readonly { readonly id: string; readonly backend: DiskBackend }[];
  /** Where isolated drivers run. */
  readonly isolates?: Isolates | undefined;
  readonly display?: DisplaySize | undefined;
  readonly inputs?: readonly InputKind[] | undefined;
  /** Network cards, in the order of eth0, eth1 ... */
  readonly nets?: readonly { readonly id: string; readonly backend: NetBackend }[] | undefined;
  /** The kernel's command line (chosen/bootargs). */
  readonly bootargs: string;
}

/** Windows beyond what the machine starts with: for devices that are plugged in later. */
const SPARE_SLOTS = 4;

/** `dma`: what the device in it reaches. */
interface Place { readonly base: number; readonly irq: number; readonly window: Slot; readonly dma: DmaDomain }

export class Board implements Machine, Iommu, SlotBay {
  readonly ram: Ram;
  readonly harts: readonly Hart[];
  readonly bus = new MmioBus();
  readonly clock: Clock;
  readonly isolates: Isolates | undefined;
  readonly dtb: { readonly paddr: number; readonly size: number };
  /** Ports are plugged in here (`addPort`). */
  readonly console: VirtioConsole;
  readonly peripherals = new Peripherals(this);
  readonly #plic = new Plic();
  readonly #slots: Place[] = [];
  readonly #controller: SlotController;
  /** Network cards by id, and their slots. */
  readonly #nets = new Map<string, { readonly slot: number; readonly backend: NetBackend }>();
  /** Disks by id, and their slots. */
  readonly #disks = new Map<string, { readonly slot: number; readonly backend: DiskBackend }>();

  constructor(o: BoardOptions) {
    this.ram = o.ram;
    this.harts = [o.hart];
    this.clock = o.clock;
    this.isolates = o.isolates;
    this.bus.map(PLIC_BASE, PLIC_SIZE, this.#plic);
    this.bus.map(RTC_BASE, WINDOW_SIZE, new GoldfishRtc(o.clock, o.boot.sec, o.boot.nsec));
    this.console = this.#add((ram, irq) => new VirtioConsole(ram, irq, o.console));
    this.#add((ram, irq) => new VirtioEntropy(ram, irq, o.entropy));
    for (const { tag, backend } of o.fs) this.#add((ram, irq) => new VirtioFs(ram, irq, tag, backend));
    const controllerIrq = PLIC_SOURCES;
    this.#controller = new SlotController(this.#plic.line(controllerIrq));
    this.bus.map(SLOTS_BASE, WINDOW_SIZE, this.#controller);
    const disks = o.disks ?? [], nets = o.nets ?? [], inputs = o.inputs ?? [];
    for (let i = 0; i < disks.length + nets.length + inputs.length + (o.display === undefined ? 0 : 1) + SPARE_SLOTS; i++) this.#makeSlot();
    for (const { id, backend } of disks) this.plugDisk(id, backend);
    for (const { id, backend } of nets) this.plugNet(id, backend);
    if (o.display !== undefined) this.peripherals.plugDisplay(o.display);
    for (const kind of inputs) this.peripherals.plugInput(kind);
    this.#controller.powerOn();
    const blob = this.#deviceTree(o.bootargs);
    const paddr = Math.floor((o.ram.size - blob.length) / PAGE_SIZE) * PAGE_SIZE;
    o.ram.u8.set(blob, paddr);
    this.dtb = { paddr, size: blob.length };
  }

  get iommu(): Iommu { return this; }
  attach(base: number, memory: DmaMemory | null): void { this.#slots.find(p => p.base === base)?.dma.attach(memory); }

  get interruptPending(): boolean { return this.#plic.interruptPending; }
  get hostOwes(): boolean {
    for (const { slot } of this.#disks.values()) if ((this.#slots[slot]!.window.device as VirtioBlock).isWaiting) return true;
    return false;
  }
  /** Called when an interrupt has become pending, also between two runs: whoever runs the machine wakes up. */
  set onInterrupt(f: () => void) { this.#plic.onPending = f; }

  /** Puts a disk into a free slot; the guest hears of it. False: no slot is free, or the id is in use. */
  plugDisk(id: string, backend: DiskBackend): boolean {
    const slot = this.#disks.has(id) ? -1 : this.insert((ram, irq) => new VirtioBlock(ram, irq, backend, id));
    if (slot >= 0) this.#disks.set(id, { slot, backend });
    return slot >= 0;
  }

  /** Back ends of the disks that are plugged in. */
  get disks(): DiskBackend[] { return [...this.#disks.values()].map(d => d.backend); }

  /** Pulls a disk out, in use or not: its back end, which is the caller's now; null: there is none of that id. */
  unplugDisk(id: string): DiskBackend | null {
    const there = this.#disks.get(id);
    if (there === undefined) return null;
    there.backend.attach(null);
    this.#disks.delete(id);
    this.eject(there.slot);
    return there.backend;
  }

  /** Puts a network card into a free slot, as `plugDisk`. */
  plugNet(id: string, backend: NetBackend): boolean {
    const slot = this.#nets.has(id) ? -1 : this.insert((ram, irq) => new VirtioNet(ram, irq, backend));
    if (slot >= 0) this.#nets.set(id, { slot, backend });
    return slot >= 0;
  }

  /** Wires of the network cards that are plugged in. */
  get nets(): NetBackend[] { return [...this.#nets.values()].map(n => n.backend); }

  /** Pulls a network card out: the wire that was behind it, or null. */
  unplugNet(id: string): NetBackend | null {
    const there = this.#nets.get(id);
    if (there === undefined) return null;
    there.backend.attach(null);
    this.#nets.delete(id);
    this.eject(there.slot);
    return there.backend;
  }

  /** Puts a device into a free slot, and the guest hears of it: the slot, or -1. */
  insert(make: (ram: Ram, irq: IrqLine) => MmioDevice): number {
    const slot = this.#slots.findIndex(p => p.window.device === null);
    if (slot < 0) return -1;
    const { irq, window, dma } = this.#slots[slot]!;
    window.device = make(dma, this.#plic.line(irq));
    this.#controller.changed(slot);
    return slot;
  }

  /** What is in the slot is pulled out. */
  eject(slot: number): void {
    const { irq, window } = this.#slots[slot]!;
    window.device = null;
    this.#plic.setLevel(irq, false);
    this.#controller.changed(slot);
  }

  #add<D extends MmioDevice>(make: (ram: Ram, irq: IrqLine) => D): D {
    const { irq, window, dma } = this.#makeSlot();
    const device = make(dma, this.#plic.line(irq));
    window.device = device;
    return device;
  }

  #makeSlot(): Place {
    const irq = this.#slots.length + 1;
    if (irq >= PLIC_SOURCES) throw new RangeError(`more than ${PLIC_SOURCES - 1} devices`);
    const place = { base: VIRTIO_BASE + this.#slots.length * VIRTIO_STRIDE, irq, window: new Slot(), dma: new DmaDomain(this.ram) };
    this.#slots.push(place);
    this.bus.map(place.base, WINDOW_SIZE, place.window);
    return place;
  }

  #deviceTree(bootargs: string): Uint8Array {
    const t = new FdtBuilder();
    const wide = { '#address-cells': [2], '#size-cells': [2] };
    return t.node('', { ...wide, compatible: 'kspace,virt', model: 'kspace' }, () => {
      t.node('chosen', { bootargs });
      t.node('cpus', { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [1_000_000_000] }, () => this.#cpus(t));
      t.node('memory@0', { device_type: 'memory', reg: [...cells64(0), ...cells64(this.ram.size)] });
      t.node('soc', { ...wide, compatible: 'simple-bus', ranges: 'empty', 'interrupt-parent': [PHANDLE_PLIC] }, () => this.#devices(t));
    }).finish();
  }

  #cpus(t: FdtBuilder): void {
    for (const hart of this.harts) {
      t.node(`cpu@${hart.id}`, {
        device_type: 'cpu', reg: [hart.id], status: 'okay', compatible: 'riscv', 'mmu-type': 'riscv,sv39', 'riscv,isa-base': ISA_BASE,
        'riscv,isa-extensions': ISA_EXTENSIONS,
      }, () => t.node('interrupt-controller', {
        '#interrupt-cells': [1], 'interrupt-controller': 'empty', compatible: 'riscv,cpu-intc', phandle: [PHANDLE_INTC],
      }));
    }
  }

  #devices(t: FdtBuilder): void {
    t.node(`plic@${PLIC_BASE.toString(16)}`, {
      compatible: ['sifive,plic-1.0.0', 'riscv,plic0'], reg: [...cells64(PLIC_BASE), ...cells64(PLIC_SIZE)], 'interrupt-controller': 'empty',
      '#interrupt-cells': [1], '#address-cells': [0], 'riscv,ndev': [PLIC_SOURCES], 'interrupts-extended': [PHANDLE_INTC, IRQ_S_EXTERNAL],
      phandle: [PHANDLE_PLIC],
    });
    t.node(`rtc@${RTC_BASE.toString(16)}`, { compatible: 'google,goldfish-rtc', reg: [...cells64(RTC_BASE), ...cells64(WINDOW_SIZE)] });
    t.node(`slots@${SLOTS_BASE.toString(16)}`, { compatible: 'kspace,slots', reg: [...cells64(SLOTS_BASE), ...cells64(WINDOW_SIZE)], interrupts: [PLIC_SOURCES] });
    for (const { base, irq } of this.#slots) {
      t.node(`virtio_mmio@${base.toString(16)}`, { compatible: 'virtio,mmio', reg: [...cells64(base), ...cells64(WINDOW_SIZE)], interrupts: [irq] });
    }
  }
}

/** Puts the machine together. */
export function createBoard(options: BoardOptions): Board { return new Board(options); }
