// The committed guest binaries are what their sources build to, where the compiler that built them is at hand.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { guestFile } from './run-guest.ts';

it('test/guest/bin is built from test/guest/src', { timeout: 300_000 }, t => {
  const r = spawnSync(process.execPath, [guestFile('../../tools/guest-build.mjs'), '--check'], { encoding: 'utf8' });
  assert.equal(r.status, 0, r.stdout + r.stderr);
  if (r.stdout.includes('skipped')) t.skip(r.stdout.trim());
});
