import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDocs } from './docs.ts';

test('docs: docs/cli.md says what the tables say (BLESS=1 rewrites it)', () => {
  const path = join(process.env['KSPACE_ROOT'] ?? process.cwd(), 'docs', 'cli.md');
  if (process.env['BLESS'] === '1') writeFileSync(path, renderDocs());
  assert.equal(readFileSync(path, 'utf8'), renderDocs());
});
