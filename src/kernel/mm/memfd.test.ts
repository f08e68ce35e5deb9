// memfd_create(2) and file sealing (fcntl(2)).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EACCES, EBUSY, EINVAL, EPERM } from '../../abi/errno.ts';
import * as fc from '../../abi/fcntl.ts';
import { MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import { createMemfd } from './memfd.ts';
import { enterSpace, testWorld } from './test-util.ts';

const PAGE = 4096;
const bytes = (n: number): KernelBuffer => new KernelBuffer(new Uint8Array(n).fill(7));

function setUp(seals = 0) {
  const w = testWorld();
  Object.assign(w.kernel, { mounts: { anon: { kernel: w.kernel } }, nextIno: () => 1, realtime: () => ({ sec: 1, nsec: 0 }) });
  const mm = enterSpace(w);
  const file = createMemfd(w.kernel, 'x', 0o777, seals);
  const map = (flags: number, prot: number): number => mm.map(w.task, { addr: 0, length: PAGE, prot, flags, file, offset: 0 });
  return { w, mm, file, map, t: w.task };
}

test('a memfd reads back what is written, through the file and through mappings, and frees its pages', () => {
  const { w, mm, file, map, t } = setUp();
  const free = w.frames.freeCount;
  assert.equal(file.write(t, bytes(PAGE + 5), 0), PAGE + 5);
  const at = map(MAP_SHARED, PROT_READ | PROT_WRITE);
  assert.equal(w.user.storeU8(at + 3, 99), 0);
  const b = new KernelBuffer(new Uint8Array(5));
  assert.equal(file.read(t, b, 1), 5);
  assert.deepEqual([...b.bytes], [7, 7, 99, 7, 7]);
  assert.equal(file.anonName, '/memfd:x (deleted)');
  file.put();
  assert.equal(w.user.loadU8(at + 3), 0);
  assert.equal(w.user.value, 99, 'the mapping keeps it alive');
  mm.unmap(t, at, PAGE);
  assert.equal(w.frames.freeCount, free);
});

test('seals: size, writing, mappings, and the seal on sealing', () => {
  const { file, map, t, mm } = setUp();
  const seal = (s: number): number => file.fcntl(t, fc.F_ADD_SEALS, s);
  file.write(t, bytes(PAGE), 0);
  const rw = map(MAP_SHARED, PROT_READ | PROT_WRITE);
  assert.equal(seal(fc.F_SEAL_WRITE), EBUSY);
  mm.unmap(t, rw, PAGE);
  assert.equal(seal(0x8000), EINVAL);
  assert.equal(seal(fc.F_SEAL_GROW | fc.F_SEAL_SHRINK), 0);
  assert.equal(file.inode.setattr(t, { size: 10 }), EPERM);
  assert.equal(file.inode.setattr(t, { size: 2 * PAGE }), EPERM);
  assert.equal(file.write(t, bytes(1), PAGE), EPERM);
  assert.equal(file.write(t, bytes(1), 0), 1);
  assert.equal(seal(fc.F_SEAL_WRITE), 0);
  assert.equal(file.write(t, bytes(1), 0), EPERM);
  assert.equal(map(MAP_SHARED, PROT_READ | PROT_WRITE), EPERM);
  const ro = map(MAP_SHARED, PROT_READ);
  assert.ok(ro > 0);
  assert.equal(mm.protect(t, ro, PAGE, PROT_READ | PROT_WRITE), EACCES);
  assert.ok(map(MAP_PRIVATE, PROT_READ | PROT_WRITE) > 0);
  assert.equal(seal(fc.F_SEAL_SEAL), 0);
  assert.equal(seal(fc.F_SEAL_EXEC), EPERM);
  assert.equal(file.fcntl(t, fc.F_GET_SEALS, 0), fc.F_SEAL_GROW | fc.F_SEAL_SHRINK | fc.F_SEAL_WRITE | fc.F_SEAL_SEAL);
});
