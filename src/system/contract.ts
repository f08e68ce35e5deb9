// What a machine is asked for and what it offers: the words that the library, the command line and the tests share. Types only.
import type { Placements } from '../kernel/device/manager.ts';
import type { ImaKey } from '../kernel/integrity/ima-keys.ts';
import type { Confinement } from '../kernel/task/confine.ts';
import type { KernelModule } from './modules/module-api.ts';
import type { LineWriter } from './sandbox/audit-log.ts';
import type { Policy } from './sandbox/policy.ts';
import type { BytePort, ConsolePort, DiskBackend, FsBackend, NetBackend } from '../host/host.ts';
import type { CaptureSink } from '../host/pcap.ts';
import type { Picture } from '../lib/png.ts';
import type { InputKind } from '../machine/devices/input-kinds.ts';
import type { DisplaySize } from '../machine/peripherals.ts';
import type { RegionReport } from './translation/report.ts';

/** A file system of the host made visible in the guest. */
export interface Mount {
  readonly target: string;
  readonly fs: FsBackend;
  readonly access: 'read-write' | 'read-only';
}

/** A disk of the machine; `id`: its serial number, at most 20 characters. */
export interface Disk { readonly id: string; readonly backend: DiskBackend }

/** A network card and the wire it is on; `capture` gets all that passes as a capture file. */
export interface NetCard { readonly id: string; readonly wire: NetBackend; readonly capture?: CaptureSink | undefined }

/** What strace(1) would be told. */
export interface TraceRequest {
  readonly followForks: boolean;
  /** Expressions of -e, in order: 'open,read', 'trace=%file', '!futex'. */
  readonly filters: readonly string[];
  readonly mode: 'lines' | 'summary';
  readonly times: boolean;
  /** Takes whole lines. */
  readonly sink: BytePort;
}

/** A profile of the programs that run: a sample every `interval` instructions. */
export interface ProfileRequest {
  readonly interval: number;
  readonly format: 'cpuprofile' | 'svg';
  /** Takes the whole file when the machine stops. */
  readonly done: (text: string) => void;
}

/** A report of what the translator made. */
export interface TranslationRequest {
  /** Entries and exits, too: the program is slower. */
  readonly counts: boolean;
  readonly microseconds: () => number;
  /** Takes the regions in order of translation when the machine stops. */
  readonly done: (regions: readonly RegionReport[]) => void;
}

/** A picture of the display. */
export interface ScreenshotRequest {
  /** When: at the machine's end, or so many seconds after its start (at the end, if that comes first). */
  readonly at: 'end' | number;
  /** Takes it; null: there is no display. */
  readonly done: (picture: Picture | null) => void;
}

/** Memory that the host takes back from the machine. */
export interface BalloonRequest {
  readonly bytes: number;
  /** 'deflate on oom': the machine may have it again when it runs out of memory. */
  readonly rule: 'deflate on oom' | 'strict';
}

/** What the whole machine is restricted by. */
export interface MachineSandbox {
  /** Tasks at most, all processes and threads together. */
  readonly pidsLimit?: number | undefined;
  readonly lockdown?: 'integrity' | 'confidentiality' | undefined;
  /** No memory is both written and executed, except by these programs (absolute paths; one char per byte). */
  readonly wx?: { readonly exempt: readonly string[] } | undefined;
  /** The kernel audits itself while it runs; 0: only when it is told to. Default 60 under lockdown, else 0. */
  readonly selfAuditSeconds?: number | undefined;
  /** Sees system calls before they run. */
  readonly policy?: Policy | undefined;
  /** Rules of IMA (kernel/integrity/ima-policy.ts), and the keys its signatures may be made with. */
  readonly ima?: { readonly policy: string; readonly keys: readonly ImaKey[] } | undefined;
  /** Takes audit records as JSON lines. */
  readonly audit?: LineWriter | undefined;
}

export interface MachineRequest {
  readonly sandbox?: MachineSandbox | undefined;
  /** Kernel, image, policy, modules: extended into the boot log before anything of them is used. */
  readonly measured?: readonly Measured[] | undefined;
  /** Parts of the kernel that come with this machine; one that is not admitted is an error. */
  readonly modules?: readonly KernelModule[] | undefined;
  readonly memoryBytes: number;
  readonly hostname: string;
  readonly seed: number | undefined;
  readonly root: FsBackend;
  /** `root` is the directory of a sealed image whose seal has this SHA-256: the kernel checks every bit of it. */
  readonly rootHash?: string | undefined;
  /** 'overlay': changes go to memory and are forgotten; 'read-only': EROFS; 'direct': the back end itself is written to. */
  readonly rootAccess: 'overlay' | 'read-only' | 'direct';
  readonly mounts: readonly Mount[];
  /** /dev/vda and so on; the machine closes them when it stops. */
  readonly disks?: readonly Disk[];
  /** Where cores of drivers run; inside the kernel unless said otherwise. */
  readonly drivers?: Placements | undefined;
  /** Takes the table of drivers when the machine stops. */
  readonly driverStats?: ((table: string) => void) | undefined;
  /** eth0 and so on; none by default. */
  readonly nets?: readonly NetCard[] | undefined;
  /** Bytes of a disk in the host's memory that is swapped to. */
  readonly swapBytes?: number | undefined;
  /** Bytes of /dev/zram0, compressed memory of the machine itself that is swapped to before anything else. */
  readonly zramBytes?: number | undefined;
  /** /dev/fb0. */
  readonly display?: DisplaySize | undefined;
  /** /dev/input/event0 and so on. */
  readonly inputs?: readonly InputKind[] | undefined;
  readonly balloon?: BalloonRequest | undefined;
  readonly screenshot?: ScreenshotRequest | undefined;
  /** The terminal behind /dev/console, when a command gets one. */
  readonly console: ConsolePort | undefined;
  readonly trace: TraceRequest | undefined;
  readonly profile?: ProfileRequest | undefined;
  readonly translation?: TranslationRequest | undefined;
  /** Translate hot code to WebAssembly; on unless said otherwise. 'eager' translates everything at once, for tests. */
  readonly translator?: 'on' | 'off' | 'eager' | undefined;
  /** A directory where translations are kept for later machines, or 'off'; a build of kspace has one by default (KSPACE_TRANSLATIONS). Not used with a lockdown. */
  readonly translations?: string | undefined;
}

/** Something that the host contributes, for the boot log: PCR_* register, SHA-256 digest, and what it is (one char per byte). */
export interface Measured { readonly register: number; readonly digest: Uint8Array; readonly text: string }

/** Where the three streams of a process lead. */
export type Stdio =
  | { readonly kind: 'terminal' }
  | { readonly kind: 'streams'; readonly stdin: BytePort; readonly stdout: BytePort; readonly stderr: BytePort };

export interface SpawnRequest {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly stdio: Stdio;
  /** Capabilities it can ever have, as two words; all of them by default. */
  readonly capabilities?: readonly [number, number] | undefined;
  /** seccomp, no_new_privs, limits. */
  readonly confinement?: Confinement | undefined;
}

/** How a process ended, as wait(2) tells it. */
export type Ending = { readonly kind: 'exited'; readonly status: number } | { readonly kind: 'killed'; readonly signal: number };

export interface GuestProcess {
  readonly pid: number;
  wait(): Promise<Ending>;
  /** Sends a signal by its Linux number, to the process' group as a terminal would. */
  signal(number: number): void;
}

export interface GuestMachine {
  /** The process, or a negative errno of execve(2). */
  spawn(request: SpawnRequest): GuestProcess | number;
  /** Flushes and gives everything back. */
  stop(): Promise<void>;
}
