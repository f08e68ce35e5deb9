// What a machine needs so that its processes can serve file systems: /dev/fuse and the file system types.
import type { Kernel } from '../../kernel/kernel.ts';
import { DaemonConnections, FuseType } from './daemon-super.ts';
import { FuseDriver } from './dev-file.ts';
import { FusectlType } from './fusectl.ts';

/** Misc devices (Documentation/admin-guide/devices.txt). */
const MISC_MAJOR = 10, FUSE_MINOR = 229;

export function registerFuse(k: Kernel): void {
  const connections = new DaemonConnections();
  for (const type of [new FuseType('fuse', connections), new FuseType('fuseblk', connections), new FusectlType(connections)]) k.filesystems.set(type.name, type);
  k.devices.register('character', MISC_MAJOR, FUSE_MINOR, 1, 'fuse', new FuseDriver());
  k.devices.addNode('fuse', 'character', MISC_MAJOR, FUSE_MINOR, 0o666);
}
