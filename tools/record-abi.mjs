// Re-records test/abi/layout.golden.json: what a riscv64 C compiler says about every constant and struct that src/abi declares. A C program
// is generated from the exports, compiled by riscv64-linux-gnu-gcc, run under qemu-riscv64. Needs both; the test that compares needs neither.
import { build } from 'esbuild';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The headers that declare what each module declares; kernel headers where libc has its own idea of a struct. `-NAME` undefines a macro. */
const HEADERS = {
  errno: 'errno.h',
  'syscall-numbers': 'asm/unistd.h',
  fcntl: 'linux/fcntl.h linux/openat2.h linux/falloc.h linux/fadvise.h linux/close_range.h linux/memfd.h linux/fs.h linux/stat.h',
  mman: 'linux/mman.h linux/membarrier.h linux/mempolicy.h',
  stat: '-__GLIBC__ asm/stat.h linux/stat.h',
  signal: 'linux/signal.h asm/siginfo.h asm/sigcontext.h asm/ucontext.h',
  sched: 'linux/sched.h linux/sched/types.h linux/ioprio.h linux/personality.h',
  wait: 'linux/wait.h',
  poll: 'asm/poll.h linux/eventpoll.h linux/time_types.h',
  userfaultfd: 'linux/ioctl.h linux/userfaultfd.h',
  eventfd: 'sys/eventfd.h sys/signalfd.h sys/timerfd.h sys/inotify.h linux/pidfd.h linux/timerfd.h',
  socket: 'sys/socket.h asm/ioctls.h sys/un.h netinet/in.h netinet/tcp.h linux/sockios.h linux/netlink.h linux/if.h',
  ioctl: 'asm/termios.h asm/ioctls.h linux/fs.h linux/vt.h linux/kd.h linux/random.h linux/sockios.h',
  termios: 'asm/termbits.h asm/termios.h linux/tty.h',
  time: 'linux/time.h linux/time_types.h linux/times.h linux/timex.h linux/utime.h asm/siginfo.h',
  resource: 'linux/resource.h',
  auxv: 'linux/auxvec.h asm/auxvec.h asm/hwcap.h',
  elf: 'linux/elf.h linux/elf-em.h asm/elf.h',
  fuse: 'linux/ioctl.h linux/fuse.h stdint.h',
  futex: 'linux/futex.h linux/rseq.h',
  prctl: 'linux/prctl.h linux/securebits.h linux/capability.h',
  capability: 'linux/capability.h',
  random: 'linux/random.h',
  limits: 'linux/limits.h linux/uio.h',
  utsname: 'linux/utsname.h linux/sysinfo.h linux/reboot.h',
  dirent: 'dirent.h',
  statfs: 'asm/statfs.h linux/magic.h sys/statvfs.h',
  mount: 'linux/mount.h sys/mount.h',
  fsverity: 'linux/fs.h linux/fsverity.h',
  loop: 'linux/loop.h',
  xattr: 'linux/xattr.h linux/posix_acl.h linux/posix_acl_xattr.h',
  input: 'linux/input.h',
  'input-keys': 'linux/input.h',
  fb: 'linux/types.h linux/ioctl.h linux/fb.h',
  keyctl: 'linux/keyctl.h',
  landlock: 'linux/landlock.h',
  hwprobe: 'asm/unistd.h',
  ipc: 'linux/ipc.h linux/shm.h linux/sem.h linux/msg.h',
  seccomp: 'linux/ioctl.h linux/seccomp.h linux/audit.h',
  filter: 'linux/filter.h',
  packet: 'linux/ioctl.h sys/socket.h linux/if_packet.h linux/if_ether.h linux/if_arp.h linux/sockios.h linux/if.h',
  rtnetlink: 'linux/netlink.h linux/rtnetlink.h linux/if_link.h linux/if_addr.h linux/if.h',
  ptrace: 'linux/ptrace.h',
  syslog: 'linux/kernel.h',
};
/** Kernel structs that no header exports, declared from their man pages. */
const PROLOGUE = {
  // Without FUSE_SETXATTR_EXT: FUSE_COMPAT_SETXATTR_IN_SIZE bytes.
  fuse: 'struct fuse_setxattr_in_compat { uint32_t size, flags; };',
  signal: 'struct rt_sigframe { siginfo_t info; struct ucontext uc; };',
  poll: 'struct sigset_argpack { void *p; unsigned long size; };',
  dirent: 'struct dirent64_head { unsigned long d_ino; long d_off; unsigned short d_reclen; unsigned char d_type; char d_name[]; };',
  landlock: 'struct ruleset_abi7 { __u64 handled_access_fs, handled_access_net, scoped; }; struct net_port_abi4 { __u64 allowed_access, port; };',
  hwprobe: 'struct riscv_hwprobe { long key; unsigned long value; };',
};
/** C spelling of a field where ours differs. */
const FIELD = {
  'FpState.f': 'd.f', 'FpState.fcsr': 'd.fcsr', 'Sigevent.sigev_notify_thread_id': '_sigev_un._tid',
  // A view has an `offset` of its own.
  'FbBitfield.offset_': 'offset', 'FuseReadIn.off': 'offset', 'FuseWriteIn.off': 'offset', 'FsverityReadMetadataArg.off': 'offset',
  ...Object.fromEntries(['FallocateIn', 'LseekIn', 'LseekOut', 'NotifyRetrieveIn', 'NotifyRetrieveOut', 'NotifyStoreOut'].map(s => [`Fuse${s}.off`, 'offset'])),
  ...Object.fromEntries(['LkIn', 'LkOut'].flatMap(s => ['start', 'end', 'type', 'pid'].map(f => [`Fuse${s}.${f}`, `lk.${f}`]))),
  // Padding in Linux 6.1, a field since.
  'FuseNotifyInvalEntryOut.flags': 'padding',
  'FuseInHeader.total_extlen': 'padding', 'FuseOpenOut.backing_id': 'padding',
  ...Object.fromEntries(['blocks', 'bfree', 'bavail', 'files', 'ffree', 'bsize', 'namelen', 'frsize'].map(f => [`FuseStatfsOut.${f}`, `st.${f}`])),
};
/** C spelling of a type where ours differs. */
const TYPE = { FuseSetxattrIn: 'struct fuse_setxattr_in_compat', Dirent64: 'struct dirent64_head', LandlockRulesetAttr: 'struct ruleset_abi7', LandlockNetPort: 'struct net_port_abi4' };

const root = new URL('..', import.meta.url).pathname;
const modules = await loadAbi();
const work = mkdtempSync(join(tmpdir(), 'kspace-abi-'));
const golden = {};
try {
  for (const name of Object.keys(modules).sort()) golden[name] = record(name, modules[name]);
} finally {
  rmSync(work, { recursive: true, force: true });
}
writeFileSync(`${root}test/abi/layout.golden.json`, JSON.stringify(golden, null, 1) + '\n');
const count = Object.values(golden).reduce((n, m) => n + Object.keys(m.constants).length, 0);
console.log(`${count} constants, ${Object.values(golden).reduce((n, m) => n + Object.keys(m.structs).length, 0)} structs`);

/** Every module of src/abi as a namespace object. */
async function loadAbi() {
  const names = readdirSync(`${root}src/abi`).filter(f => f.endsWith('.ts') && !f.endsWith('.test.ts')).map(f => f.slice(0, -3));
  const contents = names.map((n, i) => `export * as m${i} from './src/abi/${n}.ts';`).join('\n');
  const { outputFiles } = await build({ stdin: { contents, resolveDir: root, loader: 'ts' }, bundle: true, format: 'esm', write: false });
  const all = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return Object.fromEntries(names.map((n, i) => [n, all[`m${i}`]]));
}

function record(name, exported) {
  let constants = constantsOf(name, exported);
  const structs = Object.entries(exported).filter(([, v]) => v?.kind === 'struct');
  for (;;) {
    const { missing, output } = compile(name, constants, structs);
    if (missing.size === 0) return parse(output);
    constants = constants.filter(([n]) => !missing.has(n));
  }
}

/** Pairs of our name and the C expression. */
function constantsOf(name, exported) {
  if (name === 'syscall-numbers') return Object.keys(exported.SYSCALL_NUMBERS).map(n => [n, `__NR_${n}`]);
  if (name === 'input-keys') return Object.keys(exported.KEY_CODES).map(n => [n, n]);
  const numbers = Object.keys(exported).filter(n => typeof exported[n] === 'number' && /^_*[A-Z]/.test(n));
  if (name === 'errno') return numbers.map(n => [n, `-${n}`]);
  return numbers.map(n => [n, n === 'SIG_DFL' || n === 'SIG_IGN' ? `(long)${n}` : n]);
}

function compile(name, constants, structs) {
  const lines = ['#define _GNU_SOURCE', '#include <stdio.h>', '#include <stddef.h>',
    ...(HEADERS[name] ?? '').split(' ').filter(Boolean).map(h => (h.startsWith('-') ? `#undef ${h.slice(1)}` : `#include <${h}>`)), PROLOGUE[name] ?? '', 'int main(void) {'];
  for (const [n, c] of constants) {
    lines.push(`printf((${c}) < 0 ? "c ${n} %lld\\n" : "c ${n} %llu\\n", (unsigned long long)(${c}));`);
  }
  for (const [n, s] of structs) {
    const type = TYPE[n] ?? (/_t$|^union |^Elf64_/.test(s.name) ? s.name : `struct ${s.name}`);
    lines.push(`printf("s ${n} %zu\\n", sizeof(${type}));`);
    for (const field of Object.keys(s.fields)) {
      if (!field.startsWith('_')) lines.push(`printf("f ${n} ${field} %zu\\n", offsetof(${type}, ${FIELD[`${n}.${field}`] ?? field}));`);
    }
  }
  lines.push('return 0; }');
  writeFileSync(join(work, `${name}.c`), lines.join('\n'));
  const args = ['-w', '-static', '-fmax-errors=0', '-o', join(work, name), join(work, `${name}.c`)];
  const gcc = spawnSync('riscv64-linux-gnu-gcc', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  const missing = new Set([...gcc.stderr.matchAll(/'(?:__NR_)?(\w+)' undeclared/g)].map(m => m[1]));
  if (gcc.status !== 0 && missing.size === 0) throw new Error(`${name}: ${gcc.stderr}`);
  return { missing, output: gcc.status === 0 ? execFileSync('qemu-riscv64', [join(work, name)], { encoding: 'utf8', timeout: 20_000 }) : '' };
}

function parse(output) {
  const result = { constants: {}, structs: {} };
  for (const line of output.trim().split('\n').filter(Boolean)) {
    const [kind, name, a, b] = line.split(' ');
    if (kind === 'c') result.constants[name] = Number(a);
    else if (kind === 's') result.structs[name] = { size: Number(a), offsets: {} };
    else result.structs[name].offsets[a] = Number(b);
  }
  return result;
}
