// Every guest program prints on our kernel what it prints on Linux: test/guest/README.md. KSPACE_GUEST=pattern,pattern runs a part.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { expectationOf, guestFile, runGuest } from './run-guest.ts';

const patterns = (process.env.KSPACE_GUEST ?? '').split(',').filter(p => p !== '');
const names = readdirSync(guestFile('src')).filter(f => f.endsWith('.c')).map(f => f.slice(0, -2)).sort()
  .filter(n => patterns.length === 0 || patterns.some(p => n.includes(p)));

describe('guest programs print what they print on Linux', () => {
  for (const name of names) {
    it(name, async () => {
      const expected = expectationOf(name);
      assert.ok(expected !== undefined, `no expectation: run tools/guest-record.mjs ${name}`);
      const got = await runGuest(guestFile(`bin/${name}`));
      assert.equal(got.stdout, expected.stdout);
      assert.equal(got.status, expected.status);
    });
  }
});
