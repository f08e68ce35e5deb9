// `kspace image build` to its end: packages, byte code made in our own machine, dpkg's database as dpkg itself reads it.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { run } from './images.ts';
import { PATIENCE } from '../patience.ts';

// Half a minute of processor time: only where everything must be tried.
const skip = process.env['KSPACE_REQUIRE_APT'] === '1' ? false : 'slow: runs under KSPACE_REQUIRE_APT=1';
after(() => { if (skip === false) run(['image', 'rm', 'kspace-build-test']); });

const sh = (script: string) => run(['run', 'kspace-build-test', '--', 'sh', '-c', script]);

test('image build: Python is compiled once, dpkg knows what is installed, alternatives are in place', { skip, timeout: 400_000 * PATIENCE }, () => {
  const built = run(['image', 'build', 'kspace-build-test', '--packages', 'python3-minimal,dash,dpkg,gawk,grep,coreutils']);
  assert.equal(built.status, 0, built.err);
  assert.doesNotMatch(built.err, /not compiled/);
  const python = sh('ls /usr/lib/python3.*/json/__pycache__ | grep -c "^decoder.cpython"; python3 -v -c "import json" 2>&1 | grep -c "^# wrote"; python3 -c "print(6 * 7)"');
  assert.match(python.out, /^1\n0\n42\n$/);
  const dpkg = sh('dpkg -s gawk | grep ^Status; dpkg -S /usr/bin/gawk; dpkg -l | grep -c ^ii; dpkg --audit; readlink -f /usr/bin/awk; dpkg --verify gawk; echo end');
  assert.match(dpkg.out, /^Status: install ok installed\ngawk: \/usr\/bin\/gawk\n\d\d\n\/usr\/bin\/gawk\nend\n$/, dpkg.out + dpkg.err);
});
