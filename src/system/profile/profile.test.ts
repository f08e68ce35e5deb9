import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { boot } from '../../cli/boot.ts';
import { memoryFs } from '../../host/memory-fs.ts';
import { TRAP_BUDGET, TRAP_ECALL, type Hart, type Trap } from '../../machine/machine.ts';
import { ElfImage } from './elf-image.ts';
import { FrameRule } from './call-frames.ts';
import { ruleFromCode } from './prologue.ts';
import { SampledHart } from './sampled-hart.ts';

const CALLS = readFileSync(`${process.env.KSPACE_ROOT ?? new URL('../../..', import.meta.url).pathname}/bench/guest/calls.elf`);

/** Runs bench/guest/calls.elf with a profile: its text and how the program ended. */
async function profiled(format: 'cpuprofile' | 'svg', interval = 10_000): Promise<{ text: string; status: number }> {
  let text = '';
  const root = memoryFs({ '/calls': { content: CALLS, mode: 0o755 }, '/proc': { directory: true }, '/dev': { directory: true }, '/sys': { directory: true }, '/tmp': { directory: true } });
  const machine = await boot({
    memoryBytes: 64 << 20, hostname: 'kspace', seed: 1, root, rootAccess: 'overlay', mounts: [], console: undefined, trace: undefined,
    profile: { interval, format, done: t => { text = t; } },
  });
  const port = { read: () => 0, write: (b: Uint8Array) => b.length, close() {}, attach() {} };
  const p = machine.spawn({ argv: ['/calls'], env: [], cwd: '/', uid: 0, gid: 0, stdio: { kind: 'streams', stdin: port, stdout: port, stderr: port } });
  if (typeof p === 'number') throw new Error(`spawn answered ${p}`);
  const ending = await p.wait();
  await machine.stop();
  return { text, status: ending.kind === 'exited' ? ending.status : -1 };
}

interface Node { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string }; readonly hitCount: number; readonly children: readonly number[] }

test('profile: call stacks without frame pointers, in the proportions of the instructions', async () => {
  const { text, status } = await profiled('cpuprofile');
  assert.equal(status, 7);
  const { nodes, samples, timeDeltas } = JSON.parse(text) as { nodes: Node[]; samples: number[]; timeDeltas: number[] };
  const byId = new Map(nodes.map(n => [n.id, n])), paths = new Map<string, number>();
  const visit = (n: Node, path: string): void => {
    const here = `${path}/${n.callFrame.functionName}`;
    if (n.hitCount > 0) paths.set(here, n.hitCount);
    for (const c of n.children) visit(byId.get(c)!, here);
  };
  visit(nodes[0]!, '');
  assert.equal(samples.length, timeDeltas.length);
  const inner = paths.get('/(root)/calls [2]/_start/outer/middle/inner') ?? 0, middle = paths.get('/(root)/calls [2]/_start/outer/middle') ?? 0;
  assert.ok(inner + middle >= samples.length - 2, JSON.stringify([...paths]));
  assert.ok(inner > samples.length * 0.3 && middle > samples.length * 0.3, JSON.stringify([...paths]));
});

test('profile: the same twice, and with another interval other samples of the same', async () => {
  assert.equal((await profiled('cpuprofile')).text, (await profiled('cpuprofile')).text);
  assert.notEqual((await profiled('cpuprofile', 20_000)).text, (await profiled('cpuprofile')).text);
});

test('flame graph: well-formed, no scripts, functions by name', async () => {
  const { text } = await profiled('svg');
  assert.match(text, /^<svg xmlns[^]*<\/svg>\n$/);
  assert.match(text, /<title>inner \(\/calls\): \d+\.\d %, itself \d+\.\d %<\/title>/);
  assert.doesNotMatch(text, /<script/);
  assert.equal(text.match(/<g>/g)!.length, text.match(/<\/g>/g)!.length);
});

test('ELF: names and call frames by address; damaged files are none', () => {
  const image = ElfImage.parse(CALLS)!;
  const text = [...Array(0x400).keys()].map(i => image.addressOf(0x100 + i * 2)).filter(a => image.nameOf(a) === 'inner');
  assert.ok(text.length > 3);
  const rule = new FrameRule();
  assert.ok(image.ruleAt(text[0]!, rule));
  assert.deepEqual([rule.cfaRegister, rule.isUndefined(1)], [2, false]);
  assert.equal(ElfImage.parse(new Uint8Array(10)), null);
  assert.equal(ElfImage.parse(CALLS.subarray(0, 200)), null);
});

test('call frames read off the code: prologue, body, epilogue, and what follows it', () => {
  // addi sp,-32; sd ra,24(sp); sd s0,16(sp) | nop | ld ra,24(sp); addi sp,32; ret | nop
  const code = Uint8Array.from([0x01, 0x11, 0x06, 0xec, 0x22, 0xe8, 0x01, 0x00, 0xe2, 0x60, 0x05, 0x61, 0x82, 0x80, 0x01, 0x00, 0, 0, 0, 0]), rule = new FrameRule();
  const at = (end: number): [number, number | null] => {
    assert.ok(ruleFromCode(new DataView(code.buffer), 0, end, rule));
    return [rule.cfaOffset, rule.isSaved(1) ? rule.saved[1]! : null];
  };
  assert.deepEqual([at(0), at(2), at(6), at(10), at(12), at(14)], [[0, null], [32, null], [32, -8], [32, -8], [0, null], [32, -8]]);
});

/** Retires its budget rounded up to whole blocks of 7, traps at 1000. */
class Blocks {
  instret = 0;
  left = 0;
  readonly stops: number[] = [];
  run(budget: number): Trap {
    this.left = budget;
    while (this.left > 0) {
      if (this.instret >= 1000) return TRAP_ECALL;
      this.instret += 7;
      this.left -= 7;
    }
    return TRAP_BUDGET;
  }
  limitBudget(n: number): void { this.left = Math.min(this.left, n); }
}

test('sampled hart: runs end where they would without it', () => {
  for (const interval of [1, 10, 64, 333]) {
    const plain = new Blocks(), inner = new Blocks(), taken: number[] = [];
    const sampled = new SampledHart(inner as unknown as Hart, { sample: h => { taken.push(h.instret); } }, interval);
    for (const budget of [100, 1, 250, 8, 400, 5000]) {
      assert.equal(sampled.run(budget), plain.run(budget));
      assert.equal(inner.instret, plain.instret, `interval ${interval}, budget ${budget}`);
    }
    for (const [i, at] of taken.entries()) assert.ok(i === 0 || at > taken[i - 1]!);
    assert.ok(taken.length >= Math.floor(900 / Math.max(7, interval)) - 1, `${taken.length} samples with ${interval}`);
  }
});
