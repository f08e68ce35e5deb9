// All commands of `kspace` and their options: the one place where they are written down. Each command's code is loaded when it is called.
import type { CommandSpec, OptionSpec, Parsed } from './options.ts';
import { SANDBOX } from './sandbox-options.ts';

/** A command: how it is called and where its code is. The code answers the exit status. */
export interface Command extends CommandSpec {
  readonly load: () => Promise<(parsed: Parsed) => Promise<number>>;
  /** Subcommands take over after their own name (image build). */
  readonly subcommands?: readonly Command[];
}

/** What `run` and `exec` have in common: the machine and the process. */
const MACHINE: readonly OptionSpec[] = [
  { long: 'env', short: 'e', value: 'K=V', repeat: true, help: "set an environment variable; K alone passes the host's value" },
  { long: 'workdir', short: 'w', value: 'DIR', help: 'working directory in the guest' },
  { long: 'volume', short: 'v', value: 'HOST:GUEST[:ro]', repeat: true, help: 'show a host directory in the guest' },
  { long: 'disk', value: 'FILE[,ro][,cow]', repeat: true, help: 'a disk of the machine, /dev/vda and so on: a file, a name of `kspace disk`, an http(s) address, or mem:SIZE' },
  { long: 'drivers', value: 'PLACEMENT', help: 'monolithic: drivers run inside the kernel; hybrid: each in a worker of its own' },
  { long: 'driver', value: 'NAME=PLACE', repeat: true, help: 'where one driver runs: virtio-blk=isolated, virtio-rng=kernel' },
  { long: 'driver-stats', help: 'at the end, say on standard error what each driver did and what a request took' },
  { long: 'user', short: 'u', value: 'UID[:GID]', help: 'run as this user (numbers, or names of the image)' },
  { long: 'hostname', value: 'NAME', help: "the machine's host name" },
  { long: 'memory', short: 'm', value: 'SIZE', help: 'size of RAM: 64M, 1G (default 512M)' },
  { long: 'swap', value: 'SIZE', help: 'swap space in the memory of this host: a machine with little RAM runs big programs' },
  { long: 'zram', value: 'SIZE', help: 'compressed swap space in the RAM of the machine itself, used before --swap' },
  { long: 'balloon', value: 'SIZE', help: 'so much of RAM is lent to the host: the machine takes it back before it runs out of memory' },
  { long: 'display', value: 'WIDTHxHEIGHT', help: 'a display, /dev/fb0 (kspace screenshot shows what is on it)' },
  { long: 'input', value: 'KIND[,KIND…]', help: 'input devices, /dev/input/event0 and so on: keyboard, mouse, tablet (moved through the library)' },
  { long: 'seed', value: 'N', help: 'repeatable run: time, random numbers and scheduling follow from N' },
  { long: 'jit', value: 'MODE', help: 'translate programs to WebAssembly: on (what is hot), off, eager (everything, for tests); default: $KSPACE_JIT, or on' },
  { long: 'translations', value: 'DIR', help: 'keep what is translated for later runs in DIR, or off; default: $KSPACE_TRANSLATIONS, or below $KSPACE_HOME or ~/.cache' },
  ...SANDBOX,
  { long: 'profile', value: 'FILE', help: 'where programs spend their instructions: FILE.svg (flame graph) or FILE.cpuprofile (Chrome DevTools)' },
  { long: 'profile-interval', value: 'N', help: 'a sample every N instructions (default 1000000)' },
];

/** What of `run` makes the machine, not the process. */
const ROOT_FS: readonly OptionSpec[] = [
  { long: 'read-only', help: 'the root file system cannot be written to' },
  { long: 'rw', help: 'IMAGE is a directory: write changes to it' },
];

const RUN: Command = {
  name: 'run', usage: 'run [OPTIONS] [IMAGE] [--] [COMMAND [ARGS…]]', summary: 'boot a machine and run a command in it',
  notes: `IMAGE is an image of the store or a directory; without one it is busybox, which builds itself on first use. The machine starts from
IMAGE every time: what the command changes is gone afterwards, except below -v directories and with --rw.
With a terminal on both ends the command gets a terminal of its own (-it); otherwise the three streams are passed through.
The exit status is the command's: 128+N when signal N ended it, 125 when kspace failed, 126 and 127 when COMMAND cannot be run or found.`,
  options: [
    { long: 'interactive', short: 'i', help: 'pass standard input on (default unless it is a terminal and output is not)' },
    { long: 'tty', short: 't', help: 'give the command a terminal' },
    ...MACHINE,
    ...ROOT_FS,
    { long: 'rm', help: 'accepted for habit: nothing is ever kept' },
    { long: 'name', value: 'NAME', help: 'name of the machine: its host name unless --hostname says otherwise' },
  ],
  order: 'first-word-ends', load: async () => (await import('./run.ts')).run,
};

const EXEC: Command = {
  name: 'exec', usage: 'exec [OPTIONS] PROGRAM [ARGS…]', summary: 'run one riscv64 program of the host',
  notes: `A drop-in for a user-mode emulator: the environment is passed on; the current directory and $TMPDIR are there, read-write, at their own
paths; the program's directory is there read-only. Below them lies the image busybox (see --image) with /bin/sh, /etc/passwd, /proc, /dev, /tmp.`,
  options: [
    ...MACHINE,
    { long: 'image', short: 'L', value: 'IMAGE', help: 'what lies below: dynamically linked programs find their libraries there' },
  ],
  order: 'first-word-ends', load: async () => (await import('./exec.ts')).exec,
};

const STRACE: Command = {
  name: 'strace', usage: 'strace [OPTIONS] run|exec …', summary: 'run or exec, with one line per system call on standard error',
  options: [
    { long: 'follow-forks', short: 'f', help: 'children too, each line with its process id' },
    { long: 'trace', short: 'e', value: 'EXPR', repeat: true, help: 'which calls: open,read or %file %process %network %signal %memory %desc; !… for all others' },
    { long: 'summary-only', short: 'c', help: 'no lines but a table of counts, errors and times at the end' },
    { long: 'output', short: 'o', value: 'FILE', help: 'write there instead of standard error' },
    { long: 'syscall-times', short: 'T', help: 'time spent in each call' },
  ],
  order: 'first-word-ends', load: async () => (await import('./strace.ts')).strace,
};

const JIT: Command = {
  name: 'jit', usage: 'jit dump …', summary: 'look at what the translator makes of programs',
  options: [], order: 'first-word-ends', load: async () => (await import('./jit.ts')).jit,
  subcommands: [
    {
      name: 'dump', usage: 'jit dump [OPTIONS] run|exec|IMAGE|PROGRAM …', summary: 'run a command translated, then print the WebAssembly it became',
      notes: `What follows is a command line of run or exec; an image means run, any other program exec: kspace jit dump --symbol main ./a.out 10
Each region is printed as text with every RISC-V instruction in front of what became of it. Registers are locals of their names, or fields of the hart's
context (;a0;) where they are loaded and stored. An address is that of the first process that ran the region.
With --stats, a region is left by going on elsewhere, or for: the budget, code that is not translated (fetch), a load, store or atomic that needs the
hart (a TLB miss, mostly), an instruction that only the hart executes (slow), a system call that does not simply return (unwind, again).`,
      options: [
        { long: 'symbol', short: 's', value: 'NAME', repeat: true, help: 'only regions that begin in this function' },
        { long: 'address', short: 'a', value: 'HEX', repeat: true, help: 'only regions that hold the instruction at this address' },
        { long: 'stats', help: 'no text but a table: what each region is, what it cost, how often it was entered and why it was left' },
        { long: 'eager', help: 'translate whatever is executed, at once' },
        { long: 'output', short: 'o', value: 'FILE', help: 'write there instead of standard error' },
      ],
      order: 'first-word-ends', load: async () => (await import('./jit.ts')).dump,
    },
  ],
};

const SCREENSHOT: Command = {
  name: 'screenshot', usage: 'screenshot [OPTIONS] run|exec …', summary: 'run or exec on a machine with a display, and a picture of it as a PNG file',
  notes: `The display is 640x480 unless --display of run or exec says otherwise: kspace screenshot -o bars.png run IMAGE -- sh -c 'cat bars > /dev/fb0'`,
  options: [
    { long: 'output', short: 'o', value: 'FILE', help: 'the file (default screenshot.png)' },
    { long: 'at', value: 'SECONDS', help: 'so long after the start of the machine, if it runs that long (default: when the command has ended)' },
  ],
  order: 'first-word-ends', load: async () => (await import('./screenshot.ts')).screenshot,
};

const IMAGE: Command = {
  name: 'image', usage: 'image build|import|ls|rm|seal|verify …', summary: 'build, import, list, remove and seal images',
  options: [], order: 'first-word-ends', load: async () => (await import('./image.ts')).image,
  subcommands: [
    {
      name: 'build', usage: 'image build [OPTIONS] NAME', summary: 'make an image of Debian packages for riscv64',
      notes: `Packages are resolved with what they depend on (no recommendations) and verified by the apt-get of this host in a directory of our own;
no root is needed and nothing of the host changes. No package script is run.`,
      options: [
        { long: 'packages', short: 'p', value: 'A,B,C', repeat: true, help: 'the packages that you want' },
        { long: 'suite', value: 'NAME', help: 'Debian suite (default trixie)' },
        { long: 'no-compile', help: 'leave the byte code of the Python library out: faster to build, slower to run' },
        { long: 'mirror', value: 'URL', help: "Debian mirror (default: the one in this host's apt sources)" },
      ],
      order: 'any', load: async () => (await import('./image.ts')).build,
    },
    {
      name: 'import', usage: 'image import DIR|TAR NAME', summary: 'make an image of a directory or a tar archive (plain, gzip, xz, zstd; - is standard input)',
      options: [], order: 'any', load: async () => (await import('./image.ts')).importSource,
    },
    { name: 'ls', usage: 'image ls', summary: 'list the images', options: [], order: 'any', load: async () => (await import('./image.ts')).ls },
    {
      name: 'seal', usage: 'image seal [OPTIONS] NAME', summary: 'protect an image with a Merkle tree and print its root hash',
      notes: `run --verity=ROOTHASH then has the kernel check every page that it reads of the image: a flipped bit anywhere answers EIO.
The tree (data.verity) has the format of dm-verity, so veritysetup can check it against the image's data, too.`,
      options: [{ long: 'key', value: 'FILE', help: 'sign the seal with this ed25519 private key (PEM, as of openssl genpkey -algorithm ed25519)' }],
      order: 'any', load: async () => (await import('./image.ts')).seal,
    },
    {
      name: 'verify', usage: 'image verify [OPTIONS] NAME', summary: 'compare every bit of a sealed image with its seal',
      options: [
        { long: 'key', value: 'FILE', help: 'the seal must be signed with this ed25519 key (PEM, public or private)' },
        { long: 'root-hash', value: 'HEX', help: 'the seal must have this root hash' },
      ],
      order: 'any', load: async () => (await import('./image.ts')).verify,
    },
    { name: 'rm', usage: 'image rm NAME…', summary: 'remove images', options: [], order: 'any', load: async () => (await import('./image.ts')).rm },
  ],
};

const DISK: Command = {
  name: 'disk', usage: 'disk create|ls|rm …', summary: 'create, list and remove disks of the store',
  notes: `A disk is a sparse file; --disk NAME attaches it to a machine, where it is /dev/vda, vdb and so on. --disk also takes any other file.
With ,cow the file is not written: changes stay in memory and are gone with the machine.`,
  options: [], order: 'first-word-ends', load: async () => (await import('./disk.ts')).disk,
  subcommands: [
    { name: 'create', usage: 'disk create NAME|FILE SIZE', summary: 'make an empty disk: 64M, 2G', options: [], order: 'any', load: async () => (await import('./disk.ts')).create },
    { name: 'ls', usage: 'disk ls', summary: 'list the disks', options: [], order: 'any', load: async () => (await import('./disk.ts')).ls },
    { name: 'rm', usage: 'disk rm NAME…', summary: 'remove disks', options: [], order: 'any', load: async () => (await import('./disk.ts')).rm },
  ],
};

const MODULE: Command = {
  name: 'module', usage: 'module keygen|sign|verify …', summary: 'keys, signatures and trust lists for modules of the kernel',
  notes: `A module is one JavaScript or TypeScript file that exports a name and init(api); --module loads it. It is trusted when a --trust list names its
hash (sha256 HEX) or the key (ed25519 HEX) that made the signature in FILE.sig.`,
  options: [], order: 'first-word-ends', load: async () => (await import('./module.ts')).module,
  subcommands: [
    { name: 'keygen', usage: 'module keygen FILE', summary: 'make an ed25519 key, FILE and FILE.pub, and print its line for a trust list', options: [], order: 'any', load: async () => (await import('./module.ts')).keygen },
    {
      name: 'sign', usage: 'module sign --key KEYFILE FILE…', summary: 'write FILE.sig beside each module', order: 'any',
      options: [{ long: 'key', value: 'KEYFILE', help: 'the private key (PEM)' }], load: async () => (await import('./module.ts')).sign,
    },
    {
      name: 'verify', usage: 'module verify --trust LIST FILE…', summary: 'tell whether modules are trusted; status 1 when one is not', order: 'any',
      options: [{ long: 'trust', value: 'LIST', repeat: true, help: 'a trust list' }], load: async () => (await import('./module.ts')).verify,
    },
  ],
};

const ATTEST: Command = {
  name: 'attest', usage: 'attest [OPTIONS] [IMAGE]', summary: 'tell what a machine is made of, and check what another one has told',
  notes: `Starts the machine that run would start with these options, without a program: kernel files, image, device tree, command line, settings, policies
and modules are measured into registers (SHA-256) before they are used, and the list of them is printed. Programs find the same in
/sys/kernel/security/tpm0. --expect FILE compares with what --json has printed on another day: status 1 when something differs.
--nonce and --key make a quote, signed with an ed25519 key (kspace module keygen); --verify checks one.`,
  options: [
    { long: 'json', help: 'print registers and log as JSON' },
    { long: 'expect', value: 'FILE', help: 'compare with these values (of --json; registers that FILE does not name may be anything)' },
    { long: 'nonce', value: 'HEX', help: 'the number of whoever asks, so that the answer cannot be an old one' },
    { long: 'key', value: 'FILE', help: 'sign registers and nonce with this private key (PEM)' },
    { long: 'verify', value: 'FILE', help: 'no machine: check the quote in FILE' },
    { long: 'public', value: 'FILE', help: 'the key that --verify believes (PEM)' },
    ...MACHINE, ...ROOT_FS,
  ],
  order: 'any', load: async () => (await import('./attest.ts')).attest,
};

const START: Command = {
  name: 'start', usage: 'start', summary: 'an interactive shell on a terminal, a short tour without one',
  options: [{ long: 'memory', short: 'm', value: 'SIZE', help: 'size of RAM' }, { long: 'tour', help: 'the tour, terminal or not' }],
  order: 'any', load: async () => (await import('./start.ts')).start,
};

const HELP: Command = {
  name: 'help', usage: 'help [COMMAND]', summary: 'explain kspace or one of its commands',
  options: [], order: 'any', load: async () => (await import('./help.ts')).help,
};

const VERSION: Command = {
  name: 'version', usage: 'version', summary: 'print the version', options: [], order: 'any', load: async () => (await import('./help.ts')).version,
};

export const COMMANDS: readonly Command[] = [RUN, EXEC, STRACE, SCREENSHOT, JIT, IMAGE, DISK, MODULE, ATTEST, START, HELP, VERSION];
