// From a path to its text (getcwd(2), /proc/PID/{cwd,exe,fd,maps,mountinfo}).
import { type Fallible, ENAMETOOLONG, ENOENT } from '../../abi/errno.ts';
import { PATH_MAX } from '../../abi/limits.ts';
import type { Dentry } from './dentry.ts';
import type { Mount, Path } from './mount.ts';
import type { OpenFile } from './open-file.ts';

/** As /proc shows a path to somebody whose root is `root`: ' (deleted)' for removed names; outside of the root, as seen from the top. */
export function renderPath(path: Path, root: Path): string {
  const { text } = climb(path.mount, path.dentry, root);
  return path.dentry.unlinked && path.dentry.parent !== null ? `${text} (deleted)` : text;
}

/** getcwd(2): ENOENT for a removed directory; '(unreachable)' in front where the root does not contain it. */
export function renderCwd(cwd: Path, root: Path): Fallible<string> {
  if (cwd.dentry.unlinked) return ENOENT;
  const { text, reachable } = climb(cwd.mount, cwd.dentry, root);
  if (text.length >= PATH_MAX) return ENAMETOOLONG;
  return reachable ? text : `(unreachable)${text}`;
}

/** What readlink of /proc/PID/fd/N shows. */
export function renderFile(file: OpenFile, root: Path): string {
  const { path } = file;
  return path === null || path.mount === path.dentry.sb.kernel.mounts.anonMount ? file.anonName : renderPath(path, root);
}

/** Path of a dentry inside its file system, from the file system's own root: mountinfo's fourth field. */
export function renderWithin(d: Dentry): string {
  const names: string[] = [];
  for (let at = d; at.parent !== null; at = at.parent) names.push(at.name);
  return `/${names.reverse().join('/')}`;
}

function climb(mount: Mount, dentry: Dentry, root: Path): { text: string; reachable: boolean } {
  const names: string[] = [];
  let [m, d] = [mount, dentry];
  let reachable = true;
  while (d !== root.dentry || m !== root.mount) {
    if (d === m.root) {
      if (m.parent === null || m.mountpoint === null) {
        reachable = false;
        break;
      }
      d = m.mountpoint;
      m = m.parent;
    } else if (d.parent === null) {
      reachable = false;
      break;
    } else {
      names.push(d.name);
      d = d.parent;
    }
  }
  return { text: `/${names.reverse().join('/')}`, reachable };
}
