// Debian's own tools of access control do on our kernel what they do on Linux: setpriv, capsh, setcap, getfacl, setfacl, chattr, su, sudo, keyctl,
// and libseccomp through Python.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noImage, run } from '../cli/images.ts';

const PACKAGES = [
  'bash', 'dash', 'coreutils', 'grep', 'sed', 'util-linux', 'libcap2-bin', 'acl', 'attr', 'e2fsprogs', 'sudo', 'login', 'passwd', 'python3-seccomp', 'keyutils', 'libpam-modules',
];
const opts = { skip: await noImage('accounts', PACKAGES), timeout: 300_000 };

/** What the script prints, both streams in one. */
function bash(script: string): string {
  const r = run(['run', 'accounts', '--', 'bash', '-c', `exec 2>&1\n${script}`]);
  assert.equal(r.status, 0, r.out + r.err);
  return r.out;
}

test('setpriv: ids, ambient capabilities, no_new_privs, Landlock', opts, () => {
  assert.equal(bash(`
    setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps +net_raw --ambient-caps +net_raw grep -E 'Cap(Prm|Eff|Amb)' /proc/self/status
    setpriv --no-new-privs grep NoNew /proc/self/status
    setpriv --bounding-set -all,+chown grep CapBnd /proc/self/status
    setpriv --landlock-access fs:write --landlock-rule path-beneath:write-file:/tmp bash -c 'echo x > /tmp/y && echo written; echo x > /etc/y'
    true`), `CapPrm:\t0000000000002000\nCapEff:\t0000000000002000\nCapAmb:\t0000000000002000\nNoNewPrivs:\t1\nCapBnd:\t0000000000000001\n`
    + 'bash: line 1: /etc/y: Permission denied\n'.replace(/^/, 'written\n'));
});

test('setcap and capsh: file capabilities count at exec, dropped ones are gone', opts, () => {
  assert.equal(bash(`
    cp /bin/cat /tmp/p; setcap cap_net_raw,cap_chown=ep /tmp/p; getcap /tmp/p
    setpriv --reuid 1000 --regid 1000 --clear-groups /tmp/p /proc/self/status | grep CapEff
    capsh --drop=cap_chown -- -c 'chown 1 /etc/passwd'
    capsh --has-p=cap_chown && echo has; setcap -r /tmp/p; getcap /tmp/p
    echo x >> /tmp/p; setcap cap_chown=p /tmp/p; echo x >> /tmp/p; getcap /tmp/p; echo end`),
  `/tmp/p cap_chown,cap_net_raw=ep\nCapEff:\t0000000000002001\nchown: changing ownership of '/etc/passwd': Operation not permitted\nhas\nend\n`);
});

test('setfacl and getfacl: named users, masks, default lists', opts, () => {
  assert.equal(bash(`cd /tmp
    touch f; setfacl -m u:1000:rw,g:100:r,m::r f; getfacl -n f; ls -l f | cut -c1-11
    setpriv --reuid 1000 --regid 1000 --clear-groups bash -c 'cat f && echo read; echo x > f'
    setfacl -m m::rw f; setpriv --reuid 1000 --regid 1000 --clear-groups bash -c 'echo x > f && echo wrote'
    mkdir d; setfacl -d -m u:1000:rwx d; touch d/x; getfacl -cn d/x; cp -a f g; getfacl -cn g | head -2; setfacl -b f; getfacl -cn f`),
  '# file: f\n# owner: 0\n# group: 0\nuser::rw-\nuser:1000:rw-\t#effective:r--\ngroup::r--\ngroup:100:r--\nmask::r--\nother::r--\n\n-rw-r--r--+\n'
    + 'read\nbash: line 1: f: Permission denied\nwrote\n'
    + 'user::rw-\nuser:1000:rwx\t#effective:rw-\ngroup::r-x\t#effective:r--\nmask::rw-\nother::r--\n\nuser::rw-\nuser:1000:rw-\nuser::rw-\ngroup::r--\nother::r--\n\n');
});

test('chattr and lsattr: immutable and append-only', opts, () => {
  assert.equal(bash(`cd /tmp
    touch f; chattr +i f; lsattr f; rm -f f; echo x > f; chattr -i +a f; lsattr f; echo y >> f; cat f; echo z > f; chattr -a f; rm f; echo removed`),
  `----i----------------- f\nrm: cannot remove 'f': Operation not permitted\nbash: line 3: f: Operation not permitted\n-----a---------------- f\ny\nbash: line 3: f: Operation not permitted\nremoved\n`);
});

test('su and sudo: set-user-ID programs, PAM, passwords', opts, () => {
  assert.equal(bash(`
    stat -c '%A %U:%G' /etc/sudoers /etc/shadow /etc/security/opasswd; grep -h pam_unix /etc/pam.d/common-auth
    useradd -m u; echo 'u ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/u; chmod 440 /etc/sudoers.d/u; echo root:secret | chpasswd
    su u -c 'id -un; cat /etc/shadow'; su - u -c pwd
    su u -c 'sudo id -u; sudo -u nobody id -un'
    su u -c 'echo secret | su -c "id -u" 2>/dev/null; echo wrong | su -c "id -u" 2>/dev/null; echo $?'`),
  '-r--r----- root:root\n-rw-r----- root:shadow\n-rw------- root:root\nauth\t[success=1 default=ignore]\tpam_unix.so nullok\n'
    + `u\ncat: /etc/shadow: Permission denied\n/home/u\n0\nnobody\n0\n1\n`);
});

test('keyctl: /proc/keys shows the keys that the reader may view, /proc/key-users what they cost', opts, () => {
  const script = `keyctl session - bash -c 'keyctl add user mine secret @s > /tmp/id; keyctl timeout $(cat /tmp/id) 7300; grep mine /proc/keys; printf "%08x" $(cat /tmp/id); echo; cat /proc/key-users' 2>&1 | grep -v Joined`;
  const [shown, id, users] = bash(script).trimEnd().split('\n');
  assert.equal(shown, `${id} I--Q---     1   2h 3f010000     0     0 user      mine: 6`);
  assert.match(users!, /^ {4}0: +\d+ (\d+)\/\1 \1\/1000000 \d+\/25000000$/);
});

test('keyctl: a session of its own', opts, () => {
  assert.equal(bash(`keyctl session - bash -c 'keyctl add user a secret @s > /tmp/id; keyctl print $(cat /tmp/id); [ $(keyctl search @s user a) = $(cat /tmp/id) ] && echo found; keyctl revoke $(cat /tmp/id); keyctl print $(cat /tmp/id); true' 2>&1 | grep -v Joined`),
    'secret\nfound\nkeyctl_read_alloc: Key has been revoked\n');
});

test('libseccomp builds filters that load and hold', opts, () => {
  const program = `
import errno, os, seccomp, signal
f = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
f.add_rule(seccomp.ERRNO(errno.ENOSPC), 'mkdirat')
f.add_rule(seccomp.ERRNO(errno.EXDEV), 'getpgid', seccomp.Arg(0, seccomp.EQ, 7))
f.add_rule(seccomp.KILL_PROCESS, 'sethostname')
f.load()
for call in (lambda: os.mkdir('/tmp/x'), lambda: os.getpgid(7), lambda: os.getpgid(0)):
    try: print(call() > 0)
    except OSError as e: print(errno.errorcode[e.errno])
if os.fork() == 0: __import__('socket').sethostname('x')
print(signal.Signals(os.wait()[1] & 127).name)
print(seccomp.get_api() if hasattr(seccomp, 'get_api') else 'api')`;
  const r = run(['run', 'accounts', '--', 'python3', '-c', program]);
  assert.match(r.out, /^ENOSPC\nEXDEV\nTrue\nSIGSYS\n/);
});
