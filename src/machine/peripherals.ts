// What stands around the machine and may be missing: a display, keyboard, mouse and tablet, a memory balloon. Each is in a slot, so that it can come and go.
import { VirtioBalloon } from './devices/balloon.ts';
import { VirtioGpu } from './devices/gpu.ts';
import { VirtioInput } from './devices/input.ts';
import { INPUT_DEVICES, type InputKind } from './devices/input-kinds.ts';
import type { IrqLine, MmioDevice } from './devices/mmio-bus.ts';
import { PAGE_SIZE, type Ram } from './machine.ts';

export interface DisplaySize { readonly width: number; readonly height: number }
export type Peripheral = 'display' | 'balloon' | InputKind;

/** Where devices are put: the board. */
export interface SlotBay {
  readonly ram: Ram;
  /** Puts a device into a free slot: its number, or -1. */
  insert(make: (ram: Ram, irq: IrqLine) => MmioDevice): number;
  /** Empties a slot; the guest hears of it. */
  eject(slot: number): void;
}

export class Peripherals {
  display: VirtioGpu | null = null;
  balloon: VirtioBalloon | null = null;
  readonly inputs = new Map<InputKind, VirtioInput>();
  readonly #bay: SlotBay;
  readonly #slots = new Map<Peripheral, number>();

  constructor(bay: SlotBay) { this.#bay = bay; }

  /** False: there is one, or no slot is free. */
  plugDisplay(size: DisplaySize): boolean {
    return this.#plug('display', (ram, irq) => (this.display = new VirtioGpu(ram, irq, size)));
  }

  plugInput(kind: InputKind): boolean {
    return this.#plug(kind, (ram, irq) => {
      const device = new VirtioInput(ram, irq, INPUT_DEVICES[kind]);
      this.inputs.set(kind, device);
      return device;
    });
  }

  /** 'deflate on oom': the guest may take memory back when it has none left. */
  plugBalloon(rule: 'deflate on oom' | 'strict'): boolean {
    return this.#plug('balloon', (ram, irq) => (this.balloon = new VirtioBalloon(ram, irq, this.#bay.ram.size / PAGE_SIZE, rule)));
  }

  /** False: it is not there. */
  unplug(what: Peripheral): boolean {
    const slot = this.#slots.get(what);
    if (slot === undefined) return false;
    this.#slots.delete(what);
    if (what === 'display') this.display = null;
    else if (what === 'balloon') this.balloon = null;
    else this.inputs.delete(what);
    this.#bay.eject(slot);
    return true;
  }

  #plug(what: Peripheral, make: (ram: Ram, irq: IrqLine) => MmioDevice): boolean {
    const slot = this.#slots.has(what) ? -1 : this.#bay.insert(make);
    if (slot >= 0) this.#slots.set(what, slot);
    return slot >= 0;
  }
}
