// The machine's public contract: all that kernel and drivers may know of the hardware. RAM, harts, MMU, a bus and a device tree; nothing of Linux.
// Implemented by machine/ram, machine/mmu, machine/hart and machine/devices; put together by machine/board.ts.

/** Why `Hart.run` came back. All architectural state is precise: pc names the instruction that trapped and has had no effect. */
export const TRAP_BUDGET = 0;          // the instruction budget is spent (pc: next instruction)
export const TRAP_ECALL = 1;           // the ecall hook asked to unwind; it has already dealt with pc and a0
export const TRAP_FETCH_FAULT = 2;     // tval: virtual address
export const TRAP_LOAD_FAULT = 3;
export const TRAP_STORE_FAULT = 4;     // stores and AMOs
export const TRAP_ILLEGAL = 5;         // tval: the instruction word
export const TRAP_BREAKPOINT = 6;      // ebreak
export const TRAP_MISALIGNED = 7;      // atomics only: plain loads and stores may be misaligned and cross pages
export type Trap = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Byte offsets in a hart context (architectural state of one hart, in RAM; `CTX_SIZE` bytes are what a task switch copies). */
export const CTX_X = 0;                // x0..x31, 8 bytes each; x0 always reads 0
export const CTX_F = 256;              // f0..f31, NaN-boxed
export const CTX_PC = 512;             // 8 bytes
export const CTX_FCSR = 520;           // u32: frm << 5 | fflags
export const CTX_SIZE = 528;

export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;
export const ACCESS_EXEC = 2;
export type Access = 0 | 1 | 2;

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;

/** Sv39 PTE bits (privileged spec, "Sv39"). Bits 8-9 belong to software: the kernel. PTEs are written as two 32-bit words. */
export const PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_G = 32, PTE_A = 64, PTE_D = 128, PTE_SW0 = 256, PTE_SW1 = 512;
export const PTE_PPN_SHIFT = 10;

/** What a device reaches by its DMA addresses, indexes into u8: all of RAM, or a domain of its own. */
export interface DmaMemory {
  readonly size: number;               // bytes
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
}

/** What a device reaches that may reach nothing. */
export const NO_MEMORY: DmaMemory = {
  size: 0, u8: new Uint8Array(0), u16: new Uint16Array(0), i32: new Int32Array(0), u32: new Uint32Array(0), f64: new Float64Array(0),
};

/** Decides what each device reaches. At power-on that is RAM. */
export interface Iommu {
  /** The device behind the register window at `base` reaches `memory` and nothing else from now on; null: nothing. It must be in reset. */
  attach(base: number, memory: DmaMemory | null): void;
}

/** Answer of `Isolates.call`: the core failed, and `broken` was told why. */
export const ISOLATE_FAILED = -0x10000;

/** What an isolated core may do while it works: accesses to its device, events, words. */
export interface IsolateClient {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
  log(text: string): void;
  event(kind: number, a: number, b: number, c: number, d: number): void;
  broken(why: string): void;
}

/** Memory of an isolated core, and how much of it, from the start, is the core's to allocate; the rest is for data on its way. Host memory once it is touched. */
export const ISOLATE_BYTES = 24 << 20, ISOLATE_OWN_BYTES = 8 << 20;

/** Runs cores of drivers apart from the kernel, each with memory of its own; a call ends when the core has answered, failed, or taken too long. */
export interface Isolates {
  /** A new core: its number, or -1: there is none of that name, or no room for it now. */
  open(core: string): number;
  memory(id: number): DmaMemory;
  args(id: number): Float64Array;
  start(id: number, client: IsolateClient): number;
  call(id: number, client: IsolateClient, op: number, a: number, b: number, c: number, d: number): number;
  irq(id: number, client: IsolateClient): number;
  /** Ends it, whatever it does. Its memory is nobody's any more. */
  close(id: number): void;
}

/** Physical memory. The views never detach: the WebAssembly.Memory has a fixed size. Physical address = index into u8. */
export interface Ram extends DmaMemory {
  readonly firstFreePfn: number;       // frames below hold hart contexts, TLBs, decoded code: the machine's own
}

/**
 * What the hart calls at an `ecall`, pc still on it, registers in the context. `ecall()` does the whole system call, writes a0 and pc to the context
 * and answers 0 to go on (pc is reloaded) or 1 to unwind: `run` then returns TRAP_ECALL.
 */
export interface EcallHandler { ecall(): number }

/** One RV64GC hart. Everything a kernel may do to it between two runs. */
export interface Hart {
  readonly id: number;
  readonly base: number;               // physical address of its context
  readonly x: Int32Array;              // the context as 32-bit words: x[2*i] low, x[2*i+1] high half of register i; pc at words 128 and 129
  /** Executes until a trap or until `budget` instructions have retired. */
  run(budget: number): Trap;
  /** Faulting address or instruction word of the last trap (exact below 2^53; canonical high addresses come as 2^64 - n rounded). */
  readonly tval: number;
  /** Instructions retired since power-on, exact, also while inside an ecall hook. */
  readonly instret: number;
  /** System calls since power-on; virtual time charges for them. */
  readonly ecalls: number;
  /** Inside an ecall hook: let at most `n` more instructions retire in this run (0 = preempt as soon as the hook has answered). */
  limitBudget(n: number): void;
  /** Ends an LR/SC reservation: the kernel calls it at every task switch. */
  clearReservation(): void;
  /** The page tables rooted at `rootPfn` become current. */
  activate(rootPfn: number): void;
  setEcallHandler(handler: EcallHandler): void;
  /** Drops decoded and translated code of a frame. To be called whenever the kernel writes to or frees a frame that user space may execute. */
  invalidateCode(pfn: number): void;
  /** Frames that hold something else than when they were decoded; for audits. */
  staleCode?(): readonly number[];
  /** fence.i (riscv_flush_icache), for code at [start, end) of the current space as far as the caller knows; without a range for all code. */
  fenceI(start?: number, end?: number): void;
  readonly mmu: Mmu;
}

/** A TLB entry: a virtual page of the space `rootPfn` and the frame it leads to. */
export interface CachedPage { readonly rootPfn: number; readonly vaddr: number; readonly pfn: number; readonly writable: boolean }

/** Sv39 walks over page tables in RAM plus the software TLBs. A and D are set by the walk. */
export interface Mmu {
  /**
   * Physical address of `vaddr` under the *active* page tables with user permission, A (and D for writes) set; or -1 if an access would fault.
   * Never faults, never calls the kernel. Hot: goes through the TLB first.
   */
  translate(vaddr: number, access: Access): number;
  /** A leaf PTE of the address space `rootPfn` changed or vanished. Cheap when that space has no cached TLB. */
  flushPage(rootPfn: number, vaddr: number): void;
  flushRange(rootPfn: number, start: number, end: number): void;
  flushSpace(rootPfn: number): void;
  /** Everything that is in the TLBs; for audits. */
  cached?(): readonly CachedPage[];
  /** The address space is gone: forget its TLB before the root frame is reused. */
  releaseSpace(rootPfn: number): void;
}

/** Physical addresses outside RAM: device registers. Accesses to holes read 0 and are counted. */
export interface Bus {
  read32(paddr: number): number;
  write32(paddr: number, value: number): void;
}

/** A hardware clock. Monotonic time starts at 0 at power-on; under a seed it depends on retired instructions and idle skips only. */
export interface Clock {
  /** Nanoseconds since power-on, an exact integer below 2^53. */
  monotonicNs(): number;
  /** True under a seed: an instruction takes a nanosecond. Else instructions tell nothing about time. */
  readonly countsInstructions?: boolean;
}

export interface Machine {
  readonly ram: Ram;
  readonly harts: readonly Hart[];
  readonly bus: Bus;
  readonly clock: Clock;
  /** True while the interrupt controller holds an unclaimed interrupt for hart 0: the kernel then claims it from the PLIC. */
  readonly interruptPending: boolean;
  /** True while a device waits for the host to answer it: that a request is not answered then is no fault of the device. */
  readonly hostOwes?: boolean;
  /** Undefined: every device reaches all of RAM. */
  readonly iommu?: Iommu;
  /** Undefined: drivers run inside the kernel only. */
  readonly isolates?: Isolates | undefined;
  /** Flattened device tree (Devicetree Specification 0.4), in RAM. */
  readonly dtb: { readonly paddr: number; readonly size: number };
}
