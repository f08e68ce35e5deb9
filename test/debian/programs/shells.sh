# What dash, bash and zsh agree on: run by each of them, the output is one and the same.
fib() { if [ "$1" -lt 2 ]; then echo "$1"; else echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); fi; }
fib 10
trap 'echo "trapped TERM"' TERM; kill -TERM $$
( trap 'echo "subshell leaves"; exit 4' EXIT; exit 2 ); echo "subshell $?"
n=0; while [ $n -lt 5 ]; do n=$((n + 1)); case $n in 2) continue ;; [34]) printf '%s-' "$n" ;; *) printf '%s ' "$n" ;; esac; done; echo
set -- "a b" c; for x in "$@"; do echo "<$x>"; done; IFS=:; set -- x y z; echo "$*"; unset IFS
cat << END | while read -r word rest; do echo "$rest $word"; done
first one two
second $((6 * 7))
END
file=/usr/share/doc/file.tar.gz; echo "${file##*/} ${file%%.*} ${nothing:-default} ${#file}"
{ echo out; echo err >&2; } 2>&1 | sort | tr '\n' ' '; echo
mkfifo "fifo.$$"; seq 1 2000 > "fifo.$$" & awk_sum=0; while read -r i; do awk_sum=$((awk_sum + i)); done < "fifo.$$"; wait; echo $awk_sum
sleep 30 & child=$!; kill -KILL $child; wait $child 2> /dev/null; echo "killed $?"
(exit 3) & (exit 5) & wait $!; echo "waited $?"
exec 7> "seven.$$"; echo to seven >&7; exec 7>&-; cat "seven.$$"
i=0; while :; do i=$((i + 1)); [ $i -ge 300 ] && break; done; echo "$i $(printf '%05.1f' 3.14159 | tr . ,)"
( ulimit -n 32; ulimit -n ); (umask 077; : > "private.$$"; ls -l "private.$$" | cut -c1-10); exit 7
