# Python: threads with every kind of lock, processes by fork, spawn and forkserver, asyncio with streams, signals and children, subprocess pipelines.
import asyncio, multiprocessing as mp, os, queue, signal, subprocess, sys, threading, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

def threads():
    tasks, results, barrier, once = queue.Queue(), [], threading.Barrier(4), threading.Condition()
    seats, total = threading.Semaphore(2), [0]
    def work():
        barrier.wait()
        while (n := tasks.get()) is not None:
            with seats: results.append(n * n)
            with once: total[0] += n; once.notify_all()
    crew = [threading.Thread(target=work) for _ in range(4)]
    for t in crew: t.start()
    for n in range(200): tasks.put(n)
    with once: once.wait_for(lambda: total[0] == 19900, 60)
    for _ in crew: tasks.put(None)
    for t in crew: t.join()
    with ThreadPoolExecutor(8) as pool: lengths = sum(pool.map(len, ['x' * n for n in range(50)]))
    print('threads', sum(results), total[0], lengths, threading.active_count())

def square(n): return n * n

def child(connection, shared, lock, events):
    n = connection.recv()
    for _ in range(50):
        with lock: shared.value += n
    events.put((n, os.getpid() != os.getppid())); connection.send(n ** 3); connection.close()

def processes(method):
    context = mp.get_context(method)
    with context.Pool(3) as pool: print(method, sum(pool.map(square, range(40), 5)), pool.apply(square, (12,)), end=' ')
    shared, lock, events, mine, crew = context.Value('i', 0), context.Lock(), context.Queue(), [], []
    for n in (1, 2, 3):
        a, b = context.Pipe(); p = context.Process(target=child, args=(b, shared, lock, events)); p.start(); a.send(n); mine.append(a); crew.append(p)
    print([c.recv() for c in mine], sorted(events.get(timeout=120)[0] for _ in crew), end=' ')
    for p in crew: p.join()
    sleeper = context.Process(target=time.sleep, args=(100,)); sleeper.start(); sleeper.terminate(); sleeper.join()
    print(shared.value, [p.exitcode for p in crew], sleeper.exitcode)

async def echo(reader, writer):
    while line := await reader.readline(): writer.write(line.upper())
    writer.close()

async def coroutines():
    loop = asyncio.get_running_loop(); heard = asyncio.Event(); loop.add_signal_handler(signal.SIGUSR1, heard.set)
    server = await asyncio.start_unix_server(echo, '/tmp/echo'); tcp = await asyncio.start_server(echo, '127.0.0.1', 0)
    port = tcp.sockets[0].getsockname()[1]
    async def client(n):
        reader, writer = await (asyncio.open_unix_connection('/tmp/echo') if n % 2 else asyncio.open_connection('127.0.0.1', port))
        writer.write(f'line {n}\n'.encode() * 100); writer.write_eof()
        lines = (await reader.read()).splitlines(); writer.close(); return len(lines), lines[-1].decode()
    answers = await asyncio.gather(*map(client, range(10))); print('asyncio', sum(n for n, _ in answers), answers[7][1], end=' ')
    p = await asyncio.create_subprocess_exec('sort', '-n', stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = await p.communicate(b'10\n9\n100\n'); print(out.split(), p.returncode, end=' ')
    os.kill(os.getpid(), signal.SIGUSR1); await asyncio.wait_for(heard.wait(), 60)
    try: await asyncio.wait_for(asyncio.sleep(100), 0.05)
    except TimeoutError: print('late', end=' ')
    with ProcessPoolExecutor(2) as pool: print(await asyncio.gather(*(loop.run_in_executor(pool, square, n) for n in (7, 8))))
    server.close(); tcp.close()

def children():
    sort = subprocess.Popen(['sort', '-rn'], stdin=subprocess.PIPE, stdout=subprocess.PIPE); head = subprocess.Popen(['head', '-2'], stdin=sort.stdout, stdout=subprocess.PIPE, text=True)
    sort.stdin.write('\n'.join(map(str, range(5000))).encode()); sort.stdin.close(); sort.stdout.close(); print('subprocess', head.communicate()[0].split(), head.wait(), sort.wait() in (0, -13), end=' ')
    big = subprocess.run(['cat'], input=b'y' * 3_000_000, capture_output=True).stdout; print(len(big), end=' ')
    try: subprocess.run(['sleep', '50'], timeout=0.1)
    except subprocess.TimeoutExpired: print('timed out', end=' ')
    try: subprocess.run(['/no/such/program'])
    except FileNotFoundError as e: print(e.errno, end=' ')
    r = subprocess.run('echo $GREETING; pwd; kill -9 $$', shell=True, env={'GREETING': 'hi'}, cwd='/usr', capture_output=True, text=True, start_new_session=True); print(r.stdout.split(), r.returncode)

if __name__ == '__main__':
    threads()
    for method in ('fork', 'spawn', 'forkserver'): processes(method)
    asyncio.run(coroutines())
    children()
