// Debian's strace and gdb at work inside the guest: system calls of a pipeline, injected errors, a breakpoint with a backtrace, threads, attaching.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT, noImage, run } from '../cli/images.ts';

const PACKAGES = ['bash', 'coreutils', 'strace', 'gdb'];
const here = join(ROOT, 'test/debian');
const guest = (script: string): string => {
  const { out, err, status } = run(['run', '-v', `${here}:/test:ro`, 'debug', '--', 'bash', '-c', script]);
  return `${out}${err}status ${status}\n`;
};

describe('debuggers inside the guest', { skip: await noImage('debug', PACKAGES) }, () => {
  it('strace -f shows both sides of a pipeline', () => {
    const out = guest('strace -f -o /log -e trace=process,pipe2,dup3 sh -c "echo hello | cat; exit 3"; echo $?; cat /log');
    assert.match(out, /^hello\n3\n/);
    assert.match(out, /execve\("\/usr\/bin\/sh", \["sh", "-c", "echo hello \| cat; exit 3"\], 0x\w+ \/\* \d+ vars \*\/\) = 0\n/);
    assert.match(out, /pipe2\(\[3, 4\], 0\) += 0\n/);
    assert.equal(out.match(/clone\(child_stack=NULL, flags=CLONE_CHILD_CLEARTID\|CLONE_CHILD_SETTID\|SIGCHLD/g)?.length, 2);
    assert.equal(out.match(/, child_tidptr=0x\w+\) = \d+\n/g)?.length, 2); // behind the call, or in a line of its own when another task's came between
    assert.match(out, /execve\("\/usr\/bin\/cat", \["cat"\]/);
    assert.match(out, /wait4.*WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0/);
    assert.equal(out.match(/\+\+\+ exited with 0 \+\+\+/g)?.length, 2);
    assert.match(out, /\+\+\+ exited with 3 \+\+\+\n/);
  });

  it('strace -e inject changes results and takes calls away', () => {
    const out = guest('strace -o /log -e inject=getppid:retval=42 -e trace=getppid bash -c "echo \\$PPID"; cat /log; strace -o /dev/null -e inject=write:error=ENOSPC:when=1 echo x');
    assert.match(out, /^42\n/);
    assert.match(out, /getppid\(\) += 42 \(INJECTED\)\n/);
    assert.match(out, /No space left on device\nstatus 1\n$/);
  });

  it('strace attaches to a sleeper, which goes on, is stopped and continued, and dies of its signal', () => {
    const out = guest(`sleep 100 & P=$!
      sleep 0.2; strace -q -o /log -p $P & sleep 0.7
      grep() { while read -r k v; do case $k in $1) echo "$k $v";; esac; done; }
      grep TracerPid: < /proc/$P/status | { read -r k v; echo traced $((v != 0)); }
      kill -STOP $P; sleep 0.2; grep State: < /proc/$P/status
      kill -CONT $P; sleep 0.2; grep State: < /proc/$P/status
      kill $P; wait $P; echo $?; sleep 0.3; while read -r l; do echo "\${l%%,*}"; done < /log`);
    assert.match(out, /traced 1\nState: t \(tracing stop\)\nState: S \(sleeping\)\n143\n/);
    assert.match(out, /--- stopped by SIGSTOP ---\n--- SIGCONT [^\n]*\nclock_nanosleep\(CLOCK_REALTIME\n--- SIGTERM [^\n]*\n\+\+\+ killed by SIGTERM \+\+\+\n/);
  });

  it('gdb: breakpoint, backtrace, a function called by hand, the fault at the end', () => {
    const out = guest('cp /test/debug/crash /tmp; cd /tmp; gdb -nx -batch -ex "break depth if n == 0" -ex run -ex bt -ex "print twice(21)" -ex "delete" -ex stepi -ex cont -ex bt ./crash 2>&1');
    assert.match(out, /Breakpoint 1, depth \(n=0\) at \.\/crash\.c:7\n/);
    assert.match(out, /#0 +depth \(n=0\).*\n(?:#\d +0x\w+ in depth \(n=[123]\).*\n){3}#4 +0x\w+ in main \(\)/);
    assert.match(out, /\$1 = 42\n/);
    assert.match(out, /result 10\n\nProgram received signal SIGSEGV, Segmentation fault\.\n0x\w+ in main \(\)/);
  });

  it('gdb: threads', () => {
    const out = guest('cp /test/debug/threads /tmp; cd /tmp; gdb -nx -batch -ex "break square" -ex run -ex "info threads" -ex delete -ex cont ./threads 2>&1');
    assert.match(out, /Thread \d "threads" hit Breakpoint 1, square \(n=\d\)/);
    assert.match(out, /\* \d +Thread 0x\w+ \(LWP \d+\) "threads" +square \(n=\d\)/);
    assert.match(out, /sum 14\n/);
    assert.match(out, /exited normally\]/);
  });
});
