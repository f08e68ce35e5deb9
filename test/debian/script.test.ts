// A long shell script over Debian's tools prints byte for byte what it prints under qemu-user (script.out, made by record.sh).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { ROOT, noImage, run } from '../cli/images.ts';

const PACKAGES = ['bash', 'coreutils', 'grep', 'sed', 'gawk', 'findutils', 'procps', 'util-linux'];
const here = join(ROOT, 'test/debian');

it('a shell script of two hundred lines prints what it prints under qemu-user', { skip: await noImage('shell-script', PACKAGES) }, () => {
  const command = ['run', '--hostname', 'kspace', '-v', `${here}:/script:ro`, 'shell-script', '--', 'bash', '-c', 'cp /script/script.sh /root; setsid -w bash /root/script.sh < /dev/null 2>&1'];
  const { out, status } = run(command);
  const expected = readFileSync(join(here, 'script.out'), 'utf8');
  assert.equal(`${out}status ${status}\n`, expected);
});
