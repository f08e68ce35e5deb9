// /proc/sys/vm (Documentation/admin-guide/sysctl/vm): what memory management is set to.
import { type Errno, EINVAL } from '../../abi/errno.ts';
import { OVERCOMMIT_GUESS, OVERCOMMIT_NEVER } from '../../abi/mman.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { MMAP_MIN_ADDR } from '../../kernel/mm/layout.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Entries, Text } from '../pseudo/entry.ts';
import { pagesToKb, parseNumber } from './format.ts';

const MAX_INT = 2 ** 31 - 1;
const MAX_KB = 2 ** 50, MAX_RATIO = MAX_INT;

export const VM_SETTINGS: Entries<Kernel> = {
  'sys/vm/admin_reserve_kbytes': setting(k => k.frames.overcommit.adminReserveKb, (k, n) => { k.frames.overcommit.adminReserveKb = n; }, 0, MAX_KB),
  'sys/vm/overcommit_kbytes': setting(k => k.frames.overcommit.kbytes, setOvercommitKbytes, 0, MAX_KB),
  'sys/vm/overcommit_memory': setting(k => k.frames.overcommit.mode, (k, n) => { k.frames.overcommit.mode = n; }, OVERCOMMIT_GUESS, OVERCOMMIT_NEVER),
  'sys/vm/overcommit_ratio': setting(k => (k.frames.overcommit.kbytes === 0 ? k.frames.overcommit.ratio : 0), setOvercommitRatio, 0, MAX_RATIO),
  'sys/vm/memfd_noexec': setting(k => k.memfdNoexec, (k, n) => { k.memfdNoexec = n; }, 0, 2),
  'sys/vm/unprivileged_userfaultfd': setting(k => k.unprivilegedUserfaultfd, (k, n) => { k.unprivilegedUserfaultfd = n; }, 0, 1),
  'sys/vm/user_reserve_kbytes': setting(k => k.frames.overcommit.userReserveKb, (k, n) => { k.frames.overcommit.userReserveKb = n; }, 0, MAX_KB),
  'sys/vm/compact_unevictable_allowed': fixed(0),
  'sys/vm/dirty_background_bytes': fixed(0),
  'sys/vm/dirty_background_ratio': setting(k => k.writeback.backgroundRatio, (k, n) => { k.writeback.backgroundRatio = n; }, 0, 100),
  'sys/vm/dirty_bytes': fixed(0),
  'sys/vm/dirty_expire_centisecs': setting(k => k.writeback.expireCs, (k, n) => { k.writeback.expireCs = n; }, 0, MAX_INT),
  'sys/vm/dirty_ratio': setting(k => k.frames.caches.dirtyRatio, (k, n) => { k.frames.caches.dirtyRatio = n; }, 0, 100),
  'sys/vm/dirty_writeback_centisecs': setting(k => k.writeback.intervalCs, (k, n) => { k.writeback.intervalCs = n; }, 0, MAX_INT),
  'sys/vm/drop_caches': { mode: 0o200, show: () => '0\n', store: dropCaches },
  'sys/vm/legacy_va_layout': fixed(0),
  'sys/vm/max_map_count': setting(k => k.frames.maxMapCount, (k, n) => { k.frames.maxMapCount = n; }, 0, MAX_INT),
  'sys/vm/min_free_kbytes': setting(k => pagesToKb(k.frames.reserve), (k, n) => { k.frames.setWatermarks(Math.min(n >> 2, k.frames.total >> 2)); }, 64, MAX_INT),
  'sys/vm/mmap_min_addr': fixed(MMAP_MIN_ADDR),
  'sys/vm/nr_hugepages': fixed(0),
  'sys/vm/oom_dump_tasks': setting(k => Number(k.oom.dumpsTasks), (k, n) => { k.oom.dumpsTasks = n !== 0; }, 0, 1),
  'sys/vm/oom_kill_allocating_task': setting(k => Number(k.oom.killsAllocating), (k, n) => { k.oom.killsAllocating = n !== 0; }, 0, 1),
  'sys/vm/page-cluster': fixed(0),
  'sys/vm/panic_on_oom': fixed(0),
  'sys/vm/swappiness': setting(k => k.frames.reclaimer.swappiness, (k, n) => { k.frames.reclaimer.swappiness = n; }, 0, 200),
  'sys/vm/watermark_scale_factor': setting(k => k.frames.watermarkScale, setWatermarkScale, 1, 3000),
};

function fixed(value: string | number): Text<Kernel> {
  return { mode: 0o444, show: () => `${value}\n` };
}

/** A whole number between `min` and `max` that can be changed (proc(5): sysctls are written by their owner, root). */
export function setting(get: (k: Kernel) => number, set: (k: Kernel, value: number) => void, min: number, max: number): Text<Kernel> {
  return {
    mode: 0o644,
    show: (_t, k) => `${get(k)}\n`,
    store: (_t, k, text) => {
      const value = parseNumber(text);
      if (!Number.isInteger(value) || value < min || value > max) return EINVAL;
      set(k, value);
      return 0;
    },
  };
}

function setWatermarkScale(k: Kernel, n: number): void {
  k.frames.watermarkScale = n;
  k.frames.setWatermarks(k.frames.reserve);
}

/** 1: page cache, 2: dentries and inodes, 3: both; here clean pages that nobody maps, names age by themselves. */
function dropCaches(_t: Task, k: Kernel, text: string): 0 | Errno {
  const what = parseNumber(text);
  if (!(what >= 1 && what <= 4)) return EINVAL;
  const { caches, events } = k.frames;
  if ((what & 1) !== 0) {
    for (const cache of caches.byId.values()) cache.invalidate();
    events.drop_pagecache++;
  }
  if ((what & 2) !== 0) events.drop_slab++;
  return 0;
}

/** Each of the two forms of the commit limit replaces the other. */
function setOvercommitKbytes(k: Kernel, kbytes: number): void { k.frames.overcommit.kbytes = kbytes; }
function setOvercommitRatio(k: Kernel, percent: number): void {
  k.frames.overcommit.ratio = percent;
  k.frames.overcommit.kbytes = 0;
}
