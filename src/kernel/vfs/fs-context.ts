// What CLONE_FS shares: working directory, root and umask.
import type { Path } from './mount.ts';

export class FsContext {
  cwd: Path;
  root: Path;
  umask: number;
  users = 1;
  constructor(cwd: Path, root: Path, umask: number) {
    this.cwd = cwd.get();
    this.root = root.get();
    this.umask = umask;
  }
  copy(): FsContext { return new FsContext(this.cwd, this.root, this.umask); }
  setCwd(p: Path): void { p.get(); this.cwd.put(); this.cwd = p; }
  setRoot(p: Path): void { p.get(); this.root.put(); this.root = p; }
  put(): void {
    if (--this.users > 0) return;
    this.cwd.put();
    this.root.put();
  }
}
