// The behaviour tests of drivers once more, every core in a worker of its own: console, entropy, file systems, and what programs see of all of them. Disks,
// network cards and the guide's thermometer have both placements in their own files; a new driver's tests join one way or the other.
import './hybrid-run.ts';
import '../../src/machine/devices/boot.test.ts';
import '../../src/fs/fuse/fuse.test.ts';
import '../../src/fs/fuse/late-replies.test.ts';
import './evdev.test.ts';
import './fb.test.ts';
