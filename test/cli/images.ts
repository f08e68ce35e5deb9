// Images of Debian packages for tests: made once, kept in the user's store. Under KSPACE_REQUIRE_APT=1 (.ci/run) they must be there.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openImage } from '../../src/host/node/image-fs.ts';
import { buildImage } from '../../src/image/build.ts';
import { withLock } from '../../src/image/lock.ts';
import { silent } from '../../src/image/progress.ts';
import { findImage, storeDir } from '../../src/image/store.ts';
import { UserError } from '../../src/host/user-error.ts';
import { PATIENCE } from '../patience.ts';

export const ROOT = process.env['KSPACE_ROOT'] ?? process.cwd() + '/';

/** The command under test; built when a source is newer than the build, by one test process at a time. */
export const KSPACE = join(ROOT, 'bin/kspace');

await withLock(join(ROOT, 'build/.lock'), () => {}, async () => {
  if (!stale()) return;
  const r = spawnSync(process.execPath, [join(ROOT, 'tools/build.mjs'), '--no-types'], { stdio: 'inherit' });
  if (r.status !== 0) throw new Error('the build failed');
});

function stale(): boolean {
  const built = statSync(join(ROOT, 'dist/kspace.cjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).some(f => f.endsWith('.ts') && !f.endsWith('.test.ts') && statSync(join(ROOT, 'src', f)).mtimeMs > built);
}

/** Makes image `name` if it is not there: false, or the reason why it cannot be had here. */
export async function noImage(name: string, packages: readonly string[]): Promise<string | false> {
  const isThere = (): boolean => {
    const there = findImage(name);
    return there !== undefined && usable(there);
  };
  if (isThere()) return false;
  try {
    // One of several test files that want it builds it.
    await withLock(join(storeDir(), `test-${name}.lock`), () => {}, async () => {
      if (!isThere()) await buildImage({ name, packages, progress: silent });
    });
    return false;
  } catch (e) {
    if (!(e instanceof UserError) || process.env['KSPACE_REQUIRE_APT'] === '1') throw e;
    return e.message;
  }
}

/** False for an image of another format or a damaged one. */
function usable(dir: string): boolean {
  try {
    openImage(dir).close();
    return true;
  } catch {
    return false;
  }
}

/** What a run of the command printed, and its status. */
export function run(args: readonly string[], options: { input?: string | Uint8Array; env?: Record<string, string>; cwd?: string; seconds?: number } = {}): { status: number; out: string; err: string } {
  const r = spawnSync(process.execPath, [KSPACE, ...args], {
    input: options.input ?? '', env: { ...process.env, ...options.env }, cwd: options.cwd ?? ROOT, encoding: 'latin1', timeout: 150_000 * PATIENCE, maxBuffer: 1 << 28, killSignal: 'SIGKILL',
  });
  return { status: r.status ?? -1, out: r.stdout, err: r.stderr };
}
