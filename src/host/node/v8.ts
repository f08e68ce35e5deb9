// V8's knobs (node:v8, setFlagsFromString). What the machine computes does not depend on them; it tests what it got (machine/engine.ts).
import { setFlagsFromString } from 'node:v8';

/** To be called before the machine is made. Relaxed SIMD, for its multiply-add, is behind a flag in V8 11.3 (Node 20) and always there since. */
export function enableEngineFeatures(): void {
  const [major, minor] = (process.versions.v8 ?? '').split('.').map(Number) as [number, number];
  // Newer engines do not know the flag and would say so on stderr.
  if (major === 11 && minor < 4) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
