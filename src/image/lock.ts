// A lock between kspace processes: a file that only one can create, with the holder's pid in it. A lock whose holder is dead is taken over.
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `work` while holding the lock at `path`; `waiting` is called once if somebody else has it. */
export async function withLock<T>(path: string, waiting: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let said = false;
  while (!tryLock(path)) {
    const holder = holderOf(path);
    if (holder === 'dead') {
      // Of several that see the corpse, one rename succeeds for each lock file; the losers find a new lock or none.
      try { renameSync(path, `${path}.${process.pid}`); rmSync(`${path}.${process.pid}`, { force: true }); } catch { /* another was faster */ }
      continue;
    }
    if (!said && typeof holder === 'number') { waiting(holder); said = true; }
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    const fd = openSync(path, 'wx');
    writeSync(fd, String(process.pid));
    closeSync(fd);
    return true;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw e;
  }
}

/** The pid that holds the lock, 'dead' when that process is gone, 'unknown' while it is being written or has just vanished. */
function holderOf(path: string): number | 'dead' | 'unknown' {
  let pid: number;
  try { pid = Number(readFileSync(path, 'utf8')); } catch { return 'unknown'; }
  if (!(pid > 0)) return 'unknown';
  try {
    process.kill(pid, 0);
    return pid;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : pid;
  }
}
