// A small world for tests of mm: RAM in an ArrayBuffer, an MMU in TypeScript that remembers every translation until it is told to forget it (so that
// a forgotten flush shows), and as much of kernel, process and task as mm looks at.
import {
  ACCESS_EXEC, ACCESS_WRITE, type Access, type Hart, type Machine, type Mmu, PAGE_SIZE, PTE_A, PTE_D, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, type Ram,
} from '../../machine/machine.ts';
import { BLOCKED, EIO, type Errno, isErr } from '../../abi/errno.ts';
import type { Kernel } from '../kernel.ts';
import { credentialsFor } from '../security/credentials.ts';
import { Security } from '../security/security.ts';
import type { Task } from '../task/task.ts';
import { AddressSpace } from './address-space.ts';
import { Frames } from './frames.ts';
import { mmapBaseFor } from './layout.ts';
import { SwapStore } from './swap-area.ts';
import { UserMemory } from './user.ts';

export class FakeRam implements Ram {
  readonly size: number;
  readonly firstFreePfn = 5;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  constructor(bytes: number) {
    const buffer = new ArrayBuffer(bytes);
    this.size = bytes;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }
}

/** Walks as the privileged specification says; its TLB never forgets by itself. */
export class FakeMmu implements Mmu {
  readonly ram: Ram;
  root = 0;
  /** root -> (vpn * 3 + access -> physical page). */
  readonly tlb = new Map<number, Map<number, number>>();
  constructor(ram: Ram) { this.ram = ram; }

  activate(rootPfn: number): void { this.root = rootPfn; }

  translate(vaddr: number, access: Access): number {
    const vpn = Math.floor(vaddr / PAGE_SIZE), offset = vaddr % PAGE_SIZE;
    const cached = this.tlb.get(this.root)?.get(vpn * 3 + access);
    if (cached !== undefined) return cached * PAGE_SIZE + offset;
    const pfn = this.#walk(vpn, access);
    if (pfn < 0) return -1;
    if (!this.tlb.has(this.root)) this.tlb.set(this.root, new Map());
    this.tlb.get(this.root)!.set(vpn * 3 + access, pfn);
    return pfn * PAGE_SIZE + offset;
  }

  #walk(vpn: number, access: Access): number {
    let table = this.root;
    for (let level = 2; level >= 0; level--) {
      const at = table * 1024 + ((vpn >>> (9 * level)) & 511) * 2;
      const pte = this.ram.u32[at]!;
      if (this.ram.u32[at + 1] !== 0) throw new Error('the high word of a PTE is not zero');
      if ((pte & PTE_V) === 0) return -1;
      if ((pte & (PTE_R | PTE_W | PTE_X)) === 0) { table = pte >>> 10; continue; }
      if (level !== 0 || (pte & PTE_U) === 0) throw new Error('a leaf where none may be');
      const need = access === ACCESS_WRITE ? PTE_W : access === ACCESS_EXEC ? PTE_X : PTE_R;
      if ((pte & need) === 0) return -1;
      this.ram.u32[at] = pte | PTE_A | (access === ACCESS_WRITE ? PTE_D : 0);
      return pte >>> 10;
    }
    throw new Error('a table at the last level');
  }

  flushPage(rootPfn: number, vaddr: number): void { this.flushRange(rootPfn, vaddr, vaddr + 1); }
  flushRange(rootPfn: number, start: number, end: number): void {
    const cache = this.tlb.get(rootPfn);
    if (cache === undefined) return;
    const first = Math.floor(start / PAGE_SIZE) * 3, last = Math.ceil(end / PAGE_SIZE) * 3;
    for (const key of cache.keys()) if (key >= first && key < last) cache.delete(key);
  }
  flushSpace(rootPfn: number): void { this.tlb.delete(rootPfn); }
  releaseSpace(rootPfn: number): void { this.tlb.delete(rootPfn); }
}

/** mm's view of a kernel, with one task. */
export interface TestWorld { kernel: Kernel; frames: Frames; task: Task; user: UserMemory; invalidated: number[] }

/** An MMU with the means to say which tables it walks. */
export interface TestMmu extends Mmu { activate(rootPfn: number): void }

export function testWorld(bytes = 8 << 20, ram: Ram = new FakeRam(bytes), mmu: TestMmu = new FakeMmu(ram)): TestWorld {
  const invalidated: number[] = [];
  const hart = { id: 0, mmu, invalidateCode: (pfn: number) => { invalidated.push(pfn); }, activate: (root: number) => { mmu.activate(root); } } as unknown as Hart;
  const machine = { ram, harts: [hart] } as unknown as Machine;
  const frames = new Frames(machine);
  const kernel = { machine, hart, frames, security: new Security() } as unknown as Kernel;
  const task = testTask(kernel);
  Object.assign(kernel, { current: task });
  const user = new UserMemory(kernel);
  Object.assign(kernel, { user });
  return { kernel, frames, task, user, invalidated };
}

/** An unprivileged task without an address space. */
export function testTask(kernel: Kernel): Task {
  const rlimits = Array.from({ length: 16 }, () => ({ soft: Infinity, hard: Infinity }));
  rlimits[3] = { soft: 8 << 20, hard: Infinity };
  return { kernel, cred: credentialsFor(1000, 1000), process: { rlimits, kernel }, mm: null, minFaults: 0, majFaults: 0 } as unknown as Task;
}

/** A fresh address space in which `world.task` runs. */
export function enterSpace(world: TestWorld): AddressSpace {
  const mm = AddressSpace.create(world.kernel);
  if (isErr(mm)) throw new Error('no memory for an address space');
  mm.mmapBase = mmapBaseFor(8 << 20);
  mm.startBrk = mm.brk = 0x10_0000;
  switchTo(world, world.task, mm);
  return mm;
}

export function switchTo(world: TestWorld, t: Task, mm: AddressSpace): void {
  t.mm = mm;
  world.kernel.current = t;
  world.kernel.hart.activate(mm.rootPfn);
}

/** A swap disk in JavaScript's memory. `mood` 'later': reads answer BLOCKED the first time, writes are on their way until `settle`. */
export class MemorySwap extends SwapStore {
  readonly pages: number;
  readonly frames: Frames;
  readonly stored = new Map<number, Uint8Array>();
  mood: 'at once' | 'later' | 'broken' = 'at once';
  base = 0;
  readonly #asked = new Set<number>();
  readonly #onTheWay: { page: number; pfn: number }[] = [];
  constructor(frames: Frames, pages: number) {
    super();
    this.frames = frames;
    this.pages = pages;
  }
  override read(_t: Task, page: number, pfn: number): 0 | Errno {
    if (this.mood === 'broken') return EIO;
    if (this.mood === 'later' && !this.#asked.delete(page)) {
      this.#asked.add(page);
      return BLOCKED;
    }
    const bytes = this.stored.get(page);
    if (bytes === undefined) throw new Error(`page ${page} was never written, or was discarded`);
    this.frames.ram.u8.set(bytes, pfn * PAGE_SIZE);
    return 0;
  }
  override write(page: number, pfn: number): 0 | Errno {
    if (this.mood === 'broken') return EIO;
    if (this.stored.has(page)) throw new Error(`page ${page} is written twice`);
    this.stored.set(page, this.frames.ram.u8.slice(pfn * PAGE_SIZE, (pfn + 1) * PAGE_SIZE));
    if (this.mood === 'at once') return 0;
    this.frames.get(pfn);
    this.#onTheWay.push({ page, pfn });
    return BLOCKED;
  }
  override discard(page: number): void { this.stored.delete(page); }
  /** Writes that are on their way arrive. */
  settle(): void {
    for (const { page, pfn } of this.#onTheWay.splice(0)) {
      this.frames.swap.written(this.base + page, pfn, 0);
      this.frames.put(pfn);
    }
  }
}

/** Gives the world a swap area. */
export function addSwap(w: TestWorld, pages: number): MemorySwap {
  const store = new MemorySwap(w.frames, pages);
  const area = w.frames.swap.add(store, { path: '/dev/test', type: 'partition', file: null }, pages, null);
  if (isErr(area)) throw new Error('no room for the area');
  store.base = area.base;
  return store;
}
