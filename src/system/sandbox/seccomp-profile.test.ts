// Profiles of container users, turned into filters: every comparison against what it means, scopes, defaults, and the profile that ships.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENOSYS, EPERM } from '../../abi/errno.ts';
import * as abi from '../../abi/seccomp.ts';
import { SYSCALL_NUMBERS } from '../../abi/syscall-numbers.ts';
import { allowsAlways, run } from '../../kernel/security/bpf.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { compileProfile, type SeccompProfile } from './seccomp-profile.ts';

const ALLOW = abi.SECCOMP_RET_ALLOW;
const errno = (n: number): number => abi.SECCOMP_RET_ERRNO | Math.abs(n);

function ask(program: Int32Array, name: keyof typeof SYSCALL_NUMBERS, args: readonly number[] = [], arch = abi.AUDIT_ARCH_RISCV64): number {
  const data = new Int32Array(16);
  data[0] = SYSCALL_NUMBERS[name];
  data[1] = arch | 0;
  args.forEach((a, i) => {
    data[4 + 2 * i] = a | 0;
    data[5 + 2 * i] = Math.floor(a / 2 ** 32);
  });
  return run(program, data) >>> 0;
}

const profile = (p: Partial<SeccompProfile>, caps: readonly string[] = []): Int32Array =>
  compileProfile({ defaultAction: 'SCMP_ACT_ERRNO', ...p }, new Set(caps), '6.12.0');

test('names are allowed, the rest gets the default; another architecture is killed', () => {
  const p = profile({ defaultErrnoRet: 38, syscalls: [{ names: ['read', 'open', 'no_such_call'], action: 'SCMP_ACT_ALLOW' }] });
  assert.equal(ask(p, 'read'), ALLOW);
  assert.equal(ask(p, 'write'), errno(ENOSYS));
  assert.equal(ask(p, 'read', [], 0xc000003e), abi.SECCOMP_RET_KILL_PROCESS);
  assert.ok(allowsAlways(p, SYSCALL_NUMBERS.read, abi.AUDIT_ARCH_RISCV64 | 0) && !allowsAlways(p, SYSCALL_NUMBERS.write, abi.AUDIT_ARCH_RISCV64 | 0));
});

test('comparisons are unsigned and 64 bits wide', () => {
  const values = [0, 1, 5, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 33, 2 ** 40 + 1, 2 ** 52];
  const holds: Record<string, (a: number, v: number) => boolean> = {
    SCMP_CMP_EQ: (a, v) => a === v, SCMP_CMP_NE: (a, v) => a !== v, SCMP_CMP_LT: (a, v) => a < v, SCMP_CMP_LE: (a, v) => a <= v,
    SCMP_CMP_GT: (a, v) => a > v, SCMP_CMP_GE: (a, v) => a >= v,
  };
  for (const [op, means] of Object.entries(holds)) {
    for (const value of values) {
      const p = profile({ syscalls: [{ names: ['getpgid'], action: 'SCMP_ACT_ALLOW', args: [{ index: 1, value, op }] }] });
      for (const a of values) assert.equal(ask(p, 'getpgid', [7, a]), means(a, value) ? ALLOW : errno(EPERM), `${a} ${op} ${value}`);
    }
  }
});

test('masked comparison, several arguments and several rules', () => {
  const masked = profile({ syscalls: [{ names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }] }] });
  assert.equal(ask(masked, 'clone', [17]), ALLOW);
  assert.equal(ask(masked, 'clone', [0x10000000 + 17]), errno(EPERM));
  const both = profile({
    syscalls: [
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }, { index: 1, value: 2, op: 'SCMP_CMP_EQ' }] },
      { names: ['socket'], action: 'SCMP_ACT_TRAP', args: [{ index: 0, value: 9, op: 'SCMP_CMP_GT' }] },
    ],
  });
  assert.deepEqual([[1, 2], [1, 3], [2, 2], [10, 0], [9, 0]].map(a => ask(both, 'socket', a)), [ALLOW, errno(EPERM), errno(EPERM), abi.SECCOMP_RET_TRAP, errno(EPERM)]);
});

test('rules count by capability, architecture and kernel version', () => {
  const syscalls = [
    { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['read'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['amd64'] } },
    { names: ['write'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
    { names: ['close'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '99.1' } },
    { names: ['dup'], action: 'SCMP_ACT_ALLOW', excludes: { arches: ['riscv64'] } },
  ];
  const [without, having] = [profile({ syscalls }), profile({ syscalls }, ['CAP_SYS_ADMIN'])];
  assert.deepEqual((['mount', 'read', 'write', 'close', 'dup'] as const).map(n => ask(without, n) === ALLOW), [false, false, true, false, false]);
  assert.equal(ask(having, 'mount'), ALLOW);
});

test('what cannot be honoured is refused', () => {
  assert.throws(() => profile({ syscalls: [{ names: ['read'], action: 'SCMP_ACT_NOTIFY' }] }), /SCMP_ACT_NOTIFY is not known/);
  assert.throws(() => profile({ syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }] }] }), /no argument 6/);
});

test('the default profile: ordinary calls pass, privileged ones by capability, rings never', () => {
  const [user, admin] = [[], ['CAP_SYS_ADMIN']].map(caps => compileProfile(DEFAULT_PROFILE, new Set(caps), '6.12.0'));
  for (const name of ['read', 'execve', 'futex', 'mmap', 'landlock_restrict_self', 'seccomp', 'ptrace', 'clock_adjtime'] as const) assert.equal(ask(user!, name), ALLOW, name);
  for (const name of ['mount', 'unshare', 'reboot', 'init_module', 'keyctl', 'io_uring_setup', 'process_vm_readv'] as const) assert.equal(ask(user!, name), errno(EPERM), name);
  assert.equal(ask(admin!, 'mount'), ALLOW);
  assert.equal(ask(admin!, 'keyctl'), errno(EPERM));
  assert.deepEqual([ask(user!, 'clone', [17]), ask(user!, 'clone', [0x10000011]), ask(user!, 'clone3'), ask(admin!, 'clone3')], [ALLOW, errno(EPERM), errno(ENOSYS), ALLOW]);
  assert.deepEqual([ask(user!, 'socket', [2]), ask(user!, 'socket', [38]), ask(user!, 'personality', [8]), ask(user!, 'personality', [4])], [ALLOW, errno(97), ALLOW, errno(EPERM)]);
});
