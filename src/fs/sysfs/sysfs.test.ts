// sysfs: the tree is connected, and reads as the tools expect.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { isErr } from '../../abi/errno.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { DeviceTable } from '../../kernel/vfs/devices.ts';
import type { DirInode, TextInode } from '../pseudo/node.ts';
import { SysSuperBlock } from './sysfs.ts';
import { sysTree } from './tree.ts';

function fakeKernel(): Kernel {
  const devices = new DeviceTable();
  devices.addNode('null', 'character', 1, 3, 0o666);
  devices.addNode('console', 'character', 5, 1, 0o600);
  return { devices, net: { devices: { all: () => [] } }, block: { devices: () => [] }, input: { devices: [] }, fb: { screens: [] }, hardware: null, uevents: { seqnum: 0 }, machine: { harts: [{}] }, nextDev: () => 7, realtime: () => ({ sec: 1, nsec: 0 }) } as unknown as Kernel;
}

test('sysfs: every path has its parent, every link leads to something', () => {
  const tree = sysTree(fakeKernel());
  for (const [path, node] of tree) {
    const at = path.lastIndexOf('/');
    if (path !== '') assert.equal(tree.get(path.slice(0, Math.max(0, at))), 'directory', path);
    if (typeof node === 'object' && 'link' in node) {
      const target = new URL(`http://x/${path.slice(0, at + 1)}${node.link}`).pathname.slice(1);
      assert.ok(tree.has(target), `${path} -> ${node.link}`);
    }
  }
});

test('sysfs: lookup and listing agree', () => {
  const sb = new SysSuperBlock(fakeKernel());
  const t = {} as Task;
  const walk = (dir: DirInode): number => {
    const names = dir.list(t);
    assert.ok(!isErr(names));
    let n = 0;
    for (const { name, ino, mode } of names) {
      const child = dir.lookup(t, name);
      assert.ok(!isErr(child));
      assert.equal(child.ino, ino);
      assert.equal(child.mode & 0o170000, mode);
      n += 1 + (mode === 0o040000 ? walk(child as DirInode) : 0);
    }
    return n;
  };
  assert.ok(walk(sb.root.inode as DirInode) > 60);
});

test('sysfs: devices by number, CPUs online', () => {
  const sb = new SysSuperBlock(fakeKernel());
  const t = {} as Task;
  const read = (path: string): unknown => {
    let at = sb.root.inode!;
    for (const name of path.split('/')) at = at.lookup(t, name) as DirInode;
    return (at.mode & 0o170000) === 0o120000 ? at.readlink(t) : (at as TextInode).show(t);
  };
  assert.equal(read('devices/system/cpu/online'), '0\n');
  assert.equal(read('dev/char/1:3'), '../../devices/virtual/mem/null');
  assert.equal(read('class/tty/console'), '../../devices/virtual/tty/console');
  assert.equal(read('devices/virtual/mem/null/uevent'), 'MAJOR=1\nMINOR=3\nDEVNAME=null\n');
});

test('sysfs: the shape is made once, lines when they are read, and what comes and goes shows at once', () => {
  const k = fakeKernel();
  let looks = 0;
  Object.assign(k.block, { devices: () => { looks++; return []; } });
  const sb = new SysSuperBlock(k);
  const t = {} as Task;
  const at = (path: string): unknown => {
    let d: unknown = sb.root.inode!;
    for (const name of path.split('/')) {
      if (typeof d === 'number') return d;
      d = (d as DirInode).lookup(t, name);
    }
    return d;
  };
  for (let i = 0; i < 50; i++) assert.ok(!isErr(at('devices/virtual/mem/null/dev')));
  assert.equal(looks, 1);
  const seqnum = at('kernel/uevent_seqnum') as TextInode;
  assert.equal(seqnum.show(t), '0\n');
  k.uevents.seqnum = 7;
  assert.equal(seqnum.show(t), '7\n');
  k.devices.addNode('zero', 'character', 1, 5, 0o666);
  const zero = at('class/mem/zero') as TextInode;
  assert.equal(zero.refresh(t), 0);
  k.devices.removeNode('zero');
  assert.notEqual(zero.refresh(t), 0);
  assert.ok(isErr(at('class/mem/zero') as 0));
});
