// The native floating-point path against the reference: whenever it does not leave, result and flags are those of RISC-V; and it seldom leaves without need.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { OperandSource } from '../../../test/fp/operands.ts';
import { arityOf } from '../../../test/fp/vectors.ts';
import { enableEngineFeatures } from '../../host/node/v8.ts';
import { type Engine, PLAIN_ENGINE, probeEngine } from '../engine.ts';
import { refFp } from '../isa/reference-fp.ts';
import { Code } from '../wasm/code.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { addFmaFunctions } from './fast-fma.ts';
import { FastFloat, type FloatSite, type RoundingField } from './fast.ts';
import { FP_OPS } from './fpu.ts';

const A = 8, B = 16, C = 24, OUT = 32, FCSR = 40, RM = 44;
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const u64 = new BigUint64Array(memory.buffer), u32 = new Uint32Array(memory.buffer);

class TestSite implements FloatSite {
  readonly code: Code;
  readonly rounding: RoundingField;
  constructor(code: Code, rounding: RoundingField) { this.code = code; this.rounding = rounding; }
  #push(opcode: number, at: number): void { this.code.i32Const(0); this.code.mem(opcode, 0, at); }
  rs1(): void { this.#push(w.i64_load, A); }
  frs1Bits(): void { this.#push(w.i64_load, A); }
  frs2Bits(): void { this.#push(w.i64_load, B); }
  frs3Bits(): void { this.#push(w.i64_load, C); }
  setRd(): void { this.code.mem(w.i64_store, 0, OUT); }
  setFrd(): void { this.code.mem(w.i64_store, 0, OUT); }
  rmField(): void { this.#push(w.i32_load, RM); }
  fcsr(): void { this.#push(w.i32_load, FCSR); }
  leaveIf(nesting: number): void {
    this.code.open(w.if_);
    this.code.i32Const(1); this.code.br(nesting + 1);
    this.code.end();
  }
}

/** () -> 0 if done natively, 1 if left. */
function compile(op: string, rounding: RoundingField, engine: Engine = PLAIN_ENGINE): () => number {
  const module = new ModuleBuilder(), code = new Code(0);
  code.open(w.block, w.i32);
  code.i32Const(0);                             // the destination's address, as in the interpreter
  new FastFloat(code, engine).emit(op, new TestSite(code, rounding));
  code.i32Const(0);
  code.end();
  module.function('run', module.type([], [w.i32]), code);
  return instantiate(module)['run'] as () => number;
}

function instantiate(module: ModuleBuilder): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(module.finish(1) as BufferSource), { env: { memory } }).exports;
}

const hex = (v: bigint) => v.toString(16).padStart(16, '0');
const isExactOp = (op: string) => /^(fsgnj|fmv|fclass)/.test(op);

const ROUNDS = Number(process.env.KSPACE_FP_ROUNDS ?? 1500);
enableEngineFeatures();
const engine = probeEngine();
const cases = [...FP_OPS.map(op => [op, PLAIN_ENGINE] as const), ...FP_OPS.filter(op => engine.fusedMadd && /^fn?m(add|sub)/.test(op)).map(op => [op, engine] as const)];
for (const [i, [op, engine]] of cases.entries()) {
  test(`fast float: ${op}${engine.fusedMadd ? ', fused by the engine' : ''}`, () => {
    const variants: RoundingField[] = isExactOp(op) ? [0] : ['any', '0 or 7', 0, 1];
    const run = variants.map(v => compile(op, v, engine));
    new OperandSource(i + 77).forEach(op, arityOf(op), ROUNDS, (a, b, c) => {
      u64.set([a, b, c], A / 8);
      for (const flags of [0, 1]) {
        for (let rm = 0; rm <= 4; rm++) {
          const want = refFp(op, a, b, c, rm);
          for (const [k, rounding] of variants.entries()) {
            u32[RM / 4] = rounding === 'any' && (a & 1n) === 0n ? rm : 7;
            u32[FCSR / 4] = rm << 5 | flags;
            if (typeof rounding === 'number' && rounding !== rm) continue;
            u64[OUT / 8] = 0xdeadn;
            const left = run[k]!() !== 0;
            const at = () => `${op} rounding ${rounding} rm ${rm} flags ${flags} ${hex(a)} ${hex(b)} ${hex(c)}`;
            if (left) {
              if (u64[OUT / 8] !== 0xdeadn) assert.fail(`${at()}: left after its effect`);
              if (isExactOp(op) && !op.endsWith('.s')) assert.fail(`${at()}: left`);
            } else if (u64[OUT / 8] !== want.result || (want.flags & ~flags) !== 0) {
              assert.fail(`${at()}: ${hex(u64[OUT / 8]!)}, reference ${hex(want.result)} flags ${want.flags}`);
            }
          }
        }
      }
    });
  });
}

test('fast float: ordinary values do not leave once NX is set, exact results never', () => {
  const f64 = new Float64Array(memory.buffer), f32 = new Float32Array(memory.buffer);
  const random = new OperandSource(5);
  const ordinary = () => (random.below(2_000_001) - 1_000_000) / 1024 * 10 ** (random.below(9) - 4);
  for (const [op, engine] of cases) {
    const run = compile(op, isExactOp(op) ? 0 : '0 or 7', engine);
    for (let n = 0; n < 300; n++) {
      const values = [ordinary(), ordinary(), ordinary()];
      if (op.startsWith('fsqrt') || /u(\.|$)/.test(op)) values[0] = Math.abs(values[0]!);
      for (const [k, v] of values.entries()) {
        if (/\.(w|wu|l|lu|x)$/.test(op)) u64[A / 8 + k] = BigInt(Math.trunc(v)) & 0xffffffffffffffffn;
        else if (op.endsWith('.s')) { u64[A / 8 + k] = ~0n; f32[A / 4 + 2 * k] = v; }
        else f64[A / 8 + k] = v;
      }
      u32[FCSR / 4] = 1;
      assert.equal(run(), 0, `${op} ${values}`);
      const [a, b, c] = u64.subarray(A / 8);
      const exact = refFp(op, a!, b!, c!, 0).flags === 0;
      u32[FCSR / 4] = 0;
      assert.equal(run(), exact ? 0 : 1, `${op} ${values}, NX clear`);
    }
  }
});

test('fast float: fma64 and fma32 as functions', () => {
  const module = new ModuleBuilder();
  addFmaFunctions(module, params => new Code(params));
  const { fma64, fma32 } = instantiate(module) as Record<string, (a: number, b: number, c: number) => number>;
  const v64 = new BigUint64Array(1), d = new Float64Array(v64.buffer), f = new Float32Array(v64.buffer);
  const number = (bits: bigint, view: Float64Array | Float32Array) => { v64[0] = bits; return view[0]!; };
  let answered = 0;
  for (const [op, fma, view] of [['fmadd.d', fma64!, d], ['fmadd.s', fma32!, f]] as const) {
    new OperandSource(9).forEach(op, 3, 20_000, (a, b, c) => {
      if (op === 'fmadd.s' && (a & b & c) >> 32n !== 0xffffffffn) return;
      const got = fma(number(a, view), number(b, view), number(c, view));
      if (got !== got) return;
      answered++;
      assert.ok(Object.is(got, number(refFp(op, a, b, c, 0).result, view)), `${op} ${hex(a)} ${hex(b)} ${hex(c)}`);
    });
  }
  assert.ok(answered > 10_000, `${answered}`);
});

test('fast float: reserved rounding modes are left to the Fpu, which refuses them', () => {
  for (const op of FP_OPS.filter(name => !isExactOp(name) && !/^f(min|max|eq|lt|le)/.test(name))) {
    u64.set([1n, 1n, 1n], A / 8);
    for (const [rounding, rm, frm] of [['any', 5, 0], ['any', 6, 0], ['any', 7, 5], ['any', 7, 7], ['0 or 7', 7, 5], [7, 7, 6]] as const) {
      u32[RM / 4] = rm;
      u32[FCSR / 4] = frm << 5 | 1;
      assert.equal(compile(op, rounding)(), 1, `${op} rm ${rm} frm ${frm}`);
    }
  }
});
