// The rules of mmap(2) and its relatives: places, errors, limits, the stack, the heap, locking, advice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EEXIST, EFAULT, EINVAL, ENOMEM, EPERM, type Errno } from '../../abi/errno.ts';
import * as m from '../../abi/mman.ts';
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIMIT_STACK } from '../../abi/resource.ts';
import { SEGV_ACCERR, SEGV_MAPERR } from '../../abi/signal.ts';
import { credentialsFor } from '../security/credentials.ts';
import type { AddressSpace } from './address-space.ts';
import { advise, nameMapping } from './advise.ts';
import { audit } from './audit.ts';
import { STACK_GUARD, STACK_TOP, TASK_SIZE } from './layout.ts';
import { lockAll, lockRange, unlockAll } from './lock.ts';
import { residency } from './msync.ts';
import { addSwap, enterSpace, testTask, type TestWorld, testWorld, switchTo } from './test-util.ts';

const PAGE = 4096;
const { PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE, MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_PRIVATE, MAP_SHARED } = m;
const RW = PROT_READ | PROT_WRITE;

function setUp(bytes?: number): { w: TestWorld; mm: AddressSpace; map: (q: { addr?: number; length?: number; prot?: number; flags?: number }) => number } {
  const w = testWorld(bytes);
  const mm = enterSpace(w);
  const map = (q: { addr?: number; length?: number; prot?: number; flags?: number }): number => w.task.mm!.map(w.task, {
    addr: q.addr ?? 0, length: q.length ?? PAGE, prot: q.prot ?? RW, flags: q.flags ?? MAP_PRIVATE | MAP_ANONYMOUS, file: null, offset: 0,
  });
  return { w, mm, map };
}
const ANON = MAP_PRIVATE | MAP_ANONYMOUS;
const shape = (mm: AddressSpace): string[] => mm.vmas().map(v => `${v.permissions} ${v.sizePages}`);

test('mappings go top down, merge with like neighbours, and split', () => {
  const { mm, map } = setUp();
  const a = map({ length: 3 * PAGE }), b = map({ length: PAGE });
  assert.equal(a + 3 * PAGE, mm.mmapBase);
  assert.equal(b + PAGE, a);
  assert.deepEqual(shape(mm), ['rw-p 4']);
  mm.protect(testTask(mm.kernel), b + PAGE, PAGE, PROT_READ);
  assert.deepEqual(shape(mm), ['rw-p 1', 'r--p 1', 'rw-p 2']);
  mm.protect(testTask(mm.kernel), b + PAGE, PAGE, RW);
  assert.deepEqual(shape(mm), ['rw-p 4']);
});

test('hints, fixed places, and what must not be replaced', () => {
  const { mm, map, w } = setUp();
  assert.equal(map({ addr: 0x5000_0123 }), 0x5000_0000);
  assert.notEqual(map({ addr: 0x5000_0000 }), 0x5000_0000);
  assert.equal(map({ addr: 0x5000_0000, flags: ANON | MAP_FIXED_NOREPLACE }), EEXIST);
  assert.equal(map({ addr: 0x5000_0001, flags: ANON | MAP_FIXED }), EINVAL);
  assert.equal(map({ addr: 0x1000, flags: ANON | MAP_FIXED }), EPERM);
  w.task.cred = credentialsFor(0, 0);
  assert.equal(map({ addr: 0x1000, flags: ANON | MAP_FIXED }), 0x1000);
  assert.equal(map({ addr: TASK_SIZE, flags: ANON | MAP_FIXED }), ENOMEM);
  assert.equal(map({ addr: TASK_SIZE - PAGE, flags: ANON | MAP_FIXED }), TASK_SIZE - PAGE);
  assert.equal(map({ length: 0 }), EINVAL);
  assert.equal(map({ length: TASK_SIZE }), ENOMEM);
  assert.equal(map({ length: 2 ** 63 }), ENOMEM);
  assert.equal(map({ flags: MAP_ANONYMOUS }), EINVAL);
  assert.equal(map({ flags: MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN }), EINVAL);
  assert.equal(map({ flags: ANON | m.MAP_HUGETLB }), ENOMEM);
  assert.equal(mm.unmap(w.task, 0x5000_0001, PAGE), EINVAL);
  assert.equal(mm.unmap(w.task, 0x5000_0000, 0), EINVAL);
  assert.equal(mm.unmap(w.task, 0x6000_0000, PAGE), 0);
});

test('the search for a hole finds the highest one that fits', () => {
  const { mm, map, w } = setUp();
  let seed = 7;
  const rnd = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % n;
  };
  const prots = [PROT_NONE, PROT_READ, RW];
  for (let i = 0; i < 3000; i++) {
    if (rnd(3) === 0 && mm.list.count > 0) {
      const v = mm.vmas()[rnd(mm.list.count)]!;
      assert.equal(mm.unmap(w.task, v.start + rnd(v.sizePages) * PAGE, (1 + rnd(4)) * PAGE), 0);
      continue;
    }
    const length = (1 + rnd(12)) * PAGE;
    let end = mm.mmapBase;
    for (const v of mm.vmas().toReversed()) {
      if (end - v.end >= length) break;
      end = v.start;
    }
    assert.equal(map({ length, prot: prots[rnd(3)]! }), end - length, `step ${i}`);
  }
  assert.deepEqual(audit(w.frames, [mm]), []);
});

test('faults name the signal: no mapping, or not allowed', () => {
  const { mm, map, w } = setUp();
  const ro = map({ prot: PROT_READ }), x = map({ prot: PROT_EXEC }), wo = map({ prot: PROT_WRITE });
  const outcome = (r: 0 | Errno): number => (r === 0 ? 0 : mm.lastFault.code);
  assert.equal(outcome(mm.fault(w.task, 0x77_0000, 0)), SEGV_MAPERR);
  assert.equal(outcome(mm.fault(w.task, TASK_SIZE, 0)), SEGV_MAPERR);
  assert.equal(outcome(mm.fault(w.task, 2 ** 64 - 4096, 1)), SEGV_MAPERR);
  assert.equal(outcome(mm.fault(w.task, ro, 1)), SEGV_ACCERR);
  assert.equal(outcome(mm.fault(w.task, ro, 2)), SEGV_ACCERR);
  assert.equal(outcome(mm.fault(w.task, x, 0)), SEGV_ACCERR);
  assert.equal(outcome(mm.fault(w.task, x, 2)), 0);
  assert.equal(outcome(mm.fault(w.task, wo, 0)), 0, 'write implies read');
  assert.equal(w.user.copyOut(TASK_SIZE - 2, new Uint8Array(4)), EFAULT);
});

test('limits: RLIMIT_AS, RLIMIT_DATA, and more memory than there is', () => {
  const { mm, map, w } = setUp();
  const limit = (n: number, soft: number): void => { w.task.process.rlimits[n] = { soft, hard: Infinity }; };
  map({ length: 10 * PAGE });
  limit(RLIMIT_AS, 12 * PAGE);
  assert.equal(map({ length: 3 * PAGE }), ENOMEM);
  assert.ok(map({ length: 2 * PAGE }) > 0);
  limit(RLIMIT_AS, Infinity);
  limit(RLIMIT_DATA, 13 * PAGE);
  assert.equal(map({ length: 3 * PAGE }), ENOMEM);
  const ro = map({ length: 3 * PAGE, prot: PROT_READ });
  assert.ok(ro > 0);
  assert.equal(mm.protect(w.task, ro, 3 * PAGE, RW), ENOMEM);
  assert.equal(mm.setBrk(w.task, 0x10_0000 + 20 * PAGE), 0x10_0000);
  limit(RLIMIT_DATA, Infinity);
  assert.equal(map({ length: 1 << 30 }), ENOMEM);
  assert.ok(map({ length: 1 << 30, flags: ANON | m.MAP_NORESERVE }) > 0);
});

test('brk: grows, shrinks, and stops at what is in the way', () => {
  const { mm, map, w } = setUp();
  assert.equal(mm.setBrk(w.task, 0), 0x10_0000);
  assert.equal(mm.setBrk(w.task, 0x10_0000 + 3 * PAGE + 5), 0x10_0000 + 3 * PAGE + 5);
  assert.deepEqual(mm.vmas().map(v => `${v.name} ${v.sizePages}`), ['[heap] 4']);
  assert.equal(w.user.storeU8(0x10_0000 + 3 * PAGE, 1), 0);
  map({ addr: 0x10_0000 + 6 * PAGE, flags: ANON | MAP_FIXED, prot: PROT_NONE });
  assert.equal(mm.setBrk(w.task, 0x10_0000 + 7 * PAGE), 0x10_0000 + 3 * PAGE + 5);
  assert.equal(mm.setBrk(w.task, 0x10_0000 + 6 * PAGE), 0x10_0000 + 3 * PAGE + 5, 'a page stays free');
  assert.equal(mm.setBrk(w.task, 0x10_0000 + 5 * PAGE), 0x10_0000 + 5 * PAGE);
  assert.equal(mm.setBrk(w.task, 0x10_0000 + 1), 0x10_0001);
  assert.equal(mm.rssPages, 0);
});

test('the stack grows to its limit and keeps its guard gap', () => {
  const { mm, map, w } = setUp();
  const stack = map({ addr: STACK_TOP - 4 * PAGE, length: 4 * PAGE, flags: ANON | MAP_FIXED | MAP_GROWSDOWN });
  assert.equal(w.user.storeU8(stack - 100 * PAGE, 1), 0);
  assert.equal(mm.vmas()[0]!.start, stack - 100 * PAGE);
  w.task.process.rlimits[RLIMIT_STACK] = { soft: 200 * PAGE, hard: Infinity };
  assert.equal(w.user.storeU8(stack - 197 * PAGE, 1), EFAULT);
  assert.equal(w.user.storeU8(stack - 196 * PAGE, 1), 0);
  w.task.process.rlimits[RLIMIT_STACK] = { soft: Infinity, hard: Infinity };
  const low = stack - 196 * PAGE - STACK_GUARD - 10 * PAGE;
  map({ addr: low, flags: ANON | MAP_FIXED });
  assert.equal(w.user.storeU8(low + STACK_GUARD + PAGE, 1), 0);
  assert.equal(w.user.storeU8(low + STACK_GUARD, 1), EFAULT);
  assert.equal(mm.lastFault.code, SEGV_MAPERR);
});

test('mprotect: gaps and unmapped ranges are ENOMEM, what came before is changed', () => {
  const { mm, map, w } = setUp();
  const a = map({ length: 4 * PAGE });
  mm.unmap(w.task, a + 2 * PAGE, PAGE);
  assert.equal(mm.protect(w.task, a, 4 * PAGE, PROT_READ), ENOMEM);
  assert.deepEqual(shape(mm), ['r--p 2', 'rw-p 1']);
  assert.equal(mm.protect(w.task, a + 1, PAGE, RW), EINVAL);
  assert.equal(mm.protect(w.task, a, 0, RW), 0);
  assert.equal(mm.protect(w.task, a, PAGE, 0x40), EINVAL);
  assert.equal(mm.protect(w.task, a, PAGE, RW | m.PROT_GROWSDOWN), EINVAL);
  assert.equal(mm.protect(w.task, 0x5000_0000, PAGE, RW), ENOMEM);
});

test('mremap: grows in place or moves with its pages; shared memory can be doubled', () => {
  const { mm, map, w } = setUp();
  map({ prot: PROT_EXEC });
  const a = map({ length: 2 * PAGE });
  w.user.storeU32(a + PAGE, 42);
  const block = map({ length: PAGE, addr: a - 5 * PAGE, prot: PROT_READ });
  assert.equal(block, a - 5 * PAGE);
  assert.equal(mm.remap(w.task, a, 2 * PAGE, 8 * PAGE, 0, 0), ENOMEM);
  assert.equal(mm.remap(w.task, block, PAGE, 5 * PAGE, 0, 0), block);
  assert.equal(mm.remap(w.task, block, 5 * PAGE, 6 * PAGE, 0, 0), ENOMEM);
  const b = mm.remap(w.task, a, 2 * PAGE, 8 * PAGE, m.MREMAP_MAYMOVE, 0);
  assert.ok(b > 0 && b !== a);
  assert.equal(w.user.loadU32(b + PAGE), 0);
  assert.equal(w.user.value, 42);
  assert.equal(w.user.loadU32(a + PAGE), EFAULT);
  assert.equal(mm.remap(w.task, b, 8 * PAGE, 2 * PAGE, 0, 0), b);
  assert.equal(mm.remap(w.task, a, PAGE, PAGE, 0, 0), EFAULT);
  assert.equal(mm.remap(w.task, b, 3 * PAGE, 9 * PAGE, m.MREMAP_MAYMOVE, 0), EFAULT);
  assert.equal(mm.remap(w.task, b, PAGE, 0, 0, 0), EINVAL);
  assert.equal(mm.remap(w.task, b, 0, PAGE, m.MREMAP_MAYMOVE, 0), EINVAL);
  const s = map({ length: PAGE, flags: MAP_SHARED | MAP_ANONYMOUS });
  w.user.storeU32(s, 7);
  const twin = mm.remap(w.task, s, 0, PAGE, m.MREMAP_MAYMOVE, 0);
  assert.ok(twin > 0 && twin !== s);
  w.user.storeU32(twin, 8);
  w.user.loadU32(s);
  assert.equal(w.user.value, 8);
  const kept = mm.remap(w.task, b, PAGE, PAGE, m.MREMAP_MAYMOVE | m.MREMAP_DONTUNMAP, 0);
  assert.ok(kept > 0);
  assert.equal(w.user.loadU32(b), 0);
  assert.equal(w.user.value, 0);
  assert.deepEqual(audit(w.frames, [mm]), []);
});

test('mlock: limits, presence, fork does not inherit', () => {
  const { mm, map, w } = setUp();
  w.task.process.rlimits[RLIMIT_MEMLOCK] = { soft: 4 * PAGE, hard: Infinity };
  const a = map({ length: 8 * PAGE });
  assert.equal(lockRange(mm, w.task, a + 5, 3 * PAGE, 'now'), 0);
  assert.equal(mm.lockedPages, 4);
  assert.equal(mm.rssPages, 4);
  assert.equal(lockRange(mm, w.task, a, PAGE, 'now'), 0, 'locked pages do not count twice');
  assert.equal(lockRange(mm, w.task, a + 4 * PAGE, PAGE, 'now'), ENOMEM);
  assert.equal(map({ flags: ANON | m.MAP_LOCKED }), EAGAIN);
  assert.equal(advise(mm, w.task, a, PAGE, m.MADV_DONTNEED), EINVAL);
  const child = mm.fork(w.task) as AddressSpace;
  assert.equal(child.lockedPages, 0);
  child.put();
  unlockAll(mm);
  assert.equal(mm.lockedPages, 0);
  w.task.process.rlimits[RLIMIT_MEMLOCK] = { soft: 0, hard: Infinity };
  assert.equal(lockAll(mm, w.task, m.MCL_FUTURE), EPERM);
  w.task.cred = credentialsFor(0, 0);
  assert.equal(lockAll(mm, w.task, m.MCL_ONFAULT), EINVAL);
  assert.equal(lockAll(mm, w.task, m.MCL_FUTURE), 0);
  map({ length: 2 * PAGE });
  assert.equal(mm.rssPages, 6);
});

test('madvise: pages go, flags stay, wipe and keep on fork, names', () => {
  const { mm, map, w } = setUp();
  const a = map({ length: 4 * PAGE });
  for (let i = 0; i < 4; i++) w.user.storeU8(a + i * PAGE, 5);
  assert.equal(advise(mm, w.task, a + PAGE, PAGE, m.MADV_DONTNEED), 0);
  assert.equal(w.user.loadU8(a + PAGE), 0);
  assert.equal(w.user.value, 0);
  assert.equal(advise(mm, w.task, a + 2 * PAGE, PAGE, m.MADV_WIPEONFORK), 0);
  assert.equal(advise(mm, w.task, a + 3 * PAGE, PAGE, m.MADV_DONTFORK), 0);
  assert.equal(mm.list.count, 3);
  const child = mm.fork(w.task) as AddressSpace;
  switchTo(w, w.task, child);
  assert.equal(w.user.loadU8(a), 0);
  assert.equal(w.user.value, 5);
  assert.equal(w.user.loadU8(a + 2 * PAGE), 0);
  assert.equal(w.user.value, 0);
  assert.equal(w.user.loadU8(a + 3 * PAGE), EFAULT);
  switchTo(w, w.task, mm);
  child.put();
  assert.equal(advise(mm, w.task, a + 2 * PAGE, PAGE, m.MADV_KEEPONFORK), 0);
  assert.equal(advise(mm, w.task, a + 3 * PAGE, PAGE, m.MADV_DOFORK), 0);
  assert.equal(mm.list.count, 1);
  assert.equal(advise(mm, w.task, a, 8 * PAGE, m.MADV_NORMAL), ENOMEM);
  assert.equal(advise(mm, w.task, a, PAGE, m.MADV_MERGEABLE), EINVAL);
  assert.equal(advise(mm, w.task, a, PAGE, 4711), EINVAL);
  assert.equal(advise(mm, w.task, a, PAGE, m.MADV_REMOVE), EINVAL);
  const s = map({ length: 2 * PAGE, flags: MAP_SHARED | MAP_ANONYMOUS });
  w.user.storeU8(s, 9);
  assert.equal(advise(mm, w.task, s, PAGE, m.MADV_DONTNEED), 0);
  w.user.loadU8(s);
  assert.equal(w.user.value, 9, 'shared pages come back');
  assert.equal(advise(mm, w.task, s, PAGE, m.MADV_REMOVE), 0);
  w.user.loadU8(s);
  assert.equal(w.user.value, 0);
  mm.protect(w.task, s, PAGE, PROT_READ);
  assert.equal(advise(mm, w.task, s, PAGE, m.MADV_REMOVE), 0, 'what could become writable counts');
  assert.equal(nameMapping(mm, a, PAGE, 'jit'), 0);
  assert.equal(mm.vmas().find(v => v.start === a)!.name, '[anon:jit]');
  assert.deepEqual([...residency(mm, w.task, a, 3) as Uint8Array], [1, 1, 1]);
  assert.deepEqual(audit(w.frames, [mm]), []);
});

test('out of memory is ENOMEM for user pages while the kernel still has tables; all of it comes back', () => {
  const { mm, map, w } = setUp(2 << 20);
  const a = map({ length: 400 * PAGE });
  let stored = 0;
  while (stored < 400 && mm.fault(w.task, a + stored * PAGE, 1) === 0) stored++;
  if (stored === 400) for (const b = map({ length: 200 * PAGE }); mm.fault(w.task, b + (stored - 400) * PAGE, 1) === 0;) stored++;
  assert.equal(w.frames.freeCount, w.frames.reserve);
  assert.equal(mm.fork(w.task), ENOMEM);
  assert.deepEqual(audit(w.frames, [mm]), []);
  mm.put();
  assert.equal(w.frames.freeCount, w.frames.total - 1);
});

test('code: frames that were executable are invalidated when the kernel writes to them or frees them', () => {
  const { mm, map, w } = setUp();
  const a = map({ prot: RW | PROT_EXEC });
  w.user.storeU32(a, 0x13);
  assert.equal(mm.fault(w.task, a, 2), 0);
  w.invalidated.length = 0;
  w.user.copyOut(a, Uint8Array.of(1, 2, 3));
  assert.equal(w.invalidated.length, 1);
  mm.unmap(w.task, a, PAGE);
  assert.equal(w.invalidated.length, 2);
});

test('user accessors cross pages, at any alignment, also into the next mapping', () => {
  const { map, w } = setUp();
  const a = map({ length: 2 * PAGE });
  const at = a + PAGE - 3;
  assert.equal(w.user.storeWords(at, 0x04030201, 0x08070605), 0);
  assert.equal(w.user.loadU64(at), 0);
  assert.equal(w.user.lo >>> 0, 0x04030201);
  assert.equal(w.user.hi >>> 0, 0x08070605);
  assert.equal(w.user.loadU16(a + PAGE - 1), 0);
  assert.equal(w.user.value, 0x0403);
  assert.equal(w.user.storeI64(a + 1, -5), 0);
  assert.equal(w.user.loadI64(a + 1), 0);
  assert.equal(w.user.value, -5);
  const text = new Uint8Array(PAGE + 10).fill(0x61);
  assert.equal(w.user.copyOut(a, text), 0);
  assert.equal(w.user.storeU8(a + PAGE + 5, 0), 0);
  assert.equal((w.user.string(a, 2 * PAGE) as string).length, PAGE + 5);
  assert.equal(w.user.storeU32(a + 2 * PAGE - 2, 1), EFAULT);
  assert.equal(w.user.loadU32(a + 2 * PAGE - 2), EFAULT);
});

test('madvise: COLD pages go first, PAGEOUT pages at once; what others map, too, stays', () => {
  const { mm, map, w } = setUp();
  addSwap(w, 64);
  const a = map({ length: 8 * PAGE });
  for (let i = 0; i < 8; i++) w.user.storeU32(a + i * PAGE, i + 1);
  const resident = (): string => [...residency(mm, w.task, a, 8) as Uint8Array].join('');
  assert.equal(advise(mm, w.task, a, 4 * PAGE, m.MADV_PAGEOUT), 0);
  assert.equal(resident(), '00001111');
  assert.equal(mm.swapPages, 4);
  assert.equal(advise(mm, w.task, a + 4 * PAGE, 2 * PAGE, m.MADV_COLD), 0);
  assert.equal(resident(), '00001111');
  const child = mm.fork(w.task) as AddressSpace;
  assert.equal(advise(mm, w.task, a + 4 * PAGE, 4 * PAGE, m.MADV_PAGEOUT), 0);
  assert.equal(resident(), '00001111', 'the child has them, too');
  child.put();
  for (let i = 0; i < 8; i++) {
    assert.equal(w.user.loadU32(a + i * PAGE), 0);
    assert.equal(w.user.value, i + 1);
  }
  assert.deepEqual(audit(w.frames, [mm]), []);
});

test('fork: costs page tables and no other frame until somebody writes', () => {
  const { mm, map, w } = setUp();
  const a = map({ length: 1024 * PAGE });
  for (let i = 0; i < 1024; i++) w.user.storeU32(a + i * PAGE, i);
  const free = w.frames.freeCount;
  const child = mm.fork(w.task) as AddressSpace;
  assert.equal(free - w.frames.freeCount, child.table.tables);
  assert.ok(child.table.tables <= 5, 'root, middle, and a table for 2 MiB each');
  w.user.storeU32(a + 5 * PAGE, 7);
  assert.equal(free - w.frames.freeCount, child.table.tables + 1);
  child.put();
  w.user.storeU32(a + 5 * PAGE, 8);
  w.user.storeU32(a + 6 * PAGE, 8);
  assert.equal(w.frames.freeCount, free, 'the only owner writes in place');
});
