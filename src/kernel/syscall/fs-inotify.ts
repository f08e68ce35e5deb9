// inotify_init1(2), inotify_add_watch(2), inotify_rm_watch(2).
import { EBADF, EEXIST, EINVAL, EMFILE, isErr } from '../../abi/errno.ts';
import {
  IN_ACCESS, IN_ALL_EVENTS, IN_ATTRIB, IN_CLOEXEC, IN_CLOSE_NOWRITE, IN_CLOSE_WRITE, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_DONT_FOLLOW,
  IN_EXCL_UNLINK, IN_MASK_ADD, IN_MASK_CREATE, IN_MODIFY, IN_MOVE_SELF, IN_MOVED_FROM, IN_MOVED_TO, IN_NONBLOCK, IN_ONESHOT, IN_ONLYDIR, IN_OPEN,
} from '../../abi/eventfd.ts';
import { AT_FDCWD, O_NONBLOCK, O_RDONLY } from '../../abi/fcntl.ts';
import { inodePermission, MAY_READ } from '../security/access.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import { InotifyFile } from '../vfs/inotify.ts';
import { marksOf } from '../vfs/notify.ts';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { fd, flags, int, path, syscall } from './define.ts';

const MASK = {
  IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE, IN_CLOSE_NOWRITE, IN_OPEN, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_DELETE_SELF,
  IN_MOVE_SELF, IN_ONLYDIR, IN_DONT_FOLLOW, IN_EXCL_UNLINK, IN_MASK_CREATE, IN_MASK_ADD, IN_ONESHOT,
};

/** inotify_init1(2). */
export const sys_inotify_init1 = syscall({
  name: 'inotify_init1',
  args: [flags('flags', { IN_CLOEXEC, IN_NONBLOCK })],
  run(t, flags) {
    if ((flags & ~(IN_CLOEXEC | IN_NONBLOCK)) !== 0) return EINVAL;
    if (t.files.lowestFree() >= t.process.rlimits[7]!.soft) return EMFILE;
    const { users } = t.kernel, user = users.of(t.cred.euid);
    if (user.inotifyInstances >= users.limits.inotifyInstances) return EMFILE;
    const file = new InotifyFile(anonInode(t.kernel, 0o600), O_RDONLY | ((flags & IN_NONBLOCK) !== 0 ? O_NONBLOCK : 0), user);
    return t.files.install(t, file, (flags & IN_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
  },
});

/** inotify_add_watch(2). */
export const sys_inotify_add_watch = syscall({
  name: 'inotify_add_watch',
  args: [fd('fd'), path('pathname'), flags('mask', MASK)],
  run(t, fd, pathname, mask) {
    if ((mask & IN_ALL_EVENTS) === 0 || (mask & IN_MASK_ADD && mask & IN_MASK_CREATE) !== 0) return EINVAL;
    const file = t.files.get(fd);
    if (isErr(file)) return EBADF;
    if (!(file instanceof InotifyFile)) return EINVAL;
    const name = t.user.path(pathname);
    if (isErr(name)) return name;
    const lookup = ((mask & IN_DONT_FOLLOW) === 0 ? LOOKUP_FOLLOW : 0) | ((mask & IN_ONLYDIR) !== 0 ? LOOKUP_DIRECTORY : 0);
    const p = lookupPath(t, AT_FDCWD, name, lookup);
    if (isErr(p)) return p;
    const inode = p.dentry.inode!;
    let r: number = inodePermission(t.cred, inode, MAY_READ);
    if (r === 0 && (mask & IN_MASK_CREATE) !== 0 && [...marksOf(inode)].some(w => w.file === file)) r = EEXIST;
    if (r === 0) r = file.add(inode, mask);
    p.put();
    return r;
  },
});

/** inotify_rm_watch(2). */
export const sys_inotify_rm_watch = syscall({
  name: 'inotify_rm_watch',
  args: [fd('fd'), int('wd')],
  run(t, fd, wd) {
    const file = t.files.get(fd);
    if (isErr(file)) return EBADF;
    if (!(file instanceof InotifyFile)) return EINVAL;
    const watch = file.watch(wd);
    if (watch === undefined) return EINVAL;
    file.drop(watch);
    return 0;
  },
});
