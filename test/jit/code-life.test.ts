// What is translated goes with its code: programs that make code all the time run right, and neither the account of regions nor memory grows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';
import { addTranslator } from '../../src/machine/jit/translator.ts';
import { TRAP_BREAKPOINT } from '../../src/machine/machine.ts';
import { Computer } from '../../src/system/computer.ts';
import { bootGuests, expectationOf, guestFile, runIn } from '../guest/run-guest.ts';

const MIB = 1 << 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('thousands of pieces of code leave no regions behind', async () => {
  const machine = await bootGuests({ test: readFileSync(guestFile('bin/riscv-code-churn')) }, 256 * MIB, undefined, 'eager');
  assert.ok(machine instanceof Computer);
  const { statistics } = machine.translator!;
  const { stdout } = await runIn(machine, ['/guest/world', '/guest/test'], 120_000);
  assert.equal(stdout, expectationOf('riscv-code-churn')!.stdout);
  assert.ok(statistics.regions > 0, 'nothing was translated');
  assert.ok(statistics.regions - statistics.dropped < 1000, `${statistics.regions} regions, ${statistics.dropped} dropped`);
  await machine.stop();
});

test('ten thousand modules are garbage once their code is gone', async () => {
  const rounds = 2500, samples: number[] = [];
  const m = new FlatMachine(16 * MIB), code = 0x10000;
  m.mapRange(code, code + 0x2000);
  // Each round writes another `addi a0, a0, n; ret` to the next page and calls it.
  m.write(code, assemble(`1: li s0, ${rounds}\n2: andi t0, s0, 1023\nslli t0, t0, 20\nli t1, 0x50513\nor t0, t0, t1\nsw t0, 0(s1)\nsh s2, 4(s1)\nfence.i\njalr s1\naddi s0, s0, -1\nbnez s0, 2b\nebreak`, code).bytes);
  const translator = addTranslator(m.hart, m.ram, 'eager'), { statistics } = translator;
  translator.alone = Infinity;
  m.setX(9, code + 0x1000);
  m.setX(18, 0x8082);
  for (let i = 0; i < 5; i++) {
    m.setPc(code);
    assert.equal(m.hart.run(1e9), TRAP_BREAKPOINT);
    // The engine frees what it has compiled when it is not running; when it looks for garbage on its own depends on how busy the machine is.
    for (let k = 0; k < 3; k++) {
      collectGarbage();
      await new Promise(r => setTimeout(r, 20));
    }
    samples.push(process.memoryUsage().rss / MIB);
  }
  assert.ok(statistics.dropped > 5 * rounds - 100 && statistics.regions - statistics.dropped < 100);
  let sum = 0;
  for (let i = 1; i <= rounds; i++) sum += 5 * (i & 1023);
  assert.equal(m.getX(10), sum);
  // A module is about 20 KiB: kept, 7500 of them would be 150 MiB.
  assert.ok(samples[4]! - samples[1]! < 100, `resident memory grows: ${samples.map(Math.round).join(' ')} MiB`);
});

test('code that changes in every way runs as it is now, each region in a module of its own', async () => {
  const machine = await bootGuests({ test: readFileSync(guestFile('bin/code-changes')) }, 256 * MIB, undefined, 'eager');
  assert.ok(machine instanceof Computer);
  const translator = machine.translator!;
  translator.alone = Infinity;
  const { stdout } = await runIn(machine, ['/guest/world', '/guest/test'], 120_000);
  assert.equal(stdout, expectationOf('code-changes')!.stdout);
  assert.ok(translator.statistics.dropped > 3000, `${translator.statistics.dropped} regions were dropped: little was translated`);
  await machine.stop();
});
