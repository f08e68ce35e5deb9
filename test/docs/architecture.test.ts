// ARCHITECTURE.md is true: every `path#symbol` in it exists.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = process.env['KSPACE_ROOT'] ?? new URL('../..', import.meta.url).pathname;
const page = readFileSync(`${ROOT}/ARCHITECTURE.md`, 'utf8');

test('every path and symbol of ARCHITECTURE.md exists', () => {
  const references = [...page.matchAll(/`((?:src|tools|test)\/[\w./-]+?)(?:#([\w.]+))?`/g)];
  assert.ok(references.length > 50, 'the page names its symbols');
  const missing: string[] = [];
  for (const [, path, symbol] of references) {
    if (!existsSync(`${ROOT}/${path}`)) {
      missing.push(path!);
      continue;
    }
    if (symbol === undefined) continue;
    const text = readFileSync(`${ROOT}/${path}`, 'utf8');
    const [outer, member] = symbol.split('.');
    const declared = new RegExp(`export (?:default )?(?:abstract )?(?:class|interface|function|const|type) ${outer}\\b`).test(text);
    const hasMember = member === undefined || new RegExp(`^  (?:override |private |protected |get |static )*${member}\\(`, 'm').test(text);
    if (!declared || !hasMember) missing.push(`${path}#${symbol}`);
  }
  assert.deepEqual(missing, []);
});

test('README.md links only to what exists', () => {
  const readme = readFileSync(`${ROOT}/README.md`, 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(m => m[1]!);
  assert.deepEqual(links.filter(l => !existsSync(`${ROOT}/${l}`)), []);
});
