// File systems of Debian's packages, served by processes in the guest: bindfs (libfuse 2), fuse-overlayfs and squashfuse (libfuse 3), beside plain directories; a user's own mount
// through the set-user-ID fusermount3; a server that hangs, is cut off, is killed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noImage, run } from '../cli/images.ts';

const PACKAGES = [
  'bash', 'dash', 'coreutils', 'findutils', 'grep', 'sed', 'diffutils', 'tar', 'mount', 'util-linux', 'procps', 'fuse3', 'bindfs', 'squashfuse', 'squashfs-tools', 'fuse-overlayfs', 'git',
];
const missing = await noImage('userfs', PACKAGES);

/** Prints what it prints in a plain directory, whatever serves $D. */
const WORKLOAD = `
work() { D=$1; cd $D
  mkdir -p a/b/c; echo one > a/1; echo two > a/b/2; ln -s ../1 a/b/link; cat a/b/link; ln a/1 a/hard; stat -c '%h %s %A' a/1
  tar -C /usr/share/doc/bash -cf - . | tar -xf - -C a/b/c; diff -r /usr/share/doc/bash a/b/c && echo same
  cp /bin/ls ls; ./ls -1 a; mv a/b d; find . | LC_ALL=C sort | head -20; rm a/hard
  dd if=/dev/zero bs=64k count=20 status=none | tr '\\0' x > big; md5sum big; dd if=big of=copy bs=300k status=none; cmp big copy && echo equal
  truncate -s 100 copy; printf abc >> copy; tail -c 5 copy | od -c | head -1; : > copy; stat -c %s copy
  git init -q r && cd r && echo text > file && git add file && git -c user.name=n -c user.email=e commit -qm m && git fsck 2>&1 && git status -s | wc -l; cd ..
  chmod 600 big; touch -d @1000 big; stat -c '%a %Y' big; exec 5< big; rm big; head -c 3 <&5; echo; exec 5<&-
  rm -r a d ls r copy; ls -A | grep -v fuse_hidden; cd /; }`;

const inGuest = (script: string): string => run(['run', '-w', '/tmp', 'userfs', '--', 'bash', '-c', `exec 2>&1; mkdir /t; ${script}`], { seconds: 600 }).out;

test('bindfs and fuse-overlayfs do what a plain directory does', { skip: missing }, () => {
  const out = inGuest(`${WORKLOAD}
    mkdir /t/plain /t/src /t/bind /t/low /t/up /t/work /t/over
    work /t/plain > /t/1
    bindfs /t/src /t/bind; work /t/bind > /t/2; fusermount3 -u /t/bind && ls -A /t/src | wc -l
    fuse-overlayfs -o lowerdir=/t/low,upperdir=/t/up,workdir=/t/work /t/over > /dev/null 2>&1; work /t/over > /t/3; umount /t/over && echo over
    wc -l < /t/1; diff /t/1 /t/2 && diff /t/1 /t/3 && echo alike; grep -c fuse /proc/mounts`);
  assert.match(out, /^0\nover\n\d\d\nalike\n0\n$/);
});

test('squashfuse shows what mksquashfs has packed', { skip: missing }, () => {
  const out = inGuest(`mksquashfs /usr/share/doc/git/contrib /t/image -quiet -no-progress > /dev/null; mkdir /t/m; squashfuse /t/image /t/m
    diff -r --no-dereference /usr/share/doc/git/contrib /t/m && echo same; touch /t/m/x; umount /t/m; ls /t/m | wc -l`);
  assert.equal(out, "same\ntouch: cannot touch '/t/m/x': Read-only file system\n0\n");
});

test('a user mounts, and nobody else sees it', { skip: missing }, () => {
  const out = inGuest(`echo u:x:1000:1000::/:/bin/sh >> /etc/passwd; mkdir -p /t/s /t/m; echo hi > /t/s/f; chown -R 1000:1000 /t
    U="setpriv --reuid=1000 --regid=1000 --clear-groups"; cd /t
    $U bindfs -n s m; $U cat m/f; cat m/f; $U bash -c 'echo more >> m/f; stat -c %u:%s m/f'; cat s/f
    $U bindfs -n -o allow_other s s; $U fusermount3 -u m; cat m/f; grep -c bindfs /proc/mounts`);
  assert.equal(out, 'hi\ncat: m/f: Permission denied\n1000:8\nhi\nmore\n'
    + "fusermount: option allow_other only allowed if 'user_allow_other' is set in /etc/fuse.conf\ncat: m/f: No such file or directory\n0\n");
});

test('a server that hangs is cut off; one that is killed leaves errors behind', { skip: missing }, () => {
  const out = inGuest(`mkdir -p /t/s /t/m; cd /; mount -t fusectl none /sys/fs/fuse/connections; C=/sys/fs/fuse/connections
    bindfs /t/s /t/m; pkill -STOP bindfs; (cat /t/m/x; echo cat $?) & P=$!; sleep 0.5; timeout -s KILL 1 ls /t/m; echo killed $?
    cat $C/*/waiting; for f in $C/*/abort; do echo 1 > $f; done; wait $P; ls /t/m; echo $?; umount /t/m; ls $C | wc -l; pkill -CONT bindfs; sleep 0.5; pgrep -c bindfs
    bindfs /t/s /t/m; pkill -KILL bindfs; sleep 0.5; ls /t/m; umount /t/m; echo end`);
  assert.equal(out.replace(/^bash: line.*Killed.*\n/m, ''), `killed 137
1
cat: /t/m/x: Software caused connection abort
cat 1
ls: cannot access '/t/m': Transport endpoint is not connected
2
0
0
ls: cannot access '/t/m': Transport endpoint is not connected
end
`);
});
