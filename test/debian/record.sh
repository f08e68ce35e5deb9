#!/bin/sh
# Records test/debian/script.out: what script.sh prints with the packages of the image "shell-script" under qemu-user.
# qemu-user cannot exec children by itself; so it is registered with binfmt_misc, in a user name space of its own (Linux >= 6.7 gives each
# its own instance), and the host's libraries, which the emulator needs, are bind-mounted next to the guest's. Needs root, dpkg-deb, qemu-riscv64.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
archives=${XDG_DATA_HOME:-$HOME/.local/share}/kspace/archives
node "$here/../../bin/kspace" image build shell-script --packages bash,coreutils,grep,sed,gawk,findutils,procps,util-linux 2>/dev/null || true
root=$(mktemp -d /var/tmp/shell-script.XXXXXX)
trap 'rm -rf "$root"' EXIT
for link in bin sbin lib; do mkdir -p "$root/usr/$link"; ln -s "usr/$link" "$root/$link"; done
mkdir -p "$root/etc" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/root" "$root/lib64" "$root/usr/lib/x86_64-linux-gnu" "$root/host"
for deb in "$archives"/*.deb; do
  case $deb in *busybox*) continue;; esac
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink
done
ln -sf gawk "$root/usr/bin/awk"
cp "$here/script.sh" "$root/root/script.sh"
echo 'root:x:0:0:root:/root:/bin/bash' > "$root/etc/passwd"
echo 'root:x:0:' > "$root/etc/group"
cat > "$root/host/start" <<'END'
set -e
root=$1
mount -t tmpfs t "$root/tmp" -o mode=1777
mount --rbind /dev "$root/dev"
mount -t proc p "$root/proc"
mount --rbind /lib64 "$root/lib64"
mount --rbind /usr/lib/x86_64-linux-gnu "$root/usr/lib/x86_64-linux-gnu"
mount -t binfmt_misc b "$root/proc/sys/fs/binfmt_misc"
printf '%s' ':riscv64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xf3\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-riscv64:F' > "$root/proc/sys/fs/binfmt_misc/register"
hostname kspace
ulimit -c 0
cd "$root"
set +e
setsid -w chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/root TERM=dumb /usr/bin/bash /root/script.sh < /dev/null 2>&1
echo "status $?"
END
unshare --user --map-root-user --mount --pid --uts --ipc --net --fork --kill-child sh "$root/host/start" "$root" > "${1:-$here/script.out}"
