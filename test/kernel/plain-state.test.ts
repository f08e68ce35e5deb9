// House rule `plain-state`: what the kernel must remember is plain data. This walks everything reachable from a kernel that has run programs, left some
// asleep in every kind of wait and files of every kind open, and finds no function, promise, generator or weak reference among it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMachine } from './machine.ts';

test('no function, promise, generator or weak reference is reachable from the kernel', () => {
  const m = new TestMachine();
  for (const name of ['poll-select', 'unix-stream-server', 'epoll-level-edge', 'pty-job-control', 'inotify', 'posix-timers', 'timerfd', 'proc-self', 'proc-fd', 'fifo',
    'mmap-file-shared', 'signal-stop-continue', 'futex-requeue', 'memfd', 'sysv-ipc', 'seccomp-notify', 'seccomp-tsync', 'landlock-scopes', 'keyrings', 'acl', 'packet-ring', 'packet-loopback', 'netdevice']) m.startGuest(name);
  for (let slice = 0; slice < 12; slice++) {
    m.run(3_000_000);
    assert.deepEqual(violations(m.kernel), []);
  }
  // The walk sees deep into tasks' files, too.
  const sleeper = [...m.kernel.pids.tasks.values()].find(t => t.tid > 1)!;
  Object.assign(sleeper.files.get(0), { planted: () => 0 });
  assert.deepEqual(violations(m.kernel), ['Output.planted']);
});

/** Paths of what does not belong into a kernel's state. The machine is hardware: it is saved in another way. */
function violations(kernel: TestMachine['kernel']): string[] {
  const bad = new Set<string>();
  const hardware = new Set<unknown>([kernel.machine, kernel.hart, kernel.hart.mmu, kernel.machine.ram, kernel.machine.bus, kernel.machine.clock]);
  const seen = new Set<unknown>(hardware);
  const todo: [unknown, string][] = [[kernel, 'kernel']];
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'function') bad.add(path);
    else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      todo.push([value, path]);
    }
  };
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [object, path] = next as [object, string];
    if (object instanceof Promise || object instanceof WeakMap || object instanceof WeakSet || object instanceof WeakRef
      || Object.prototype.toString.call(object) === '[object Generator]') bad.add(path);
    if (ArrayBuffer.isView(object)) continue;
    if (object instanceof Map) for (const [k, v] of object) { look(k, `${path}.key`); look(v, `${path}.value`); }
    else if (object instanceof Set) for (const v of object) look(v, `${path}.member`);
    const type = object.constructor?.name ?? 'null';
    for (const key of Reflect.ownKeys(object)) {
      if (Array.isArray(object)) look(Reflect.get(object, key), `${path}[]`);
      else look(Reflect.get(object, key), `${type}.${String(key)}`);
    }
  }
  return [...bad].sort();
}
