// Python from Debian: threads, child processes, JSON, signals, sockets and files, compared with what CPython prints anywhere.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { noImage, run } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = await noImage('kspace-test', ['bash', 'coreutils', 'grep', 'sed', 'gawk', 'findutils', 'procps', 'util-linux', 'vim-tiny', 'python3']);

const PROGRAM = `
import json, os, signal, socket, subprocess, sys, tempfile, threading
done = []
t = threading.Thread(target=lambda: done.append(threading.current_thread().name), name='worker')
t.start(); t.join()
child = subprocess.run(['sh', '-c', 'read x; echo "child got $x"; exit 3'], input=b'input\\n', capture_output=True)
print(json.dumps({'thread': done, 'out': child.stdout.decode(), 'status': child.returncode}))
pipe = subprocess.Popen(['seq', '5'], stdout=subprocess.PIPE, text=True)
print(sum(int(l) for l in pipe.stdout), pipe.wait())
killed = subprocess.Popen(['sleep', '60']); killed.terminate(); print(killed.wait())
lock, total = threading.Lock(), [0]
def add():
    for _ in range(200):
        with lock: total[0] += 1
ts = [threading.Thread(target=add) for _ in range(4)]
[t.start() for t in ts]; [t.join() for t in ts]
print(total)
a, b = socket.socketpair(); a.sendall(b'x' * 1000); print(len(b.recv(2000)))
signal.signal(signal.SIGUSR1, lambda n, f: print('signal', n)); os.kill(os.getpid(), signal.SIGUSR1)
with tempfile.TemporaryFile() as f: f.write(b'abc'); f.seek(1); print(f.read())
print(0.1 + 0.2, 1e308 * 10, -7 // 2, 2 ** 200 % 97, '%.17g' % (1 / 3))
sys.exit(4)
`;

test('python: a thread, a child process, pipes, locks, signals and floating point', { skip, timeout: 180_000 * PATIENCE }, () => {
  const r = run(['run', 'kspace-test', '--', 'python3', '-c', PROGRAM]);
  assert.equal(r.err, '');
  assert.equal(r.out, [
    '{"thread": ["worker"], "out": "child got input\\n", "status": 3}', '15 0', '-15', '[800]', '1000', 'signal 10', "b'bc'",
    `0.30000000000000004 inf -4 ${2n ** 200n % 97n} 0.33333333333333331`, '',
  ].join('\n'));
  assert.equal(r.status, 4);
});
