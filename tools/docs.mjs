// npm run docs: writes the generated pages. npm run docs -- --check: fails if one of them is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as attacks from './attack-docs.mjs';
import * as syscalls from './syscall-docs.mjs';

const root = new URL('..', import.meta.url).pathname;
const pages = [syscalls, attacks];
if (existsSync(root + 'tools/isa-docs.mjs')) pages.push(await import('./isa-docs.mjs'));

let stale = 0;
for (const page of pages) {
  const text = await page.render();
  const file = root + page.path;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${page.path} is out of date: npm run docs`);
    stale++;
  } else {
    writeFileSync(file, text);
    console.log(`wrote ${page.path}`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
