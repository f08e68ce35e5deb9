// Host directories as mounts of a machine.
import { resolve } from 'node:path';
import type { Mount } from '../contract.ts';

/** A host directory: its path, or the path and whether the guest may write. */
export type HostMount = string | { readonly path: string; readonly readOnly?: boolean };

export async function hostMounts(mounts: Readonly<Record<string, HostMount>>): Promise<Mount[]> {
  const entries = Object.entries(mounts);
  if (entries.length === 0) return [];
  const { DirFs } = await import('../../host/node/dir-fs.ts');
  return entries.map(([target, m]) => {
    const { path, readOnly = false } = typeof m === 'string' ? { path: m } : m;
    const access = readOnly ? 'read-only' : 'read-write';
    return { target, access, fs: new DirFs(resolve(path), { access }) };
  });
}
