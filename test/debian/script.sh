#!/bin/bash
# Two hundred lines of everyday shell, with output that must not vary: compared byte for byte with the same packages under qemu-user.
# Uses bash, coreutils, grep, sed, gawk, findutils, procps and util-linux of Debian (glibc, dynamically linked).
set -u
export LC_ALL=C TZ=UTC PATH=/usr/bin:/bin:/usr/sbin:/sbin
umask 022
work=$(mktemp -d /tmp/script.XXXXXX)
cd "$work" || exit 1
section() { printf '== %s\n' "$*"; }

section variables and expansion
name=world; empty=; path=/usr/share/doc/file.tar.gz
echo "hello ${name} ${empty:-default} ${unset_thing-none} ${#name} ${name^^} ${name:1:3}"
echo "${path##*/} ${path%.*} ${path%%.*} ${path#*/} ${path/share/local} ${path//\//:}"
echo $((7 * 6)) $((2 ** 40)) $((17 % 5)) $((0x1f)) $((-7 / 2)) $((1 << 62)) $((5 > 3 ? 10 : 20))
echo {a..e} {1..10..3} x{1,2}{a,b} ~root
set -- one "two words" three
echo $# "$1" "$2" "$*" "$@"; shift 2; echo $# "$1"

section arrays
list=(zero one two three); list[7]=seven
echo "${list[@]}" ${#list[@]} "${!list[@]}" "${list[@]:1:2}"
unset 'list[1]'; echo "${list[*]}"; list+=(last); echo "${list[-1]}"
declare -A map=([red]=ff0000 [green]=00ff00 [blue]=0000ff)
for key in $(printf '%s\n' "${!map[@]}" | sort); do echo "$key=${map[$key]}"; done
mapfile -t lines < <(printf 'a b\nc d\n'); echo "${#lines[@]}:${lines[1]}"
IFS=: read -r first second rest <<< "x:y:z:w"; echo "$first-$second-$rest"

section functions and recursion
fact() { local n=$1; if ((n <= 1)); then echo 1; else echo $((n * $(fact $((n - 1))))); fi; }
fact 10
fib() { ((REPLY = $1 < 2 ? $1 : 0)) && [ "$1" -lt 2 ] && return; local a; if (($1 < 2)); then return; fi; fib $(($1 - 1)); a=$REPLY; fib $(($1 - 2)); ((REPLY += a)); }
fib 15; echo "$REPLY"
status() { return "$1"; }; status 0; echo $?; status 42; echo $?

section control flow
for i in 1 2 3 4 5 6; do case $i in 1|2) echo -n "low ";; [3-4]) echo -n "mid ";; *) echo -n "high ";; esac; done; echo
i=0; while true; do ((++i > 5)) && break; ((i % 2)) && continue; echo -n "$i "; done; echo
until [ $i -le 3 ]; do ((i--)); done; echo $i
if [[ abc123 =~ ^([a-z]+)([0-9]+)$ ]]; then echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"; fi
[[ file.txt == *.txt && ! -e nothing ]] && echo matched
select_fake() { local PS3='? '; select x in red green; do echo "picked $x"; break; done; }; echo 2 | select_fake 2>/dev/null

section here documents
cat <<END
expanded: $name $((1 + 1)) $(echo sub)
END
cat <<'END'
literal: $name $((1 + 1))
END
cat <<-END
	tabs are gone
	END
tr a-z A-Z <<< "here string"

section pipes
seq 1 1000 | sort -rn | head -3
seq 100 | paste -sd+ | awk '{ n = split($0, a, "+"); for (i = 1; i <= n; i++) s += a[i]; print s }'
printf '%s\n' banana apple cherry apple banana apple | sort | uniq -c | sort -k1,1nr -k2 | awk '{ print $1, $2 }'
yes | head -n 5 | tr -d '\n'; echo
true | false | true; echo "${PIPESTATUS[@]}"
set -o pipefail; false | true; echo $?; set +o pipefail
seq 3 | while read -r n; do echo "line $n"; done
echo "to stderr" 2>&1 1>&2 | cat; { echo out; echo err >&2; } 2>&1 | sort
seq 1 20000 | tail -n +19998 | tac
mkfifo pipe; (echo through the fifo > pipe) & cat pipe; wait

section redirection
echo one > file; echo two >> file; cat < file; wc -l < file
exec 5> numbered; echo "on five" >&5; exec 5>&-; cat numbered
{ echo grouped; } > group; cat group - <<< "and stdin" | nl -w2 -s' '
ls nothing 2> errors; echo $?; sed 's/.*nothing/nothing/' errors
comm <(seq 3) <(seq 2 4); [[ $(< <(seq 3)) == $(seq 3) ]] && echo "substitutions agree"
tee copy1 copy2 < file | md5sum; [ "$(sha1sum < copy1)" = "$(sha1sum < copy2)" ] && echo identical
set -C; (echo x > file) 2> /dev/null || echo "noclobber"; set +C

section text tools
printf 'name,age\nann,30\nbob,25\ncy,35\n' > data.csv
awk -F, 'NR > 1 { sum += $2; if ($2 > max) { max = $2; who = $1 } } END { printf "%.2f %s\n", sum / (NR - 1), who }' data.csv
sed -n '2,3p; $!d; s/cy/CY/p' data.csv; sed -E 's/([a-z]+),([0-9]+)/\2 \1/' data.csv
grep -n 'b' data.csv; grep -c a data.csv; grep -vE '^(ann|bob)' data.csv; grep -oE '[0-9]+' data.csv | sort -n | tr '\n' ' '; echo
cut -d, -f1 data.csv | rev; cut -c1-2 data.csv | fold -w1 | sort -u | tr -d '\n'; echo
sort -t, -k2,2n data.csv | head -2; join -t, <(sort data.csv) <(printf 'ann,x\nbob,y\n'); comm -12 <(seq 1 5) <(seq 3 8) | xargs
printf 'x\ty\n' | expand -t4; printf '%05d|%-6s|%x|%o|%e|%c\n' 42 left 255 8 12345.678 char
expr 6 \* 7; expr length abcdef; basename /a/b.c .c; dirname /a/b.c; seq -s, 1 2 9; factor 1001 97
head -c 20 /dev/zero | od -An -tx1; printf 'kspace' | base64; printf 'a3NwYWNl' | base64 -d; echo
date -u -d @1000000000 '+%F %T %a'; numfmt --to=iec 1048576; printf 'abc' | sha256sum; printf abc | cksum
gawk 'BEGIN { print toupper("gawk"), length("four"), substr("abcdef", 2, 3), index("abc", "c"); a["x"] = 1; print ("x" in a), ("y" in a); print strftime("%Y", 0, 1); printf "%d\n", 2 ^ 31 }'
gawk 'BEGIN { while ((getline line < "data.csv") > 0) n++; print n " lines"; PROCINFO["sorted_in"] = "@ind_str_asc"; split("c a b", w); for (i in w) u[w[i]] = i; for (k in u) print k, u[k] }'
gawk 'function gcd(a, b) { return b ? gcd(b, a % b) : a } BEGIN { print gcd(1071, 462); print gensub(/(b+)/, "<\\1>", "g", "abbab"); printf "%s %5.1f|%-4d|%c\n", "fmt", 3.14159, 7, 65 }'

section files
mkdir -p tree/{a,b}/{1,2}; touch tree/a/1/{x,y}.txt tree/b/2/z.log; ln -s ../a tree/b/link; chmod 640 tree/a/1/x.txt
find tree -type f | sort; find tree -name '*.txt' -exec basename {} \; | sort; find tree -type l -printf '%p -> %l\n'; find tree -type d -empty | sort
find tree -perm 640; find tree -name '*.log' -delete; find tree -type f -print0 | sort -z | xargs -0 -n1 echo file
stat -c '%n %a %F %h' tree/a/1/x.txt tree/b/link tree; ls -1F tree/b; ls -d tree/*/; test -L tree/b/link && readlink tree/b/link; realpath --relative-to=. tree/b/link
cp -r tree copy; mv copy/a copy/moved; rm -r copy/b; find copy | sort; du -a --apparent-size -b copy/moved/1/x.txt
truncate -s 10000 sparse; stat -c %s sparse; dd if=/dev/zero of=block bs=512 count=4 2> /dev/null; wc -c < block; split -b 1000 block part.; ls part.*
touch -d '2001-02-03 04:05:06' old; stat -c %y old | cut -c1-19; [ old -ot file ] && echo older; ln file hard; stat -c %h file; [ file -ef hard ] && echo same
cat > prog <<'END'
#!/bin/bash
echo "prog $0 $# $*"; exit 7
END
chmod +x prog; ./prog a "b c"; echo $?; chmod -x prog; ./prog 2> /dev/null; echo $?; command -v nothing_like_it; echo $?

section traps and signals
(trap 'echo exit trap' EXIT; echo in subshell)
(trap 'echo caught TERM; exit 3' TERM; kill -TERM $BASHPID; sleep 5); echo $?
(trap '' INT; kill -INT $BASHPID; echo ignored INT)
trap 'echo USR1 in main' USR1; kill -USR1 $$; trap - USR1
{ bash -c 'kill -9 $$'; echo $?; } 2> /dev/null
bash -c 'trap "echo child done" EXIT; exit 4'; echo $?
(set -e; false; echo unreachable); echo $?
trap 'echo "ERR at $BASH_COMMAND"' ERR; false; trap - ERR
timeout 0.2 sleep 10; echo $?
sleep 10 & victim=$!; kill $victim; wait $victim 2> /dev/null; echo $?

section jobs
sleep 0.1 & first_job=$!; (exit 5) & second_job=$!
wait $second_job; echo $?; wait $first_job; echo $?
for n in 3 1 2; do (sleep 0.$n; echo "slept $n") & done; wait
jobs > /dev/null
set -m
sleep 30 & jobs | sed 's/ *$//'; kill -STOP %1; sleep 0.2; jobs | sed 's/ *$//'; bg %1 > /dev/null; kill %1; wait %1 2> /dev/null; echo $?
(sleep 0.1; exit 9) & fg %1 > /dev/null; echo $?
set +m
coproc UPPER { gawk '{ print toupper($0); fflush() }'; }; echo coprocess >&"${UPPER[1]}"; read -r answer <&"${UPPER[0]}"; echo "$answer"
eval "exec ${UPPER[1]}>&-"; wait "$UPPER_PID" 2> /dev/null; echo $?

section processes
echo $(($$ == BASHPID)) $( ((BASHPID != $$)) && echo subshell) $((PPID > 0))
sleep 60 & pid=$!; ps -o comm= -p $pid; ps -o ppid= -p $pid | awk -v p=$$ '{ print $1 == p }'; [ -d /proc/$pid ] && echo exists; kill -0 $pid && echo alive
pgrep -P $$ -x sleep | wc -l; kill $pid; wait $pid 2> /dev/null; kill -0 $pid 2> /dev/null || echo gone
nice -n 5 nice; (ulimit -n 64; ulimit -n); nohup true 2> /dev/null; env -i A=1 B=2 env | sort; id -u; whoami; tty; test -t 0 || echo no terminal
setsid -w bash -c 'echo session leader $(($(ps -o sid= -p $$) == $$))'; flock lockfile echo locked; getopt -o ab: -l long -- -a -b x --long y
printf '%s\n' 1 2 3 4 | xargs -n2 -P2 echo pair | sort; seq 5 | xargs -I{} echo "item {}" | tail -1
uname -s -m; nproc --all | awk '{ print ($1 > 0) }'; rev <<< desrever; od -Ax -tx1z <<< hex | head -1; mountpoint -q /proc && echo proc is mounted

section bash as a language
stack=(); push() { stack+=("$1"); }; pop() { REPLY=${stack[-1]}; unset 'stack[-1]'; }
rpn() {
  local token a b
  for token; do
    case $token in
      [0-9]*) push "$token" ;;
      *) pop; b=$REPLY; pop; a=$REPLY; push $((a $token b)) ;;
    esac
  done
  pop; echo "$REPLY"
}
rpn 3 4 + 2 '*'; rpn 100 7 % 5 -
sieve() {
  local -a composite; local i j
  for ((i = 2; i <= $1; i++)); do
    [[ ${composite[i]:-} ]] && continue
    echo -n "$i "
    for ((j = i * i; j <= $1; j += i)); do composite[j]=1; done
  done
  echo
}
sieve 60
hanoi() { (($1 == 0)) && return; hanoi $(($1 - 1)) "$2" "$4" "$3"; moves=$((moves + 1)); hanoi $(($1 - 1)) "$4" "$3" "$2"; }
moves=0; hanoi 6 A B C; echo "$moves moves"
sort_bubble() {
  local -n array=$1; local i j t
  for ((i = 0; i < ${#array[@]}; i++)); do
    for ((j = 0; j < ${#array[@]} - i - 1; j++)); do
      if ((array[j] > array[j + 1])); then t=${array[j]}; array[j]=${array[j + 1]}; array[j + 1]=$t; fi
    done
  done
}
numbers=(5 3 9 1 7 2); sort_bubble numbers; echo "${numbers[@]}"
printf -v padded '%-8s|' left; echo "$padded"; printf '%q\n' "it's a \$test"; printf '%(%Y)T\n' 0
while getopts 'ab:c' option -a -b value -c; do echo "option $option ${OPTARG:-}"; done
shopt -s extglob nullglob globstar
mkdir glob; touch glob/{g1.x,g2.y,g3.x}; cd glob || exit; echo !(*.y) @(g1|g9).* g[!1]*; echo no*match; echo ../tree/**/1; cd ..; shopt -u extglob nullglob globstar
source /dev/stdin <<< 'sourced=yes; inner() { echo "inner $1"; }'; echo "$sourced"; inner call
eval 'for w in e v a l; do echo -n $w; done'; echo; (exec echo replaced); command echo plain; builtin echo built in; type -t cd if ls inner
readonly fixed=1; (fixed=2) 2> /dev/null || echo readonly; declare -i number=5+5; echo $number; declare -u upper=shout; echo "$upper"; local_test() { local v=1; (v=2); echo $v; }; local_test
caller_test() { caller 0 | awk '{ print $2 }'; }; outer() { caller_test; }; outer; echo "${FUNCNAME[0]:-main}" "${BASH_SOURCE[0]##*/}"; echo "${PIPESTATUS[0]} $LINENO"
time_test() { local TIMEFORMAT='timed'; time true; }; time_test 2>&1; SECONDS=0; ((SECONDS < 5)) && echo quick; [[ $RANDOM != "$RANDOM$RANDOM" ]] && echo random

section a report
cat > log <<'END'
10:00:01 GET /index 200 512
10:00:02 GET /missing 404 0
10:00:02 POST /form 302 64
10:00:05 GET /index 200 512
10:00:09 GET /slow 500 16
END
while read -r when verb what code bytes; do
  seconds=$((10#${when##*:}))
  printf '%2d %-4s %-10s %s%s\n' "$seconds" "$verb" "$what" "$code" "$([ "$code" -ge 400 ] && echo ' !')"
done < log
awk '{ n[$4]++; b[$3] += $5 } END { for (c in n)  print "code", c, n[c]; for (p in b) print "path", p, b[p] }' log | sort
grep -c ' 200 ' log; sed -E 's/^([0-9:]+) ([A-Z]+) (\S+).*/\3 by \2 at \1/;t;d' log | sort -u | head -2
total=0; for bytes in $(cut -d' ' -f5 log); do ((total += bytes)); done; echo "total $total"

section big data
seq 1 50000 | awk '{ s += $1 } END { print s }'; seq 1 50000 | sort -R --random-source=<(yes) | sort -n | md5sum
head -c 3000000 /dev/zero | tr '\0' 'k' | wc -c; seq 1 3000 | split -l 1000 - chunk.; wc -l chunk.*; cat chunk.* | sha1sum
for i in $(seq 1 200); do echo "$i" > "many.$i"; done; ls many.* | wc -l; cat many.* | sort -n | tail -1; rm many.*
x=; for ((i = 0; i < 3000; i++)); do x+=$i; done; echo ${#x}
cd /; rm -r "$work"; [ -e "$work" ] || echo cleaned up
exit 17
