// The file systems a machine knows and the mounts every machine has. What a read-only or foreign root has no directory for is left out, and said.
import { isErr, type Fallible, EEXIST } from '../abi/errno.ts';
import { AT_FDCWD } from '../abi/fcntl.ts';
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RELATIME } from '../abi/mount.ts';
import { errnoName } from '../abi/errno.ts';
import { registerLoopDevices } from '../drivers/loop.ts';
import { registerMemoryDevices } from '../drivers/mem.ts';
import { DevtmpfsType } from '../fs/devtmpfs/devtmpfs.ts';
import { DevptsType } from '../fs/devpts/devpts.ts';
import { registerFuse } from '../fs/fuse/register.ts';
import { ProcFileSystem } from '../fs/proc/proc-fs.ts';
import { SecurityFileSystem } from '../fs/securityfs/securityfs.ts';
import { SysFileSystem } from '../fs/sysfs/sysfs.ts';
import { TmpfsType } from '../fs/tmpfs/super.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/task/task.ts';
import { makeDirectory } from '../kernel/vfs/make.ts';
import type { SuperBlock, FileSystemType } from '../kernel/vfs/super-block.ts';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, lookupPath } from '../kernel/vfs/walk.ts';

/** File systems and devices that need no hardware. */
export function registerBuiltins(k: Kernel, more: readonly FileSystemType[] = []): void {
  for (const type of [new TmpfsType(), new DevtmpfsType(), new ProcFileSystem(), new SysFileSystem(), new SecurityFileSystem(), new DevptsType(), ...more]) k.filesystems.set(type.name, type);
  registerMemoryDevices(k);
  registerLoopDevices(k);
  registerFuse(k);
}

interface Standard { readonly type: string; readonly at: string; readonly flags: number; readonly options: string; readonly needs?: 'nothing' }

const NO_PROGRAMS = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;
const STANDARD: readonly Standard[] = [
  { type: 'proc', at: '/proc', flags: NO_PROGRAMS, options: '' },
  { type: 'sysfs', at: '/sys', flags: NO_PROGRAMS, options: '' },
  { type: 'securityfs', at: '/sys/kernel/security', flags: NO_PROGRAMS, options: '' },
  { type: 'devtmpfs', at: '/dev', flags: MS_NOSUID | MS_RELATIME, options: 'mode=755' },
  { type: 'devpts', at: '/dev/pts', flags: MS_NOSUID | MS_NOEXEC | MS_RELATIME, options: 'gid=5,mode=620,ptmxmode=666' },
  { type: 'tmpfs', at: '/dev/shm', flags: MS_NOSUID | MS_NODEV | MS_RELATIME, options: 'mode=1777' },
];

/** /proc, /sys, /dev and what lies in it. `missing` decides whether directories are made where the root has none. */
export function mountStandard(t: Task, missing: 'make' | 'skip'): void {
  for (const s of STANDARD) {
    if (!t.kernel.filesystems.has(s.type)) continue;
    const r = mountAt(t, s.type, s.type, s.at, s.flags, s.options, missing);
    if (isErr(r)) t.kernel.log.add(4, t.kernel.now(), `${s.at} is not there: ${errnoName(r)}`);
  }
}

/** Mounts a new instance of file system `type` at a path. */
export function mountAt(t: Task, type: string, source: string, at: string, flags: number, options: string, missing: 'make' | 'skip'): Fallible<0> {
  const sb = t.kernel.filesystems.get(type)!.mount(t, source, flags, options);
  return isErr(sb) ? sb : attach(t, sb, at, flags, missing);
}

function attach(t: Task, sb: SuperBlock, at: string, flags: number, missing: 'make' | 'skip'): Fallible<0> {
  if (missing === 'make') {
    const r = makeDirectories(t, at);
    if (isErr(r)) return r;
  }
  const path = lookupPath(t, AT_FDCWD, at, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
  if (isErr(path)) return path;
  const m = t.kernel.mounts.mount(sb, path, flags);
  path.put();
  return isErr(m) ? m : 0;
}

function makeDirectories(t: Task, path: string): Fallible<0> {
  for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
    const r = makeDirectory(t, AT_FDCWD, end < 0 ? path : path.slice(0, end), 0o755);
    if (isErr(r) && r !== EEXIST) return r;
    if (end < 0) return 0;
  }
}
