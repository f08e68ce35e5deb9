// Modules: parts of the kernel that come with a machine instead of with the build (kspace run --module). What is recorded here is plain data; code is
// the system layer's. Who vouches for a module is decided before it is loaded: by its hash, or by a key that is trusted.
import { type Errno, EBUSY, EEXIST, ENOENT, EPERM } from '../../abi/errno.ts';
import type { Kernel } from '../kernel.ts';
import { TAINT_OUT_OF_TREE_MODULE, TAINT_UNSIGNED_MODULE, taintLetters } from '../taint.ts';

/** 'unknown': nobody. Such a module taints the kernel, and is refused under lockdown. */
export type ModuleTrust = 'hash' | 'key' | 'unknown';

export interface ModuleRecord { readonly name: string; readonly bytes: number; readonly sha256: string; readonly trust: ModuleTrust }

export class ModuleTable {
  readonly loaded = new Map<string, ModuleRecord>();
  /** /proc/sys/kernel/modules_disabled: 1 is for good. */
  disabled = 0;

  /** May it be loaded now? Then it is in the list, and the kernel tainted as it must be. EEXIST, EPERM. */
  admit(k: Kernel, m: ModuleRecord): 0 | Errno {
    if (this.loaded.has(m.name)) return EEXIST;
    if (this.disabled !== 0 || (m.trust === 'unknown' && k.security.lockedDown(k.current, 'module') !== 0)) {
      k.log.add(3, k.now(), `${m.name}: module verification failed: ${this.disabled !== 0 ? 'modules are disabled' : 'not on the trust list'}`);
      return EPERM;
    }
    this.loaded.set(m.name, m);
    k.taint |= taintOf(m);
    k.log.add(m.trust === 'unknown' ? 4 : 6, k.now(), `${m.name}: loading out-of-tree module, ${m.trust === 'unknown' ? 'nobody vouches for it: tainting kernel' : `trusted by its ${m.trust}`}`);
    return 0;
  }

  /** delete_module(2): modules here have no way out. */
  remove(name: string): Errno { return this.loaded.has(name) ? EBUSY : ENOENT; }

  /** /proc/modules. */
  get text(): string { return [...this.loaded.values()].map(m => `${m.name} ${m.bytes} 1 - Live 0x0000000000000000 (${taintLetters(taintOf(m))})\n`).join(''); }
}

const taintOf = (m: ModuleRecord): number => 1 << TAINT_OUT_OF_TREE_MODULE | (m.trust === 'unknown' ? 1 << TAINT_UNSIGNED_MODULE : 0);
