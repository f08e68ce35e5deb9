// Machine code that V8 has made of WebAssembly, as bytes: what its natives for tests (V8, src/runtime/runtime-test-wasm.cc) give and take. Node offers them by no
// other name; engines without (V8 14) compile again. Only what the optimizing compiler made can be had.
import { setFlagsFromString } from 'node:v8';

export interface NativeCode {
  /** Machine code can be had at all. */
  readonly isAvailable: boolean;
  /** Whether the optimizing compiler has compiled it, and its code can be had. */
  isOptimized(f: Exported): boolean;
  /** Has it compiled at once. */
  optimize(f: Exported): void;
  /** The optimized code of a module; empty if none of `functions`, which are the module's, is optimized: V8 takes that for its own mistake, and ends the process. */
  serialize(module: WebAssembly.Module, functions: readonly Exported[]): Uint8Array;
  /** The module of `bytes` with that code; null if it is another engine's, or one with other flags. */
  deserialize(code: Uint8Array, bytes: Uint8Array): WebAssembly.Module | null;
}

/** A function of a module as JavaScript sees it. */
export type Exported = (...args: never[]) => unknown;

let made: NativeCode | undefined;

/**
 * V8's checks are for code of other versions; whether bytes are those that were written is the caller's to know. To be called first before the realm is hardened
 * (system/hardening/realm.ts): after that no text becomes code, and nothing is serialized.
 */
export function nativeCode(): NativeCode { return made ??= make(); }

function make(): NativeCode {
  const serialize = native<[WebAssembly.Module], ArrayBuffer>('m', '%SerializeWasmModule(m)');
  const deserialize = native<[ArrayBuffer, Uint8Array], WebAssembly.Module | undefined>('code, bytes', '%DeserializeWasmModule(code, bytes)');
  const isOptimized = native<[Exported], boolean>('f', '%IsTurboFanFunction(f)'), optimize = native<[Exported], void>('f', '%WasmTierUpFunction(f)');
  const canSay = (f: Exported): boolean => serialize !== undefined && isOptimized?.(f) === true;
  return {
    isAvailable: serialize !== undefined && isOptimized !== undefined && optimize !== undefined,
    isOptimized: canSay,
    optimize: f => { if (serialize !== undefined) optimize?.(f); },
    serialize: (module, functions) => (serialize !== undefined && functions.some(canSay) ? new Uint8Array(serialize(module)) : new Uint8Array(0)),
    deserialize: (code, bytes) => (code.length === 0 ? null : deserialize?.(code.slice().buffer, bytes) ?? null),
  };
}

type Native<A extends unknown[], R> = (...args: A) => R;

/** A function of natives' syntax, which only the parser needs a flag for: the flags are as before when this returns. */
function native<A extends unknown[], R>(params: string, expression: string): Native<A, R> | undefined {
  setFlagsFromString('--allow-natives-syntax');
  try {
    // eslint-disable-next-line no-new-func -- the only way to a native
    return new Function(params, `return ${expression}`) as Native<A, R>;
  } catch {
    return undefined;                           // the engine does not have it, or text may not become code here
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}
