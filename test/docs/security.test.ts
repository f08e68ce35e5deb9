// SECURITY.md claims nothing without a test: every test it names exists, and every claim of the lists names one.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = process.env['KSPACE_ROOT'] ?? new URL('../..', import.meta.url).pathname;
const page = readFileSync(`${ROOT}/SECURITY.md`, 'utf8');

test('the tests that SECURITY.md names exist, guest tests with what Linux said', () => {
  const paths = [...page.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(m => m[1]!);
  assert.ok(paths.length > 25);
  assert.deepEqual(paths.filter(p => !existsSync(`${ROOT}/${p}`)), []);
  const guests = paths.map(p => /^test\/guest\/src\/([\w-]+)\.c$/.exec(p)?.[1]).filter(n => n !== undefined);
  assert.deepEqual(guests.filter(n => !existsSync(`${ROOT}/test/guest/expected/${n}.out`)), []);
});

test('each claim names its test', () => {
  const claims = page.slice(page.indexOf('## What each boundary rests on'), page.indexOf('## What a root user')).split(/\n(?=- )/).slice(1);
  assert.ok(claims.length > 12);
  for (const claim of claims) assert.match(claim, /`(?:src|test)\/[\w./-]+\.(?:test\.ts|c)`/, claim);
});
