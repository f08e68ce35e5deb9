// strace lines of real programs on a small machine, compared with what strace(1) prints for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMachine } from '../../../test/kernel/machine.ts';
import { LineSink, Strace, type StraceOptions } from './strace.ts';

class Lines extends LineSink {
  readonly lines: string[] = [];
  line(text: string): void { this.lines.push(text); }
}

/** Runs an assembled program (or one of test/guest/bin) under strace. */
function trace(program: string, options: Partial<StraceOptions> = {}): string[] {
  const m = new TestMachine(), sink = new Lines();
  const tracer = new Strace({ followForks: true, filters: [], mode: 'lines', times: false, ...options }, sink);
  m.kernel.trace.tracer = tracer;
  const t = program.includes('\n') ? m.startSource(program) : m.startGuest(program);
  tracer.follow(t);
  m.finish(t);
  return options.mode === 'summary' ? tracer.summary.lines() : sink.lines;
}

const call = (nr: number, ...args: (number | string)[]): string =>
  [...args.map((a, i) => (typeof a === 'string' ? `la a${i}, ${a}` : `li a${i}, ${a}`)), `li a7, ${nr}`, 'ecall', ''].join('\n');
const EXIT = 93, WRITE = 64, OPENAT = 56, KILL = 129, GETPID = 172, FCNTL = 25, MMAP = 222, SIGACTION = 134, IOCTL = 29, FSTATAT = 79, NANOSLEEP = 101, FUTEX = 98;

test('arguments by type: strings, flags, modes, errors, addresses, structs', () => {
  const lines = trace([
    call(WRITE, 1, 'text', 7), call(OPENAT, -100, 'path', 0o102, 0o644), call(OPENAT, -100, 'path', 0), call(WRITE, 9, 'text', 3), call(FCNTL, 1, 4, 0o4002),
    call(MMAP, 0, 4096, 3, 0x22, -1, 0), call(IOCTL, 1, 0x5413, 0), call(FSTATAT, -100, 'slash', 'buffer', 0), call(NANOSLEEP, 'time', 0), call(FUTEX, 'time', 0x89, 1, 0, 0, -1),
    call(EXIT, 3),
    'text: .byte 97, 10, 9, 34, 49, 1, 50', 'path: .asciz "new"', 'slash: .asciz "/dev/null"', '.align 3', 'time: .quad 0', '.quad 5000', 'buffer: .zero 128', '',
  ].join('\n'));
  assert.deepEqual(lines.map(l => l.replace(/0x3f[0-9a-f]+/, '0x3f...').replace(/0x1[0-9a-f]{4}/, '0x1....')), [
    'execve("/tmp/program", ["/tmp/program"], 0x3f... /* 1 var */) = 0',
    'write(1, "a\\n\\t\\"1\\0012", 7)            = 7',
    'openat(AT_FDCWD, "new", O_RDWR|O_CREAT, 0644) = 3',
    'openat(AT_FDCWD, "new", O_RDONLY)       = 4',
    'write(9, "a\\n\\t", 3)                    = -1 EBADF (Bad file descriptor)',
    'fcntl(1, F_SETFL, O_RDWR|O_NONBLOCK)    = 0',
    'mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x3f...',
    'ioctl(1, TIOCGWINSZ, NULL)              = -1 ENOTTY (Inappropriate ioctl for device)',
    'newfstatat(AT_FDCWD, "/dev/null", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3), ...}, 0) = 0',
    'nanosleep({tv_sec=0, tv_nsec=5000}, NULL) = 0',
    'futex(0x1...., FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 4294967295) = -1 EAGAIN (Resource temporarily unavailable)',
    'exit(3)                                 = ?',
    '+++ exited with 3 +++',
  ]);
});

test('a signal: disposition, delivery with its siginfo, death', () => {
  const lines = trace([
    call(SIGACTION, 10, 'act', 0, 8), call(GETPID), 'mv s0, a0', call(KILL, 0, 0), 'mv a0, s0', 'li a1, 10', `li a7, ${KILL}`, 'ecall',
    'mv a0, s0', 'li a1, 15', `li a7, ${KILL}`, 'ecall', 'handler: ret', '.align 3', 'act: .quad handler', '.quad 0x10000000', '.quad 2', '',
  ].join('\n'));
  assert.deepEqual(lines.slice(1).map(l => l.replace(/0x1[0-9a-f]{4}/, '0x1....')), [
    'rt_sigaction(SIGUSR1, {sa_handler=0x1...., sa_mask=[INT], sa_flags=SA_RESTART}, NULL, 8) = 0',
    'getpid()                                = 2',
    'kill(0, 0)                              = 0',
    'kill(2, SIGUSR1)                        = 0',
    '--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=2, si_uid=0} ---',
    'rt_sigreturn()                          = 0',
    'kill(2, SIGTERM)                        = 0',
    '--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=2, si_uid=0} ---',
    '+++ killed by SIGTERM +++',
  ]);
});

test('several processes: calls in two halves, wait statuses, interrupted calls', () => {
  const lines = trace('signal-restart', { filters: ['!write,getppid'] });
  for (const wanted of [
    /^\[pid {5}2\] clone\(child_stack=NULL, flags=SIGCHLD\) {2}= 3$/,
    /^\[pid {5}2\] read\(3, {2}<unfinished \.\.\.>$/,
    /^\[pid {5}2\] <\.\.\. read resumed>0x[0-9a-f]+, 1\) {6}= \? ERESTARTSYS \(To be restarted if SA_RESTART is set\)$/,
    /^\[pid {5}2\] --- SIGUSR1 \{si_signo=SIGUSR1, si_code=SI_USER, si_pid=3, si_uid=0\} ---$/,
    /^\[pid {5}2\] <\.\.\. read resumed>"x", 1\) {15}= 1$/,
    /^\[pid {5}2\] wait4\(3, \[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0\}\], 0, NULL\) = 3$/,
    /^\[pid {5}3\] \+\+\+ exited with 0 \+\+\+$/,
  ]) assert.ok(lines.some(l => wanted.test(l)), `no line like ${wanted}\n${lines.slice(0, 12).join('\n')}`);
  assert.ok(lines.every(l => !l.includes('write(')));
});

test('without -f children are silent, and an unknown call is shown by number', () => {
  const lines = trace('wait-status', { followForks: false, filters: ['wait4'] });
  assert.ok(lines.every(l => !l.startsWith('[pid')));
  assert.ok(lines.includes('wait4(3, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}], 0, NULL) = 3'), lines[0]);
});

test('-c: a table, most expensive first', () => {
  const lines = trace('pipe-basics', { mode: 'summary' });
  assert.equal(lines[0], '% time     seconds  usecs/call     calls    errors syscall');
  assert.ok(lines.some(l => /^ *\d+\.\d\d +\d+\.\d{6} +\d+ +\d+ +\d* read$/.test(l)), lines.join('\n'));
  assert.match(lines.at(-1)!, /^100\.00 .* total$/);
});
