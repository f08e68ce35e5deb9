# A tree of files through tar and each compressor and back: find, xargs, sort, sha256sum, diff and cmp look at it.
set -eu
mkdir -p tree/deep/er tree/empty
for i in $(seq 1 40); do seq "$i" "$((i * 50))" > "tree/deep/er/$i.txt"; done
head -c 300000 /dev/zero > tree/zeros
ln -s deep/er/7.txt tree/link
ln tree/deep/er/8.txt tree/hard
chmod 640 tree/deep/er/9.txt
touch -d '2001-02-03 04:05:06 UTC' tree/deep/er/10.txt
find tree -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum
for c in gzip xz zstd; do
  tar --sort=name -cf "$c.tar" --use-compress-program="$c" tree
  $c -t < "$c.tar" 2> /dev/null && echo "$c: intact"
  mkdir "from-$c"
  tar -xf "$c.tar" --use-compress-program="$c" -C "from-$c"
  diff -r tree "from-$c/tree" && echo "$c: equal"
  [ "from-$c/tree/hard" -ef "from-$c/tree/deep/er/8.txt" ] && readlink "from-$c/tree/link"
  stat -c '%a %Y' "from-$c/tree/deep/er/9.txt" "from-$c/tree/deep/er/10.txt" | tr '\n' ' ' | cut -d' ' -f1,4
done
[ "$(stat -c %s gzip.tar)" -lt 60000 ] && [ "$(stat -c %s xz.tar)" -lt "$(stat -c %s gzip.tar)" ] && echo smaller
find tree -name '1?.txt' -size +1k -newermt 2002-01-01 | wc -l
find tree -type f -empty -o -type d -empty | tr '\n' ' '
find tree -path '*er*' -name '*5.txt' -exec wc -l {} + | tail -1
tar -tzf gzip.tar | wc -l
printf x | dd of=xz.tar bs=1 seek=2000 conv=notrunc status=none
xz -t xz.tar 2> /dev/null || echo 'damage is seen'
