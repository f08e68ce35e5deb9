// Loads a TypeScript module of the project into this process: tools read tables from the source itself, not from copies.
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { common } from './build.mjs';

const root = new URL('..', import.meta.url).pathname;

/** `path` relative to the project. */
export async function load(path) {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-tool-'));
  try {
    await build({ ...common, entryPoints: [root + path], outfile: join(dir, 'module.mjs') });
    return await import(pathToFileURL(join(dir, 'module.mjs')).href);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
