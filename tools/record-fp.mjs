// Records test/data/fp/vectors.txt: builds test/fp/vectors.c for riscv64 and runs it under qemu-riscv64 (or natively) on operands of test/fp/operands.ts.
// `--compare ROUNDS [SEED]` records nothing: it compares reference and Fpu with that many fresh operand tuples per op instead.
import { build } from 'esbuild';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { common } from './build.mjs';

const root = new URL('..', import.meta.url).pathname;
const scratch = `${root}build/fp-${process.pid}/`;
const BUDGET = 390_000;

mkdirSync(scratch, { recursive: true });
try {
  const contents = ['src/machine/fpu/fpu.ts', 'src/machine/isa/reference-fp.ts', 'test/fp/operands.ts', 'test/fp/unit.ts', 'test/fp/vectors.ts']
    .map(f => `export * from './${f}';`).join('\n');
  await build({ ...common, stdin: { contents, resolveDir: root, loader: 'ts' }, outfile: scratch + 'kit.mjs' });
  execFileSync('riscv64-linux-gnu-gcc', ['-O1', '-Wall', '-static', '-o', scratch + 'vectors', root + 'test/fp/vectors.c'], { stdio: 'inherit' });
  const kit = await import(scratch + 'kit.mjs');
  const compare = process.argv.indexOf('--compare');
  if (compare > 0) compareLive(kit, Number(process.argv[compare + 1]), Number(process.argv[compare + 2] ?? Date.now() % 1e9));
  else writeVectors(kit);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Runs the real thing. */
function record(kit, operands) {
  const input = operands.map(([op, a, b, c]) => `${op} ${a.toString(16)} ${b.toString(16)} ${c.toString(16)}\n`).join('');
  const [command, ...args] = process.arch === 'riscv64' ? [scratch + 'vectors'] : ['qemu-riscv64', scratch + 'vectors'];
  const r = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 1 << 30, timeout: 500_000 });
  if (r.status !== 0) throw new Error(`${command}: ${r.error ?? r.stderr}`);
  return r.stdout.trimEnd().split('\n').map(kit.parseRecorded);
}

function operandsFor(kit, op, seed, rounds) {
  const all = [];
  new kit.OperandSource(seed).forEach(op, kit.arityOf(op), rounds, (a, b, c) => all.push([op, a, b, c]));
  return all;
}

function writeVectors(kit) {
  const share = Math.floor(BUDGET / kit.FP_OPS.length);
  const lines = kit.FP_OPS.map((op, i) => {
    const source = new kit.OperandSource(1000 + i), all = operandsFor(kit, op, 2000 + i, 3000);
    const listed = kit.arityOf(op) === 1 ? 60 : 0; // the special values come first
    const chosen = record(kit, Array.from({ length: 250 }, (_, k) => all[k < listed ? k : source.below(all.length)]));
    let n = chosen.length;
    while (kit.format(chosen.slice(0, n)).length > share) n -= 1;
    return kit.format(chosen.slice(0, n));
  });
  const head = '# Recorded by tools/record-fp.mjs under qemu-riscv64; format: test/fp/vectors.ts.\n';
  mkdirSync(root + 'test/data/fp', { recursive: true });
  writeFileSync(root + 'test/data/fp/vectors.txt', head + lines.join(''));
  console.log(`test/data/fp/vectors.txt: ${lines.join('').split('\n').length} lines, ${lines.join('').length} bytes`);
}

function compareLive(kit, rounds, seed) {
  const unit = new kit.TestUnit();
  let wrong = 0, total = 0;
  for (const [i, op] of kit.FP_OPS.entries()) {
    for (const v of record(kit, operandsFor(kit, op, seed + i, rounds))) {
      for (let rm = 0; rm < 5; rm++) {
        const want = v.results[rm];
        for (const [who, got] of [['fpu', unit.run(op, v.a, v.b, v.c, rm)], ['reference', kit.refFp(op, v.a, v.b, v.c, rm)]]) {
          total += 1;
          if (got.result === want.result && got.flags === want.flags) continue;
          if (wrong++ < 20) console.log(who, op, rm, ...[v.a, v.b, v.c, got.result, want.result].map(n => n.toString(16)), got.flags, want.flags);
        }
      }
    }
  }
  console.log(`seed ${seed}: ${total} comparisons, ${wrong} differences`);
  if (wrong > 0) process.exitCode = 1;
}
