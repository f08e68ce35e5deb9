// The fuzzers of test/fuzz/*.c on one machine: they come to their last line without an oops or a hang, the audit of memory finds nothing, and
// every frame comes back. KSPACE_FUZZ_CALLS and KSPACE_FUZZ_SEED widen the search (the figure is a million calls).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditKernel } from '../../src/kernel/mm/audit.ts';
import type { Computer } from '../../src/system/computer.ts';
import { bootGuest, guestFile, runIn } from '../guest/run-guest.ts';

const calls = Number(process.env.KSPACE_FUZZ_CALLS ?? 20_000);
const seed = Number(process.env.KSPACE_FUZZ_SEED ?? 1);
const timeoutMs = 60_000 + calls;

describe('hostile programs', () => {
  it(`syscall-fuzz: ${calls} random system calls`, () => survives('syscall-fuzz', [seed, calls]));
  it(`jump-fuzz: ${Math.ceil(calls / 100)} jumps to random bytes`, () => survives('jump-fuzz', [seed, Math.ceil(calls / 100)]));
});

async function survives(fuzzer: string, args: readonly number[]): Promise<void> {
  const machine = await bootGuest(guestFile(`bin/${fuzzer}`), 256 << 20) as Computer;
  const { kernel } = machine;
  const run = (numbers: readonly number[]) => runIn(machine, ['/guest/test', ...numbers.map(String)], timeoutMs);
  try {
    await run([seed, 10]);
    const before = idleFrames(machine);
    const { stdout, status } = await run(args);
    console.log(stdout.trimEnd());
    assert.match(stdout, /all ended\n$/);
    assert.equal(status, 0);
    assert.equal(kernel.oopses, 0, 'oopses');
    assert.deepEqual(auditKernel(kernel), []);
    assert.equal(kernel.pids.tasks.size, 1, 'tasks left beside init');
    assert.equal(idleFrames(machine), before, 'frames that did not come back');
  } finally {
    await machine.stop();
  }
}

const idleFrames = ({ kernel }: Computer): number => kernel.frames.idleCount;
