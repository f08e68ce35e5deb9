// Every constant and every struct of src/abi against what a riscv64 C compiler says (layout.golden.json, written by tools/record-abi.mjs).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { NOT_IN_HEADERS } from './not-in-headers.ts';
import * as auxv from '../../src/abi/auxv.ts';
import * as capability from '../../src/abi/capability.ts';
import * as dirent from '../../src/abi/dirent.ts';
import * as elf from '../../src/abi/elf.ts';
import * as errno from '../../src/abi/errno.ts';
import * as eventfd from '../../src/abi/eventfd.ts';
import * as fb from '../../src/abi/fb.ts';
import * as fcntl from '../../src/abi/fcntl.ts';
import * as fsverity from '../../src/abi/fsverity.ts';
import * as fuse from '../../src/abi/fuse.ts';
import * as filter from '../../src/abi/filter.ts';
import * as futex from '../../src/abi/futex.ts';
import * as hwprobe from '../../src/abi/hwprobe.ts';
import * as input from '../../src/abi/input.ts';
import * as inputKeys from '../../src/abi/input-keys.ts';
import * as ioctl from '../../src/abi/ioctl.ts';
import * as ipc from '../../src/abi/ipc.ts';
import * as keyctl from '../../src/abi/keyctl.ts';
import * as landlock from '../../src/abi/landlock.ts';
import * as limits from '../../src/abi/limits.ts';
import * as loop from '../../src/abi/loop.ts';
import * as mman from '../../src/abi/mman.ts';
import * as mount from '../../src/abi/mount.ts';
import * as packet from '../../src/abi/packet.ts';
import * as poll from '../../src/abi/poll.ts';
import * as prctl from '../../src/abi/prctl.ts';
import * as ptrace from '../../src/abi/ptrace.ts';
import * as random from '../../src/abi/random.ts';
import * as resource from '../../src/abi/resource.ts';
import * as rtnetlink from '../../src/abi/rtnetlink.ts';
import * as sched from '../../src/abi/sched.ts';
import * as seccomp from '../../src/abi/seccomp.ts';
import * as signal from '../../src/abi/signal.ts';
import * as socket from '../../src/abi/socket.ts';
import * as stat from '../../src/abi/stat.ts';
import * as statfs from '../../src/abi/statfs.ts';
import * as syscallNumbers from '../../src/abi/syscall-numbers.ts';
import * as syslog from '../../src/abi/syslog.ts';
import * as termios from '../../src/abi/termios.ts';
import * as time from '../../src/abi/time.ts';
import * as userfaultfd from '../../src/abi/userfaultfd.ts';
import * as utsname from '../../src/abi/utsname.ts';
import * as wait from '../../src/abi/wait.ts';
import * as xattr from '../../src/abi/xattr.ts';

const modules: Record<string, Record<string, unknown>> = {
  auxv, capability, dirent, elf, errno, eventfd, fb, fcntl, filter, fsverity, fuse, futex, hwprobe, input, ioctl, ipc, keyctl, landlock, limits, loop, mman, mount, packet, poll, prctl,
  ptrace, random, resource, rtnetlink, sched, seccomp, signal, socket, stat, statfs, syslog, termios, time, userfaultfd, utsname, wait, xattr,
  'input-keys': inputKeys.KEY_CODES, 'syscall-numbers': syscallNumbers.SYSCALL_NUMBERS,
};
type Golden = Record<string, {
  constants: Record<string, number>;
  structs: Record<string, { size: number; offsets: Record<string, number> }>;
}>;
interface LaidOut { kind: 'struct'; size: number; offsets: Record<string, number>; fields: Record<string, unknown> }

const root = process.env.KSPACE_ROOT ?? new URL('../..', import.meta.url).pathname;
const golden = JSON.parse(readFileSync(`${root}test/abi/layout.golden.json`, 'utf8')) as Golden;

test('abi: every module is recorded and compared', () => {
  const files = readdirSync(`${root}src/abi`).filter(f => f.endsWith('.ts')).map(f => f.slice(0, -3));
  assert.deepEqual(Object.keys(golden).sort(), files.sort());
  assert.deepEqual(Object.keys(modules).sort(), files.sort());
});

for (const [name, exported] of Object.entries(modules)) {
  test(`abi: ${name} equals the C headers`, () => {
    const recorded = golden[name]!;
    const excused = NOT_IN_HEADERS[name] ?? {};
    const unknown = [];
    for (const [key, value] of Object.entries(exported)) {
      if (typeof value === 'number') {
        if (key in excused) assert.notEqual(value, recorded.constants[key], `${key} needs no excuse`);
        else if (key in recorded.constants) assert.equal(value, recorded.constants[key], key);
        else unknown.push(key);
      } else if (isStruct(value)) {
        assert.deepEqual({ [key]: layoutOf(value) }, { [key]: recorded.structs[key] });
      }
    }
    assert.deepEqual(unknown, [], 'neither in the headers nor excused in not-in-headers.ts');
    for (const key of Object.keys(excused)) assert.ok(key in exported, `${key} is excused, but not there`);
  });
}

test('abi: both directions of the system call table agree', () => {
  assert.equal(syscallNumbers.SYSCALL_NAMES[63], 'read');
  assert.equal(syscallNumbers.SYSCALL_NAMES[244], undefined);
  assert.equal(syscallNumbers.syscallName(221), 'execve');
  assert.equal(syscallNumbers.syscallName(0x1f7), 'syscall_0x1f7');
  const numbers = Object.values(syscallNumbers.SYSCALL_NUMBERS);
  assert.equal(new Set(numbers).size, numbers.length);
});

test('abi: errno names and messages', () => {
  for (const [key, value] of Object.entries(errno)) {
    const alias = key === 'EWOULDBLOCK' || key === 'EDEADLOCK' || key === 'ENOTSUP';
    if (typeof value === 'number' && !alias) assert.equal(errno.errnoName(value), key);
  }
  assert.equal(errno.errnoName(-4000), 'errno 4000');
  assert.equal(errno.strerror(-2), 'No such file or directory');
  assert.ok(errno.isErr(errno.EPERM) && !errno.isErr(0) && !errno.isErr('x'));
});

test('abi: device numbers as makedev(3) packs them', () => {
  for (const [maj, min] of [[1, 3], [5, 1], [136, 0], [8, 300], [4095, 0xfffff]] as const) {
    const dev = stat.makedev(maj, min);
    assert.deepEqual([stat.major(dev), stat.minor(dev)], [maj, min]);
  }
  assert.equal(stat.makedev(136, 5), 0x8805);
  assert.equal(stat.makedev(8, 300), 0x10082c);
});

function isStruct(value: unknown): value is LaidOut {
  return typeof value === 'object' && value !== null && (value as LaidOut).kind === 'struct';
}

function layoutOf(s: LaidOut): { size: number; offsets: Record<string, number> } {
  return { size: s.size, offsets: Object.fromEntries(Object.entries(s.offsets).filter(([field]) => !field.startsWith('_'))) };
}
