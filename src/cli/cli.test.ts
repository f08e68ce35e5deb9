import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryFs } from '../host/memory-fs.ts';
import { COMMANDS } from './commands.ts';
import { ownPlaces } from './exec.ts';
import { describe, find, overview } from './help.ts';
import { age, size } from './image.ts';
import { UsageError, helpText, parse } from './options.ts';
import { findNode, readFile } from '../system/node/root.ts';
import { split, streamsOf } from './run.ts';
import { statusOf } from './session.ts';
import { closest, distance } from '../lib/suggest.ts';
import { environment, memory, seed, user, volumes } from './values.ts';

const run = find(COMMANDS, 'run');

test('options: clusters, glued and separate values, --name=value, repetition', () => {
  const p = parse(run, ['-it', '-eA=1', '-e', 'B=2', '--env=C=3', '-m64M', '--hostname', 'h', 'busybox', 'ls', '-l', '--', 'x']);
  assert.deepEqual([...p.values].sort(), [['env', 'C=3'], ['hostname', 'h'], ['interactive', 'yes'], ['memory', '64M'], ['tty', 'yes']]);
  assert.deepEqual(p.lists.get('env'), ['A=1', 'B=2', 'C=3']);
  assert.deepEqual(p.words, ['busybox', 'ls', '-l', '--', 'x']);
  assert.equal(p.dashes, undefined);
});

test('options: `--` before the command, with and without an image', () => {
  assert.deepEqual([parse(run, ['--', 'ls', '-l']).words, parse(run, ['--', 'ls']).dashes], [['ls', '-l'], 0]);
  assert.deepEqual([parse(run, ['dev', '--', 'ls', '--', 'x']).words, parse(run, ['dev', '--', 'ls']).dashes], [['dev', 'ls', '--', 'x'], 1]);
});

function fails(args: string[], why: RegExp): void {
  assert.throws(() => parse(run, args), (e: unknown) => e instanceof UsageError && why.test(e.message), args.join(' '));
}

test('options: mistakes are named, typos get a suggestion', () => {
  fails(['--memroy', '1'], /unknown option --memroy; did you mean --memory\?/);
  fails(['-z'], /unknown option -z/);
  fails(['-m'], /-m needs a value/);
  fails(['--rm=1'], /--rm takes no value/);
  assert.throws(() => find(COMMANDS, 'rnu'), /did you mean 'run'/);
  assert.throws(() => find(COMMANDS, 'frobnicate'), (e: Error) => !e.message.includes('mean'));
});

test('help: every command and every option is explained', () => {
  for (const c of COMMANDS) {
    assert.ok(overview().includes(c.summary));
    for (const o of c.options) assert.ok(helpText(c).includes(`--${o.long}`));
    for (const s of c.subcommands ?? []) assert.ok(describe(c).includes(s.usage));
  }
});

const isImage = (w: string) => w === 'dev';

test('run: the first word is an image if it names one or stands before `--`', () => {
  assert.deepEqual(split({ words: ['dev', 'ls'], dashes: undefined }, isImage), { image: 'dev', command: ['ls'] });
  assert.deepEqual(split({ words: ['ls', '-l'], dashes: undefined }, isImage), { image: undefined, command: ['ls', '-l'] });
  assert.deepEqual(split({ words: ['dve', 'ls'], dashes: 1 }, isImage), { image: 'dve', command: ['ls'] });
  assert.deepEqual(split({ words: ['dev'], dashes: 0 }, isImage), { image: undefined, command: ['dev'] });
  assert.deepEqual(split({ words: [], dashes: undefined }, isImage), { image: undefined, command: [] });
});

test('run: a terminal when there is one at both ends, unless -i or -t say otherwise', () => {
  assert.equal(streamsOf(new Map(), true), 'terminal');
  assert.equal(streamsOf(new Map([['interactive', 'yes']]), true), 'streams');
  assert.equal(streamsOf(new Map([['tty', 'yes']]), false), 'terminal');
});

test('values: sizes, seeds, environment', () => {
  assert.deepEqual([memory('64M'), memory('1g'), memory('67108864'), memory('1.5GiB')], [64 << 20, 1 << 30, 64 << 20, 1.5 * 2 ** 30]);
  for (const bad of ['x', '1M', '9G', '-5', '']) assert.throws(() => memory(bad), UsageError, bad);
  assert.equal(seed('42'), 42);
  assert.throws(() => seed('4.2'), UsageError);
  process.env['KSPACE_TEST_VALUE'] = 'v';
  assert.deepEqual(environment({ A: '1', B: '2' }, ['A=3', 'KSPACE_TEST_VALUE', 'B', 'X=']), ['A=3', 'KSPACE_TEST_VALUE=v', 'X=']);
  assert.throws(() => environment({}, ['=x']), UsageError);
});

test('values: users by number and by name, with home and shell from the image', () => {
  const fs = memoryFs({ '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nwww:x:33:34::/var/www:\n', '/etc/group': 'adm:x:4:\n' });
  assert.deepEqual(user('0', fs), { uid: 0, gid: 0, home: '/root', shell: '/bin/bash', name: 'root' });
  assert.deepEqual(user('www:adm', fs), { uid: 33, gid: 4, home: '/var/www', shell: '/bin/sh', name: 'www' });
  assert.deepEqual(user('1000:7', fs), { uid: 1000, gid: 7, home: '/', shell: '/bin/sh', name: '' });
  assert.throws(() => user('nobdy', fs), /no user 'nobdy'/);
});

test('values: volumes need an existing directory and an absolute place', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-vol-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [a, b] = await volumes([`${dir}:/a`, `${dir}:/b:ro`]);
  assert.deepEqual([a!.target, a!.access, b!.access], ['/a', 'read-write', 'read-only']);
  await assert.rejects(volumes([`${dir}:a`]), UsageError);
  await assert.rejects(volumes([`${dir}/nothing:/a`]), /does not exist/);
  await assert.rejects(volumes(['x']), UsageError);
});

test('exec: the current directory, $TMPDIR and the program are shown once each', t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-exec-'));
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'p'), '');
  const program = join(dir, 'bin', 'p');
  assert.deepEqual(ownPlaces(program, '/', undefined), [{ path: join(dir, 'bin'), access: 'read-only' }]);
  assert.deepEqual(ownPlaces(program, dir, undefined), [{ path: dir, access: 'read-write' }]);
  assert.deepEqual(ownPlaces(program, join(dir, 'bin'), dir), [{ path: dir, access: 'read-write' }]);
  assert.deepEqual(ownPlaces(program, '/proc/self', undefined).map(p => p.path), [join(dir, 'bin')]);
});

test('rootfs: files of an image are found through links', () => {
  const fs = memoryFs({ '/usr/bin/bash': 'B', '/bin': { link: 'usr/bin' }, '/sh': { link: '/bin/../bin/bash' }, '/loop': { link: 'loop' } });
  assert.equal(new TextDecoder().decode(readFile(fs, '/sh')), 'B');
  assert.equal(findNode(fs, '/loop'), undefined);
  assert.equal(readFile(fs, '/usr'), undefined);
});

test('small things: suggestions, sizes, ages, exit statuses', () => {
  assert.deepEqual([distance('ab', 'ba'), distance('', 'abc'), closest('imgae', ['image', 'run']), closest('q', ['run'])], [1, 3, 'image', undefined]);
  assert.deepEqual([size(900), size(1_700_000), size(109_000_000)], ['900 B', '1.7 MB', '109 MB']);
  assert.deepEqual([age(500), age(60_000), age(7_300_000), age(3 * 86_400_000)], ['1 second', '1 minute', '2 hours', '3 days']);
  assert.deepEqual([statusOf({ kind: 'exited', status: 3 }), statusOf({ kind: 'killed', signal: 9 })], [3, 137]);
});
