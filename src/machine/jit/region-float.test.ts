// Floating point of translated regions, instruction by instruction, against the reference: whenever it does not leave, result and flags are those of RISC-V, in
// both versions, with and without the engine's multiply-add; and with ordinary values it does not leave.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperandSource } from '../../../test/fp/operands.ts';
import { arityOf, writesX } from '../../../test/fp/vectors.ts';
import { enableEngineFeatures } from '../../host/node/v8.ts';
import { type Engine, PLAIN_ENGINE, probeEngine } from '../engine.ts';
import type { FloatSite, RoundingField } from '../fpu/fast.ts';
import { FP_OPS } from '../fpu/fpu.ts';
import { INSTRUCTIONS } from '../isa/table.ts';
import { refFp } from '../isa/reference-fp.ts';
import { CTX_F, CTX_FCSR, CTX_X } from '../machine.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { Body, type Label } from './body.ts';
import { FloatRegisters } from './float-registers.ts';
import { RegionFloat, type StatusVersion } from './region-float.ts';
import { Insn } from './insn.ts';

enableEngineFeatures();
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const u64 = new BigUint64Array(memory.buffer), u32 = new Uint32Array(memory.buffer);
const X1 = CTX_X / 8 + 1, F1 = CTX_F / 8 + 1, FCSR = CTX_FCSR / 4, RD = CTX_X / 8 + 4, FRD = CTX_F / 8 + 4;

class TestSite implements FloatSite {
  readonly code = new Body(0);
  readonly registers = new FloatRegisters(this.code, 0b11110);
  readonly status = this.code.local(w.i32);
  readonly rd = this.code.local(w.i64);
  rounding: RoundingField = 0;
  exit: Label = 0;
  readonly #version: StatusVersion;
  constructor(version: StatusVersion) { this.#version = version; }
  rs1(): void { this.code.i32Const(0); this.code.mem(w.i64_load, 3, X1 * 8); }
  frs1Bits(): void { this.registers.pushBits(1); }
  frs2Bits(): void { this.registers.pushBits(2); }
  frs3Bits(): void { this.registers.pushBits(3); }
  setRd(): void { this.code.set(this.rd); }
  setFrd(): void { this.registers.setBits(4); }
  rmField(): void { throw new Error('known'); }
  fcsr(): void { if (this.#version === 'nx') this.code.i32Const(1); else this.code.get(this.status); }
  leaveIf(): void { this.code.toIf(this.exit); }
}

/** () -> 0 if done, with the result in x4 or f4; 1 if left. Operands: x1, f1 to f3. */
function compile(op: string, rm: number, version: StatusVersion, engine: Engine): () => number {
  const site = new TestSite(version), { code: c, registers } = site, insn = new Insn(0);
  insn.insn = INSTRUCTIONS.find(i => i.name === op)!;
  Object.assign(insn, { rd: 4, rs1: 1, rs2: 2, rs3: 3, rm });
  site.rounding = insn.insn.encoding.fields.rm === undefined ? 0 : rm as RoundingField;
  c.i32Const(0); c.mem(w.i32_load, 2, CTX_FCSR); c.i32Const(0xe1); c.op(w.i32_and); c.set(site.status);
  registers.reload(0b1110, 0);
  site.exit = c.open(w.block);
  new RegionFloat(c, site, registers, engine, version, site.status).emit(insn, { numbers64: 0, numbers32: 0, boxed: 0, flags: 0 });
  if (writesX(op)) { c.i32Const(0); c.get(site.rd); c.mem(w.i64_store, 3, RD * 8); }
  else registers.spill(0b10000, 0);
  c.i32Const(0); c.op(w.return_);
  c.end();
  c.i32Const(1);
  const module = new ModuleBuilder();
  module.function('run', module.type([], [w.i32]), c);
  return new WebAssembly.Instance(new WebAssembly.Module(module.finish(1) as BufferSource), { env: { memory } }).exports['run'] as () => number;
}

function setOperands(a: bigint, b: bigint, c: bigint): void { u64[X1] = a; u64.set([a, b, c], F1); }
const hex = (v: bigint): string => v.toString(16).padStart(16, '0');
const hasMode = (op: string): boolean => INSTRUCTIONS.find(i => i.name === op)!.encoding.fields.rm !== undefined;

const ROUNDS = Number(process.env['KSPACE_FP_ROUNDS'] ?? 600), fusing = probeEngine();
/** Version, fcsr, and the rounding mode that an instruction with dynamic rounding has there. */
const STATES = [['nx', 1, 0], ['other', 0, 0], ['other', 3 << 5, 3], ['other', 2 << 5 | 1, 2]] as const;

for (const [engine, kind] of [[PLAIN_ENGINE, 'plain engine'], [fusing, 'fusing engine']] as const) {
  if (kind === 'fusing engine' && !engine.fusedMadd) continue;
  for (const [i, op] of FP_OPS.entries()) {
    test(`region float, ${kind}: ${op}`, () => {
      const modes = !hasMode(op) ? [0] : /^fcvt\.(w|wu|l|lu)\./.test(op) ? [0, 1, 2, 3, 4, 7] : [0, 7];
      const runs = STATES.flatMap(([version, fcsr, mode]) => modes.map(rm => ({ run: compile(op, rm, version, engine), fcsr, rm: rm === 7 ? mode : rm, what: `${version} rm ${rm}` })));
      new OperandSource(i + 177).forEach(op, arityOf(op), ROUNDS, (a, b, c) => {
        for (const { run, fcsr, rm, what } of runs) {
          const want = refFp(op, a, b, c, rm), at = writesX(op) ? RD : FRD;
          setOperands(a, b, c);
          u32[FCSR] = fcsr;
          u64[at] = 0xdeadn;
          if (run() !== 0) continue;
          if (u64[at] !== want.result || (want.flags & ~fcsr) !== 0) {
            assert.fail(`${op} ${what} fcsr ${fcsr} ${hex(a)} ${hex(b)} ${hex(c)}: ${hex(u64[at]!)}, reference ${hex(want.result)} flags ${want.flags}`);
          }
        }
      });
    });
  }
}

test('region float: ordinary values do not leave once NX is set, exact ones never', () => {
  const f64 = new Float64Array(memory.buffer), f32 = new Float32Array(memory.buffer), random = new OperandSource(5);
  for (const op of FP_OPS) {
    const nx = compile(op, 0, 'nx', fusing), other = compile(op, hasMode(op) ? 7 : 0, 'other', fusing);
    for (let n = 0; n < 300; n++) {
      const isExact = n % 2 === 0, number = (): number => (isExact ? random.below(2000) - 1000 : (random.below(2_000_001) - 1_000_000) / 1024 * 10 ** (random.below(9) - 4));
      const values = [number(), number(), number()];
      if (op.startsWith('fsqrt')) values[0] = isExact ? values[0]! ** 2 : Math.abs(values[0]!);
      if (/u(\.|$)/.test(op) || /^fcvt\.\w\.\wu/.test(op)) values[0] = Math.abs(values[0]!);
      if (op.startsWith('fdiv') && values[1] === 0) continue;
      for (const [k, v] of values.entries()) {
        if (op.endsWith('.s')) { u64[F1 + k] = ~0n; f32[(F1 + k) * 2] = v; } else f64[F1 + k] = v;
      }
      u64[X1] = BigInt(Math.trunc(values[0]!)) & 0xffffffffffffffffn;
      u32[FCSR] = 1;
      assert.equal(nx(), 0, `${op} ${values}`);
      const [a, b, c] = u64.subarray(F1), fromX = /\.(w|wu|l|lu|x)$/.test(op);
      if (!isExact || refFp(op, fromX ? u64[X1]! : a!, b!, c!, 0).flags !== 0) continue;
      u32[FCSR] = 0;
      assert.equal(other(), 0, `${op} ${values}, NX clear`);
    }
  }
});
