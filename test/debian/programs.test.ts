// Everyday programs of Debian's riscv64 port at work, unmodified: shells, archivers, languages, a database, a server, a compiler, make, git.
// What they are expected to print was printed by the same scripts on a Linux host, or follows by arithmetic.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inGuest, noPrograms } from './images.ts';

describe('programs', { skip: await noPrograms() }, () => {
  it('dash, bash and zsh run one script to one result', () => {
    const expected = [
      '55', 'trapped TERM', 'subshell leaves', 'subshell 4', '1 3-4-5 ', '<a b>', '<c>', 'x:y:z', 'one two first', '42 second', 'file.tar.gz /usr/share/doc/file default 26',
      'err out ', '2001000', 'killed 137', 'waited 5', 'to seven', '300 003,1', '32', '-rw-------', 'status 7', '',
    ].join('\n');
    for (const shell of ['dash', 'bash', 'zsh']) assert.equal(inGuest(`exec ${shell} /test/shells.sh`), expected, shell);
  });

  it('tar, gzip, xz, zstd, find, xargs, diff: a tree packed and unpacked', () => {
    const way = (c: string) => `${c}: intact\n${c}: equal\ndeep/er/7.txt\n640 981173106\n`;
    assert.equal(inGuest('bash /test/archives.sh'), '1d7e2efbca004fb4e40c615ced30c1c089059ebdc4e4c284286cbed14ce72785  -\n' + way('gzip') + way('xz') + way('zstd')
      + 'smaller\n9\ntree/empty  3924 total\n47\ndamage is seen\nstatus 0\n');
  });

  it('perl: text, closures, forks, pipes, signals, sockets', () => {
    assert.equal(inGuest('perl /test/words.pl'), [
      'the=3 brown=1 dog=1 end=1 fox=1 jumps=1 lazy=1 over=1 quick=1', 'quick the fox brown over jumps lazy the dog; end the', '2432902008176640000',
      '01020304060507 3.141593 00042 ff 1.234568e+04', '500500 1', '1:1 1024:2 59049:3 1048576:4 ', 'caught 3', 'late', 'over a socket', '3628800,perl,bdfhjlnprtvxz', 'status 6', '',
    ].join('\n'));
  });

  it('lua: coroutines, metatables, patterns, files, the collector', () => {
    assert.equal(inGuest('lua5.4 /test/life.lua'), [
      '333833500', '(4, 6.5)', '2 16 18 33 34', 'value=key; 2=other\t2', '"a\\', 'b"  3.14 beef\t3\t-4\t9007199254740992\ttrue', '125250', '500', 'true\texit\t0', '7', 'true', 'status 5', '',
    ].join('\n'));
  });

  it('sqlite3: a transaction of 100,000 rows, a join, a rollback', () => {
    assert.equal(inGuest('sqlite3 db < /test/rows.sql && stat -c %s db'), [
      'delete', '100000|49950000|item 000001|item 100000', 'Bern|3333|498234', 'Oslo|3334|498523', 'Rome|3333|498243', '10', '100000', '49983334', 'ok', '3760128', 'status 0', '',
    ].join('\n'));
  });

  it('redis-server and redis-cli over a UNIX socket: types, a pipe, Lua, a blocked client, publish, a fork that saves', () => {
    assert.equal(inGuest('bash /test/redis.sh'), [
      'PONG', 'OK', '11', 'hello world', '41', '42', 'a b c 3', 'bob 1 cy 2 ann 3 ', 'errors: 0, replies: 5000', '5004', '12502500', '1', 'for the one who waits', '1', 'last_bgsave_status:ok',
      'server 0', '4321', 'hello world', 'server 0', 'status 0', '',
    ].join('\n'));
  });

  it('gcc and make -j4: eight objects, a library, a program that runs; nothing twice', () => {
    const out = inGuest('cp -r /test/project . && cd project && make -j4 && ./report && make -j4; sleep 0.01; touch part.c; make -j4 | grep -c "^cc .* -c"; make clean > log; echo *');
    for (const object of ['main', ...[1, 2, 3, 4, 5, 6, 7, 8].map(n => `part${n}`)]) assert.match(out, new RegExp(`^cc -O1 -Wall -I\\. .*-c -o ${object}\\.o `, 'm'));
    assert.ok(out.endsWith("\n5050 2500 1717 1225 970 833 750 637 of 100\nmake: Nothing to be done for 'all'.\n8\nMakefile log main.c part.c\nstatus 0\n"), out);
  });

  it('git: commits with known hashes, a merge, a clone, a push, gc and fsck', () => {
    assert.equal(inGuest('bash /test/git.sh'), [
      '52092e0 1000000240 both', '683dc18 1000000180 more', '83bb382 1000000120 a word', '24f8fa4 1000000060 numbers', 'd2549a4 1000000000 the first', '52092e03702137562d2912f9a04876fc062fdb9e',
      ' b | 2 +-', ' 1 file changed, 1 insertion(+), 1 deletion(-)', '5', '## main...origin/main', 'from the clone', 'count: 0', 'in-pack: 17', 'packs: 1',
      '^d2549a4) one', '683dc181) two', 'cf7a0a1b) three', 'b:100:hundred', 'three', 'status 0', '',
    ].join('\n'));
  });

  it('openssl: speed by alarm clock, a digest, a signature', () => {
    const out = inGuest('openssl speed -seconds 1 -bytes 1024 sha256; printf abc | openssl sha256; openssl genpkey -algorithm ed25519 -out key; openssl pkey -in key -pubout -out public; '
      + 'openssl pkeyutl -sign -inkey key -rawin -in /test/git.sh -out signature; openssl pkeyutl -verify -pubin -inkey public -rawin -in /test/git.sh -sigfile signature');
    assert.match(out, /^Doing sha256 ops for 1s on 1024 size blocks: [1-9]\d* sha256 ops in \d\.\d\ds\n/);
    assert.match(out, /\nsha256 +\d+\.\d\dk *\n/);
    assert.match(out, /= ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nSignature Verified Successfully\nstatus 0\n$/);
  });

  it('python3: threads, multiprocessing in its three ways, asyncio, subprocess', () => {
    const processes = (method: string) => `${method} 20540 144 [1, 8, 27] [1, 2, 3] 300 [0, 0, 0] -15\n`;
    assert.equal(inGuest('python3 /test/parallel.py'), 'threads 2646700 19900 1225 1\n' + processes('fork') + processes('spawn') + processes('forkserver')
      + "asyncio 1000 LINE 7 [b'9', b'10', b'100'] 0 late [49, 64]\nsubprocess ['4999', '4998'] 0 True 3000000 timed out 2 ['hi', '/usr'] -9\nstatus 0\n");
  });

  it('strace -f -c counts the calls of a shell and its child', () => {
    const out = inGuest('strace -f -c -o log sh -c "echo one; /bin/echo two"; cat log');
    assert.match(out, /^one\ntwo\n% time +seconds +usecs\/call +calls +errors syscall\n/);
    assert.match(out, / 2 +execve\n/);
    assert.match(out, / 1 +wait4\n/);
    assert.doesNotMatch(out, /syscall_0x/);
  });
});
