// What this host's WebAssembly engine can do beyond the core, as data: found by trying, never by asking for names or versions. Results of programs do not depend
// on it, only their speed.
import { Code } from './wasm/code.ts';
import { ModuleBuilder } from './wasm/module.ts';
import * as w from './wasm/opcodes.ts';

export interface Engine {
  /** `relaxed_madd` and `relaxed_nmadd` (WebAssembly relaxed SIMD) exist and round once, on doubles and singles. They may round twice, so this is tested. */
  readonly fusedMadd: boolean;
  /** A small module costs well below 0.1 ms, not a millisecond. Told by garbage-collected types, which came after the change (V8 11.9) and to other engines that are quick. */
  readonly fastModules: boolean;
}

/** Where modules come from that are the same in every machine of a kind: made and compiled, or kept from an earlier run. */
export interface ModuleSource { module(name: string, make: () => Uint8Array<ArrayBuffer>): WebAssembly.Module }

export const MADE_ANEW: ModuleSource = { module: (_, make) => new WebAssembly.Module(make()) };

/** The engine that only has the core. */
export const PLAIN_ENGINE: Engine = { fusedMadd: false, fastModules: false };

/** Compiles and runs a small module. */
export function probeEngine(): Engine { return { fusedMadd: hasFusedMadd(), fastModules: WebAssembly.validate(STRUCT_TYPE) }; }

/** A module that has nothing but an empty struct type. */
const STRUCT_TYPE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0]);

function hasFusedMadd(): boolean {
  try {
    return isFused(instantiate());
  } catch {
    return false;                               // the engine does not know the instructions
  }
}

type Ternary = (a: number, b: number, c: number) => number;

function instantiate(): Record<string, Ternary> {
  const m = new ModuleBuilder();
  for (const [name, opcode] of [['madd64', w.f64x2_relaxed_madd], ['nmadd64', w.f64x2_relaxed_nmadd], ['madd32', w.f32x4_relaxed_madd], ['nmadd32', w.f32x4_relaxed_nmadd]] as const) {
    const [type, splat, lane] = name.endsWith('64') ? [w.f64, w.f64x2_splat, w.f64x2_extract_lane] as const : [w.f32, w.f32x4_splat, w.f32x4_extract_lane] as const;
    const c = new Code(3);
    for (let i = 0; i < 3; i++) { c.get(i); c.simd(splat); }
    c.simd(opcode);
    c.lane(lane);
    m.function(name, m.type([type, type, type], [type]), c);
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish(0)), { env: { memory: new WebAssembly.Memory({ initial: 0, maximum: 0 }) } });
  return exports as Record<string, Ternary>;
}

function isFused(f: Record<string, Ternary>): boolean {
  return agrees(f['madd64']!, f['nmadd64']!, 2 ** -52, 2 ** -1022) && agrees(f['madd32']!, f['nmadd32']!, 2 ** -23, 2 ** -126);
}

/** Vectors that two roundings get wrong, in every combination of signs; and that tiny results stay. `ulp` of 1, and the smallest normal number. */
function agrees(madd: Ternary, nmadd: Ternary, ulp: number, smallest: number): boolean {
  const a = 1 + ulp, product = 1 + 2 * ulp;     // a * a = product + ulp^2
  const vectors = [
    [a, a, -product, ulp * ulp],
    [a, 1 - ulp, -1, -ulp * ulp],
    [a, a, ulp / 2, 1 + 3 * ulp],               // above half way, by ulp^2
    [a, smallest, -smallest, ulp * smallest],
    [3, 5, -15, 0],
    [0, 7, 2, 2],
  ] as const;
  return vectors.every(([x, y, z, want]) => {
    const negated = want === 0 ? 0 : -want;
    return Object.is(madd(x, y, z), want) && Object.is(madd(-x, y, -z), negated) && Object.is(nmadd(-x, y, z), want) && Object.is(nmadd(x, y, -z), negated);
  });
}
