// What maintainer scripts would have done: PAM's common files as Debian's pam-auth-update makes them of the same profiles (recorded with that of trixie), modes, accounts.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { S_IFREG } from '../host/image-tree.ts';
import { ImageBuilder } from './builder.ts';
import { putText } from './debian.ts';
import { settle } from './settle.ts';

const UNIX = `Name: Unix authentication
Default: yes
Priority: 256
Auth-Type: Primary
Auth:
\t[success=end default=ignore]\tpam_unix.so nullok try_first_pass
Auth-Initial:
\t[success=end default=ignore]\tpam_unix.so nullok
Account-Type: Primary
Account:
\t[success=end new_authtok_reqd=done default=ignore]\tpam_unix.so
Session-Type: Additional
Session:
\trequired\tpam_unix.so
Password-Type: Primary
Password:
\t[success=end default=ignore]\tpam_unix.so obscure use_authtok try_first_pass yescrypt
Password-Initial:
\t[success=end default=ignore]\tpam_unix.so obscure yescrypt
`;
const MKHOMEDIR = 'Name: Create home directory on login\nDefault: no\nPriority: 0\nSession-Type: Additional\nSession-Interactive-Only: yes\nSession:\n\toptional\t\t\tpam_mkhomedir.so\n';
const SSS = `Name: SSS authentication
Default: yes
Priority: 128
Auth-Type: Primary
Auth:
\t[success=end default=ignore]\tpam_sss.so use_first_pass
Auth-Initial:
\t[success=end default=ignore]\tpam_sss.so forward_pass
Account-Type: Additional
Account:
\tsufficient\t\t\tpam_localuser.so
\t[default=bad success=ok user_unknown=ignore]\tpam_sss.so
Session-Type: Additional
Session-Interactive-Only: yes
Session:
\toptional\t\t\tpam_sss.so
Password-Type: Primary
Password:
\tsufficient\t\t\tpam_sss.so use_authtok
Password-Initial:
\tsufficient\t\t\tpam_sss.so
`;
const CAP = 'Name: Inheritable Capabilities Management\nDefault: yes\nPriority: 0\nAuth-Type: Additional\nAuth:\n\toptional\t\t\tpam_cap.so\n';
const FIRST = 'Name: A module before all others\nDefault: yes\nPriority: 900\nAuth-Type: Primary\nAuth:\n\trequired\tpam_first.so a\n\t[success=end default=die]\tpam_second.so\n';

/** An image under construction with PAM's templates, these profiles and files. */
function builderWith(t: TestContext, profiles: Readonly<Record<string, string>>, files: Readonly<Record<string, number>> = {}): ImageBuilder {
  const store = mkdtempSync(join(tmpdir(), 'kspace-pam-'));
  const builder = new ImageBuilder(store);
  t.after(() => {
    builder.abandon();
    rmSync(store, { recursive: true });
  });
  for (const type of ['auth', 'account', 'password', 'session', 'session-noninteractive']) {
    const [service, name] = [type.replace('-noninteractive', ''), type.replace('-noninteractive', '_nonint')];
    putText(builder, `/usr/share/pam/common-${type}`, `# head\n$${name}_primary\n${service}\trequisite\tpam_deny.so\n$${name}_additional\n# end\n`);
  }
  for (const [name, text] of Object.entries(profiles)) putText(builder, `/usr/share/pam-configs/${name}`, text);
  for (const [path, mode] of Object.entries(files)) putText(builder, path, 'x', mode);
  return builder;
}

const textOf = (builder: ImageBuilder, path: string): string => Buffer.from(builder.read(path) ?? []).toString('utf8');
const packages = (...names: string[]) => names.map(name => ({ name, version: '1', scripts: new Map<string, Uint8Array>() }));

test('pam: what Debian has on by default', t => {
  const b = builderWith(t, { unix: UNIX, mkhomedir: MKHOMEDIR });
  settle(b, packages('libpam-runtime'));
  assert.equal(textOf(b, '/etc/pam.d/common-auth'), '# head\nauth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\n# end\n');
  assert.equal(textOf(b, '/etc/pam.d/common-account'), '# head\naccount\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so \naccount\trequisite\tpam_deny.so\n# end\n');
  assert.equal(textOf(b, '/etc/pam.d/common-password'), '# head\npassword\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\npassword\trequisite\tpam_deny.so\n# end\n');
  assert.equal(textOf(b, '/etc/pam.d/common-session'), '# head\nsession\t[default=1]\t\t\tpam_permit.so\nsession\trequisite\tpam_deny.so\nsession\trequired\tpam_unix.so \n# end\n');
  assert.equal(textOf(b, '/etc/pam.d/common-session-noninteractive'), textOf(b, '/etc/pam.d/common-session'));
  assert.equal(textOf(b, '/var/lib/pam/auth'), 'Module: unix\n[success=end default=ignore]\tpam_unix.so nullok\n');
  assert.equal(textOf(b, '/var/lib/pam/session'), 'Module: null\n[default=1]\t\t\tpam_permit.so\nModule: unix\nrequired\tpam_unix.so\n');
  assert.equal(textOf(b, '/var/lib/pam/seen'), 'unix\nmkhomedir\n');
});

test('pam: several profiles by priority, jumps to the end of their block, what is for interactive sessions only', t => {
  const b = builderWith(t, { unix: UNIX, mkhomedir: MKHOMEDIR, sss: SSS, cap: CAP, first: FIRST });
  settle(b, packages('libpam-runtime'));
  assert.equal(textOf(b, '/etc/pam.d/common-auth'), '# head\nauth\trequired\tpam_first.so a\nauth\t[success=3 default=die]\tpam_second.so \n'
    + 'auth\t[success=2 default=ignore]\tpam_unix.so nullok try_first_pass\nauth\t[success=1 default=ignore]\tpam_sss.so use_first_pass\n'
    + 'auth\trequisite\tpam_deny.so\nauth\toptional\t\t\tpam_cap.so \n# end\n');
  assert.equal(textOf(b, '/etc/pam.d/common-account'), '# head\naccount\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so \naccount\trequisite\tpam_deny.so\n'
    + 'account\tsufficient\t\t\tpam_localuser.so \naccount\t[default=bad success=ok user_unknown=ignore]\tpam_sss.so \n# end\n');
  assert.equal(textOf(b, '/etc/pam.d/common-password'), '# head\npassword\t[success=2 default=ignore]\tpam_unix.so obscure yescrypt\npassword\tsufficient\t\t\tpam_sss.so use_authtok\n'
    + 'password\trequisite\tpam_deny.so\n# end\n');
  assert.match(textOf(b, '/etc/pam.d/common-session'), /pam_unix\.so \nsession\toptional\t\t\tpam_sss\.so \n# end/);
  assert.doesNotMatch(textOf(b, '/etc/pam.d/common-session-noninteractive'), /pam_sss/);
  assert.equal(textOf(b, '/var/lib/pam/seen'), 'first\nunix\nsss\nmkhomedir\ncap\n');
});

test('scripts: modes, owners by name, empty files, directories and accounts; what a package brings itself stays', t => {
  const b = builderWith(t, {}, { '/usr/bin/fusermount3': 0o755, '/etc/sudoers': 0o644, '/etc/environment': 0o644, '/etc/redis/redis.conf': 0o644 });
  settle(b, packages('fuse3', 'sudo', 'libpam-modules', 'base-passwd', 'redis-tools', 'redis-server'));
  const modes = ['/usr/bin/fusermount3', '/etc/sudoers', '/etc/security/opasswd', '/etc/subuid', '/etc/redis/redis.conf', '/etc/redis', '/var/lib/redis', '/var/log/redis']
    .map(path => b.tree.find(path)!).map(n => `${(n.mode & 0o7777).toString(8)} ${n.uid}:${n.gid}`);
  assert.deepEqual(modes, ['4755 0:0', '440 0:0', '600 0:0', '644 0:0', '640 999:999', '2770 999:999', '750 999:999', '2750 999:4']);
  assert.match(textOf(b, '/etc/passwd'), /^redis:x:999:999::\/var\/lib\/redis:\/usr\/sbin\/nologin$/m);
  assert.equal(textOf(b, '/etc/environment'), 'x');
  assert.equal(b.tree.find('/etc/sudoers')!.mode, S_IFREG | 0o440);
});

test('scripts: packages that are not there leave no trace', t => {
  const b = builderWith(t, {}, { '/usr/bin/fusermount3': 0o755 });
  settle(b, packages('bash'));
  assert.equal(b.tree.find('/usr/bin/fusermount3')!.mode & 0o7777, 0o755);
  assert.equal(b.tree.find('/etc/subuid'), undefined);
  assert.doesNotMatch(textOf(b, '/etc/passwd'), /redis/);
});
