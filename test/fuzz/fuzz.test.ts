// The fuzzers of test/fuzz/*.c on one machine: they must come to their last line without an oops or a hang, and the machine must still run
// programs afterwards. KSPACE_FUZZ_CALLS and KSPACE_FUZZ_SEED widen the search (the figure is a million calls).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bootGuest, guestFile, runIn } from '../guest/run-guest.ts';

const calls = Number(process.env.KSPACE_FUZZ_CALLS ?? 20_000);
const seed = Number(process.env.KSPACE_FUZZ_SEED ?? 1);
const timeoutMs = 60_000 + calls;

describe('hostile programs', () => {
  it(`syscall-fuzz: ${calls} random system calls end without an oops or a hang`, () => survives('syscall-fuzz', [seed, calls]));
  it('jump-fuzz: jumps to random bytes end in signals', () => survives('jump-fuzz', [seed, Math.ceil(calls / 200)]));
});

async function survives(fuzzer: string, args: readonly number[]): Promise<void> {
  const machine = await bootGuest(guestFile(`bin/${fuzzer}`), 256 << 20);
  try {
    const { stdout, status } = await runIn(machine, ['/guest/test', ...args.map(String)], timeoutMs);
    assert.match(stdout, /all ended\n$/);
    assert.equal(status, 0);
    const again = await runIn(machine, ['/guest/test', '1', '10'], timeoutMs);
    assert.match(again.stdout, /all ended\n$/, 'the machine still runs programs');
  } finally {
    await machine.stop();
  }
}
