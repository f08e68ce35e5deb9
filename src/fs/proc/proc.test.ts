// procfs on a real kernel with a fake machine: names, texts, links, permissions.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { EACCES, EINVAL, EIO, ENOENT, EPERM, isErr } from '../../abi/errno.ts';
import { AT_FDCWD, O_CLOEXEC, O_RDONLY, O_RDWR, O_WRONLY } from '../../abi/fcntl.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { POLLERR, POLLPRI } from '../../abi/poll.ts';
import { AF_INET } from '../../abi/socket.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import type { Hart, Machine } from '../../machine/machine.ts';
import { EventFile } from '../../kernel/ipc/eventfd.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { AddressSpace } from '../../kernel/mm/address-space.ts';
import { FakeMmu, FakeRam } from '../../kernel/mm/test-util.ts';
import { TcpSocket } from '../../kernel/net/inet/tcp.ts';
import { SchedEntity } from '../../kernel/sched/entity.ts';
import { credentialsFor } from '../../kernel/security/credentials.ts';
import { SignalHandlers, SignalQueue } from '../../kernel/signal/state.ts';
import { Process, ProcessGroup, Session } from '../../kernel/task/process.ts';
import { Task } from '../../kernel/task/task.ts';
import { FdTable } from '../../kernel/vfs/fd-table.ts';
import { FsContext } from '../../kernel/vfs/fs-context.ts';
import { KernelBuffer } from '../../kernel/vfs/io-buffer.ts';
import { Path } from '../../kernel/vfs/mount.ts';
import { DirSink, type OpenFile } from '../../kernel/vfs/open-file.ts';
import { openAt } from '../../kernel/vfs/open.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../../kernel/vfs/walk.ts';
import { ProcFileSystem, ProcSuperBlock } from './proc-fs.ts';

interface World { k: Kernel; root: Path; clock: { ns: number } }

function boot(): World {
  const ram = new FakeRam(4 << 20);
  const clock = { ns: 12_345_678_901 };
  const hart = { id: 0, mmu: new FakeMmu(ram), invalidateCode() {}, activate() {}, setEcallHandler() {} } as unknown as Hart;
  const machine = { ram, harts: [hart], clock: { monotonicNs: () => clock.ns }, dtb: { paddr: 0, size: 0 } } as unknown as Machine;
  const k = new Kernel(machine, 1);
  k.filesystems.set('proc', new ProcFileSystem());
  const mount = k.mounts.mountRoot(new ProcSuperBlock(k), 0);
  return { k, root: new Path(mount, mount.root).get(), clock };
}

function spawn({ k, root }: World, name: string, uid = 0): Task {
  const pid = k.pids.allocate();
  const session = new Session(pid, null as unknown as Process);
  const limits = Array.from({ length: 16 }, () => ({ soft: 1024, hard: Infinity }));
  const p = new Process(k, pid, null, new ProcessGroup(pid, session), new SignalQueue(), limits);
  const t = new Task(k, pid, p, {
    mm: null, files: new FdTable(), fs: new FsContext(root, root, 0o22), cred: credentialsFor(uid, uid), handlers: new SignalHandlers(), pending: new SignalQueue(),
  });
  t.name = name;
  t.sched = new SchedEntity();
  p.leader = t;
  p.threads.add(t);
  k.pids.tasks.set(pid, t);
  k.pids.processes.set(pid, p);
  k.current = t;
  return t;
}

function open(t: Task, path: string, flags = O_RDONLY): OpenFile {
  const file = openAt(t, AT_FDCWD, path, flags, 0);
  assert.ok(!isErr(file), `${path}: ${String(file)}`);
  return file;
}

function readAll(t: Task, file: OpenFile, from = 0): string {
  let out = '';
  for (let pos = from; ;) {
    const io = new KernelBuffer(new Uint8Array(100));
    const n = file.read(t, io, pos);
    assert.ok(n >= 0, `read: ${n}`);
    if (n === 0) return out;
    out += String.fromCharCode(...io.bytes.subarray(0, n));
    pos += n;
  }
}

function cat(t: Task, path: string): string {
  const file = open(t, path);
  const text = readAll(t, file);
  file.put();
  return text;
}

function write(t: Task, path: string, text: string): number {
  const file = openAt(t, AT_FDCWD, path, O_WRONLY, 0);
  if (isErr(file)) return file;
  const n = file.write(t, new KernelBuffer(latin1Encode(text)), 0);
  file.put();
  return n;
}

class Names extends DirSink {
  readonly names: string[] = [];
  readonly inos = new Map<string, number>();
  readonly limit: number;
  constructor(limit = Infinity) { super(); this.limit = limit; }
  override emit(name: string, ino: number): boolean {
    if (this.names.length >= this.limit) return false;
    this.names.push(name);
    this.inos.set(name, ino);
    return true;
  }
}

/** All names, three at a time, as a small getdents64 buffer would get them. */
function ls(t: Task, path: string): string[] {
  const dir = open(t, path);
  const all: string[] = [];
  for (;;) {
    const some = new Names(3);
    assert.equal(dir.readdir(t, some), 0);
    if (some.names.length === 0) break;
    all.push(...some.names);
  }
  dir.put();
  return all;
}

function readlink(t: Task, path: string): string | number {
  const at = lookupPath(t, AT_FDCWD, path, 0);
  if (isErr(at)) return at;
  const text = at.dentry.inode!.readlink(t);
  at.put();
  return text as string | number;
}

test('proc: the root lists global files, then processes in ascending order', () => {
  const w = boot();
  const tasks = ['a', 'b', 'c'].map(name => spawn(w, name));
  const names = ls(tasks[0]!, '/');
  assert.deepEqual(names.slice(0, 2), ['.', '..']);
  assert.deepEqual(names.slice(-3), ['1', '2', '3']);
  for (const name of ['meminfo', 'stat', 'self', 'thread-self', 'sys', 'uptime', 'mounts']) assert.ok(names.includes(name), name);
  assert.equal(new Set(names).size, names.length);
});

test('proc: every file of a process and of the system can be read, every name listed can be looked up with its inode number', () => {
  const w = boot();
  const t = spawn(w, 'x');
  let files = 0;
  const visit = (path: string): void => {
    const dir = open(t, path === '' ? '/' : path);
    const sink = new Names();
    dir.readdir(t, sink);
    for (const [name, ino] of sink.inos) {
      if (name === '.' || name === '..') continue;
      const at = lookupPath(t, AT_FDCWD, `${path}/${name}`, 0);
      assert.ok(!isErr(at), `${path}/${name}`);
      const inode = at.dentry.inode!;
      assert.equal(inode.ino, ino, `${path}/${name}`);
      if ((inode.mode & S_IFMT) === S_IFDIR) visit(`${path}/${name}`);
      else if ((inode.mode & S_IFMT) === S_IFREG && (inode.mode & 0o400) !== 0) { cat(t, `${path}/${name}`); files++; }
      at.put();
    }
    dir.put();
  };
  visit('');
  assert.ok(files > 100, `${files} files`);
});

test('proc: self and thread-self name the reader; a thread is found but not listed', () => {
  const w = boot();
  const a = spawn(w, 'first');
  const b = spawn(w, 'second');
  assert.equal(readlink(a, '/self'), '1');
  assert.equal(readlink(b, '/thread-self'), '2/task/2');
  assert.equal(cat(b, '/self/comm'), 'second\n');
  const thread = new Task(w.k, w.k.pids.allocate(), b.process, {
    mm: null, files: b.files, fs: b.fs, cred: b.cred, handlers: b.handlers, pending: new SignalQueue(),
  });
  thread.name = 'worker';
  thread.sched = new SchedEntity();
  b.process.threads.add(thread);
  w.k.pids.tasks.set(thread.tid, thread);
  assert.deepEqual(ls(b, '/self/task'), ['.', '..', '2', '3']);
  assert.equal(cat(b, '/self/task/3/comm'), 'worker\n');
  assert.equal(cat(b, '/3/status').match(/Tgid:\t(\d+)/)![1], '2');
  assert.ok(!ls(b, '/').includes('3'));
  assert.equal(cat(b, '/2/stat').split(' ')[19], '2');
});

test('proc: names end with their process', () => {
  const w = boot();
  const a = spawn(w, 'a');
  const b = spawn(w, 'b');
  const file = open(a, '/2/comm');
  w.k.pids.tasks.delete(2);
  w.k.pids.processes.delete(2);
  b.state = 'X';
  assert.equal(lookupPath(a, AT_FDCWD, '/2/comm', 0), ENOENT);
  assert.equal(lookupPath(a, AT_FDCWD, '/2', 0), ENOENT);
  file.put();
  for (const name of ['/01', '/0', '/-1', '/99999', '/1x', '/self/fd/00', '/nothing']) assert.equal(lookupPath(a, AT_FDCWD, name, LOOKUP_FOLLOW), ENOENT, name);
});

test('proc: names of dead processes do not pile up', () => {
  const w = boot();
  const t = spawn(w, 'watcher');
  for (let i = 0; i < 1000; i++) {
    const child = spawn(w, 'short');
    assert.equal(cat(t, `/${child.tid}/comm`), 'short\n');
    child.state = 'X';
    w.k.pids.tasks.delete(child.tid);
    w.k.pids.processes.delete(child.tid);
  }
  assert.ok(w.root.dentry.children!.size < 100);
  assert.ok(w.root.dentry.sb.dentries.names.size < 200);
});

test('proc: stat has 52 fields, the name in parentheses', () => {
  const w = boot();
  const t = spawn(w, 'a b) c');
  t.sched.nice = 5;
  t.utimeNs = 1_230_000_000;
  t.state = 'S';
  const line = cat(t, '/self/stat');
  const fields = line.slice(line.lastIndexOf(')') + 2).trimEnd().split(' ');
  assert.equal(line.slice(0, line.lastIndexOf(')') + 1), '1 (a b) c)');
  assert.equal(fields.length, 50);
  assert.equal(fields[0], 'S');
  assert.deepEqual([fields[5], fields[11], fields[15], fields[16]], ['-1', '123', '25', '5']);
});

test('proc: descriptors', () => {
  const w = boot();
  const t = spawn(w, 'fds');
  const file = open(t, '/version');
  file.pos = 7;
  t.files.set(3, file, 'cloexec');
  t.files.set(5, new EventFile(t, 0, 0), 'keep');
  assert.deepEqual(ls(t, '/self/fd'), ['.', '..', '3', '5']);
  assert.equal(readlink(t, '/self/fd/3'), '/version');
  assert.equal(readlink(t, '/self/fd/5'), 'anon_inode:[eventfd]');
  const info = cat(t, '/self/fdinfo/3');
  assert.match(info, /^pos:\t7\nflags:\t0\d+\nmnt_id:\t\d+\nino:\t\d+\n$/);
  assert.ok((parseInt(info.match(/flags:\t(\d+)/)![1]!, 8) & O_CLOEXEC) !== 0);
  const there = lookupPath(t, AT_FDCWD, '/self/fd/3', LOOKUP_FOLLOW);
  assert.ok(!isErr(there));
  assert.equal(there.dentry.inode, file.inode);
  there.put();
});

test('proc: others may not look into a process, root may', () => {
  const w = boot();
  const victim = spawn(w, 'victim', 1000);
  victim.files.set(0, open(victim, '/version'), 'keep');
  const stranger = spawn(w, 'stranger', 1001);
  assert.equal(openAt(stranger, AT_FDCWD, '/1/maps', O_RDONLY, 0), EACCES);
  assert.equal(openAt(stranger, AT_FDCWD, '/1/environ', O_RDONLY, 0), EACCES);
  assert.equal(readlink(stranger, '/1/fd/0'), EACCES);
  assert.equal(readlink(stranger, '/1/cwd'), EACCES);
  assert.equal(cat(stranger, '/1/comm'), 'victim\n');
  const friend = spawn(w, 'friend', 1000);
  assert.equal(readlink(friend, '/1/cwd'), '/');
  victim.process.dumpable = 0;
  assert.equal(readlink(friend, '/1/cwd'), EACCES);
  const at = lookupPath(friend, AT_FDCWD, '/1/maps', 0);
  assert.ok(!isErr(at));
  assert.equal(at.dentry.inode!.uid, 0);
  assert.equal(readlink(spawn(w, 'root'), '/1/cwd'), '/');
});

test('proc: writing', () => {
  const w = boot();
  const t = spawn(w, 'old');
  const other = spawn(w, 'other');
  assert.equal(write(t, '/self/comm', 'a new name that is long\n'), 24);
  assert.equal(t.name, 'a new name that');
  assert.equal(write(other, '/1/comm', 'x'), EINVAL);
  assert.equal(write(t, '/sys/kernel/hostname', 'box\n'), 4);
  assert.equal(cat(t, '/sys/kernel/hostname'), 'box\n');
  assert.equal(write(t, '/sys/vm/mmap_min_addr', '1\n'), EIO);
  assert.equal(write(t, '/sys/vm/overcommit_memory', '2\n'), 2);
  assert.equal(cat(t, '/sys/vm/overcommit_memory'), '2\n');
  assert.equal(write(t, '/sys/vm/overcommit_memory', '3\n'), EINVAL);
  assert.equal(write(t, '/self/oom_score_adj', '500'), 3);
  assert.equal(cat(t, '/self/oom_score_adj'), '500\n');
  assert.equal(cat(t, '/self/oom_adj'), '8\n');
  assert.equal(write(t, '/self/oom_score_adj', '1001'), EINVAL);
  const plain = spawn(w, 'plain', 1000);
  assert.equal(write(plain, '/self/oom_score_adj', '100'), 3);
  assert.equal(write(plain, '/self/oom_score_adj', '-1'), EACCES);
  assert.equal(write(plain, '/sys/kernel/hostname', 'x'), EACCES);
  const at = lookupPath(t, AT_FDCWD, '/version', 0);
  assert.ok(!isErr(at));
  assert.equal(at.dentry.inode!.setattr(t, { mode: 0 }), EPERM);
});

test('proc: a file read again from the start is made anew; in between it does not change', () => {
  const w = boot();
  const t = spawn(w, 't');
  const file = open(t, '/uptime');
  assert.equal(readAll(t, file), '12.34 12.34\n');
  w.clock.ns += 1e9;
  assert.equal(readAll(t, file, 3), '34 12.34\n');
  assert.equal(readAll(t, file), '13.34 13.34\n');
  assert.equal(file.seek(t, 4, 0), 4);
  assert.equal(file.seek(t, -5, 1), EINVAL);
  assert.equal(file.seek(t, 0, 2), EINVAL);
});

test('proc: mounts as fstab lines, and news for poll', () => {
  const w = boot();
  const t = spawn(w, 't');
  const file = open(t, '/self/mounts');
  assert.equal(readAll(t, file), 'proc / proc rw 0 0\n');
  assert.match(cat(t, '/self/mountinfo'), /^\d+ \d+ 0:\d+ \/ \/ rw - proc proc rw\n$/);
  assert.equal(file.poll(t) & (POLLERR | POLLPRI), 0);
  const at = lookupPath(t, AT_FDCWD, '/sys', 0);
  assert.ok(!isErr(at));
  assert.ok(!isErr(w.k.mounts.mount(new ProcSuperBlock(w.k, 'a b'), at, 1)));
  assert.equal(file.poll(t) & (POLLERR | POLLPRI), POLLERR | POLLPRI);
  assert.equal(readAll(t, file), 'proc / proc rw 0 0\na\\040b /sys proc ro 0 0\n');
});

test('proc: mappings, their sizes, arguments', () => {
  const w = boot();
  const t = spawn(w, 'maps');
  for (const limit of t.process.rlimits) limit.soft = Infinity;
  const mm = AddressSpace.create(w.k);
  assert.ok(!isErr(mm));
  t.mm = mm;
  const at = mm.map(t, { addr: 0x10000000, length: 3 * 4096, prot: PROT_READ | PROT_WRITE, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, file: null, offset: 0 });
  assert.equal(at, 0x10000000);
  assert.equal(mm.writeRemote(t, at + 4090, latin1Encode('cmd\0arg one\0')), 12);
  mm.argStart = at + 4090;
  mm.argEnd = mm.argStart + 12;
  mm.startBrk = at;
  mm.brk = at + 4096;
  assert.equal(cat(t, '/self/cmdline'), 'cmd\0arg one\0');
  assert.equal(cat(t, '/self/maps'), `10000000-10003000 rw-p 00000000 00:00 0${' '.repeat(34)}[heap]\n`);
  const smaps = cat(t, '/self/smaps');
  assert.match(smaps, /^Size: {17}12 kB$/m);
  assert.match(smaps, /^Rss: {19}8 kB$/m);
  assert.match(smaps, /^Private_Dirty: {9}8 kB$/m);
  assert.match(smaps, /^VmFlags: rd wr mr mw me (ac )?$/m);
  assert.match(cat(t, '/self/smaps_rollup'), /^10000000-10003000 ---p 00000000 00:00 0 {34}\[rollup\]\nRss: {19}8 kB\n/);
  assert.equal(cat(t, '/self/statm'), '3 2 0 0 0 3 0\n');
  const status = cat(t, '/self/status');
  assert.match(status, /^VmSize:\t {6}12 kB$/m);
  assert.match(status, /^RssAnon:\t {7}8 kB$/m);
  const mem = open(t, '/self/mem', O_RDWR);
  const word = new KernelBuffer(new Uint8Array(3));
  assert.equal(mem.read(t, word, at + 4090), 3);
  assert.equal(String.fromCharCode(...word.bytes), 'cmd');
  assert.equal(mem.write(t, new KernelBuffer(latin1Encode('CMD')), at + 4090), 3);
  assert.equal(mem.read(t, new KernelBuffer(new Uint8Array(3)), 4096), EIO);
  mem.put();
  assert.equal(cat(t, '/self/cmdline'), 'CMD\0arg one\0');
});

test('proc: sockets', () => {
  const w = boot();
  const t = spawn(w, 'net');
  const server = new TcpSocket(t, AF_INET);
  assert.equal(server.bind(t, Uint8Array.of(AF_INET, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)), 0);
  assert.equal(server.listen(t, 5), 0);
  const [head, row, ...more] = cat(t, '/net/tcp').split('\n');
  assert.equal(head!.length, 149);
  assert.equal(row!.length, 149);
  assert.match(row!, /^   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {5}0 {8}0 \d+ 1 /);
  assert.deepEqual(more, ['']);
  assert.match(cat(t, '/self/net/unix'), /^Num {7}RefCount Protocol Flags {4}Type St Inode Path\n$/);
  assert.match(cat(t, '/net/dev'), /^ {4}lo: {7}0 {7}0 {4}0/m);
});

test('proc: meminfo in the columns that free(1) reads', () => {
  const w = boot();
  const text = cat(spawn(w, 't'), '/meminfo');
  assert.match(text, /^MemTotal: {7}( *\d+) kB\nMemFree: {8}( *\d+) kB\nMemAvailable: {3}/);
  for (const line of text.trimEnd().split('\n')) assert.match(line, /^[A-Za-z_()]+: +\d+ kB$/);
});
