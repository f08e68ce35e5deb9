# redis-server behind a UNIX socket, driven by redis-cli: data types, a pipeline, Lua, a second client that is blocked, publish, a saved and loaded database.
start() { redis-server --port 0 --unixsocket "$PWD/redis.sock" --dir "$PWD" --save '' --appendonly no --daemonize no > log & server=$!; for _ in $(seq 100); do [ "$(cli ping 2> /dev/null)" = PONG ] && return; sleep 0.1; done; }
cli() { redis-cli -s "$PWD/redis.sock" "$@"; }
start; cli ping
cli set greeting hello; cli append greeting ' world'; cli get greeting; cli incrby counter 41; cli incr counter
cli rpush list a b c > /dev/null; cli lrange list 0 -1 | tr '\n' ' '; cli zadd board 3 ann 1 bob 2 cy; cli zrange board 0 -1 withscores | tr '\n' ' '; echo
seq 1 5000 | sed 's/.*/set key:& &/' | cli --pipe | tail -1; cli dbsize
cli eval 'local s = 0; for i = 1, 5000 do s = s + redis.call("get", "key:" .. i) end; return s' 0
cli blpop queue 20 > got & blocked=$!; sleep 0.3; cli lpush queue 'for the one who waits'; wait $blocked; tail -1 got
redis-cli -s redis.sock --csv subscribe news > heard & subscriber=$!; while [ "$(cli publish news extra)" = 0 ]; do sleep 0.1; done; sleep 0.2; kill $subscriber; grep -c '"message","news","extra"' heard
cli bgsave > /dev/null; while [ "$(cli info persistence | grep -c rdb_bgsave_in_progress:1)" = 1 ]; do sleep 0.1; done; cli info persistence | grep -o 'last_bgsave_status:[a-z]*'
cli shutdown nosave; wait $server; echo "server $?"
start; cli get key:4321; cli get greeting; kill $server; wait $server; echo "server $?"
