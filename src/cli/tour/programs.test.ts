import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAMS, buildProgram } from './programs.ts';

/** What each must print; the first line of uname is the host's business. */
const EXPECTED: Record<keyof typeof PROGRAMS, RegExp> = {
  uname: /^Linux \S+ \S+ .* riscv64 \n$/,
  pipeline: /^1000 lines came through the pipe; their sum is 500500\n$/,
  fork: /^a child ended with status 13\na child ended with status 12\na child ended with status 11\n$/,
  fault: /^the handler was told: no page at address 48\na child without a handler was ended by signal 11\n$/,
};

test('tour: every program assembles to a small riscv64 ELF file', () => {
  for (const name of Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]) {
    const elf = buildProgram(name);
    assert.deepEqual([...elf.subarray(0, 5), elf[18]], [0x7f, 0x45, 0x4c, 0x46, 2, 243]);
    assert.ok(elf.length < 2048, `${name}: ${elf.length} bytes`);
  }
});

const noQemu = spawnSync('qemu-riscv64', ['--version']).status === 0 ? false : 'no qemu-riscv64 to compare with';
test('tour: the programs do under qemu-user what the tour says', { skip: noQemu, timeout: 30_000 }, t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-tour-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const path = join(dir, name);
    writeFileSync(path, buildProgram(name as keyof typeof PROGRAMS));
    chmodSync(path, 0o755);
    const r = spawnSync('qemu-riscv64', [path], { encoding: 'latin1', timeout: 5000 });
    assert.match(r.stdout, expected, `${name}: ${r.status} ${r.signal} ${r.stderr}`);
  }
});
