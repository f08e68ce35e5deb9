// A core in a worker of its own (hybrid): it has its register window, its interrupt and its pages, and the device behind the window sees those pages only
// (machine.iommu). Data of requests is copied to and from them here. What the core asks and answers is checked: it may be mad.
import { EIO, type Errno, isErr } from '../../abi/errno.ts';
import { type DmaMemory, type IsolateClient, type Isolates, ISOLATE_BYTES, ISOLATE_OWN_BYTES, NO_MEMORY } from '../../machine/machine.ts';
import { ARG_WORDS } from '../core/core.ts';
import { BouncePages } from './bounce.ts';
import { CoreLink } from './link.ts';

const NO_ARGS = new Float64Array(ARG_WORDS);

export class IsolatedLink extends CoreLink implements IsolateClient {
  override readonly placement = 'isolated';
  /** Number of the core; -1: there is none now. */
  private id = -1;
  private bounce = new BouncePages(ISOLATE_OWN_BYTES, ISOLATE_BYTES);

  private get isolates(): Isolates { return this.device.kernel.machine.isolates!; }
  override get memory(): DmaMemory { return this.id < 0 ? NO_MEMORY : this.isolates.memory(this.id); }
  override get args(): Float64Array { return this.id < 0 ? NO_ARGS : this.isolates.args(this.id); }

  override map(paddr: number, length: number, direction: 'in' | 'out'): number {
    if (this.id < 0) return -1;
    const addr = this.bounce.take(paddr, length);
    if (addr >= 0 && direction === 'out') this.memory.u8.set(this.device.kernel.machine.ram.u8.subarray(paddr, paddr + length), addr);
    return addr;
  }

  override unmap(addr: number, length: number, paddr: number, valid: number): void {
    if (this.id < 0) return;
    if (valid > 0) this.device.kernel.machine.ram.u8.set(this.memory.u8.subarray(addr, addr + Math.min(valid, length)), paddr);
    this.bounce.give(addr, length);
  }

  protected override launch(): 0 | Errno {
    const { machine } = this.device.kernel;
    this.id = this.isolates.open(this.front.name);
    if (this.id < 0) return EIO;
    this.bounce = new BouncePages(ISOLATE_OWN_BYTES, ISOLATE_BYTES);
    machine.iommu?.attach(this.device.base, this.memory);
    const r = this.isolates.start(this.id, this);
    return r === 0 || isErr(r) ? r : EIO;
  }

  protected override enter(op: number, a: number, b: number, c: number, d: number): number { return this.isolates.call(this.id, this, op, a, b, c, d); }
  protected override enterIrq(): number { return this.isolates.irq(this.id, this); }

  protected override shut(): void {
    if (this.id < 0) return;
    this.device.kernel.machine.iommu?.attach(this.device.base, null);
    this.isolates.close(this.id);
    this.id = -1;
  }

  // --- what the core asks --------------------------------------------------------------------------------------------------------------

  read32(offset: number): number { return this.isRegister(offset) ? this.device.read32(offset) : 0; }
  write32(offset: number, value: number): void {
    if (!this.isRegister(offset)) return;
    this.front.registerWritten(offset, value >>> 0);
    this.device.write32(offset, value >>> 0);
  }
  log(text: string): void { this.device.log(text.replaceAll('\n', ' | ')); }
  event(kind: number, a: number, b: number, c: number, d: number): void { this.pushEvent(kind, a, b, c, d); }

  private isRegister(offset: number): boolean {
    if (offset >= 0 && offset + 4 <= this.device.size && offset % 4 === 0) return true;
    this.broken(`it asks for a register at ${offset}`);
    return false;
  }
}
