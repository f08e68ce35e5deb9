// Time and randomness of a Node process.
import { randomFillSync } from 'node:crypto';
import { Rng } from '../../lib/rng.ts';
import type { Entropy, HostClock } from '../host.ts';

/** Wall-clock time that a seeded machine always boots at: 2026-01-01 00:00:00 UTC. */
const SEEDED_BOOT_SEC = 1_767_225_600;

/** Monotonic time from now on. Under a seed the wall clock starts at a fixed date, so that runs can be repeated. */
export class NodeClock implements HostClock {
  readonly bootSec: number;
  readonly bootNsec: number;
  readonly #start = process.hrtime();

  constructor(seed?: number) {
    const ms = seed === undefined ? Date.now() : SEEDED_BOOT_SEC * 1000;
    this.bootSec = Math.floor(ms / 1000);
    this.bootNsec = (ms % 1000) * 1_000_000;
  }

  nowNs(): number {
    const [sec, ns] = process.hrtime(this.#start);
    return sec * 1_000_000_000 + ns;
  }
}

/** The host's cryptographic generator, or a fixed sequence under a seed. */
export class NodeEntropy implements Entropy {
  readonly #rng: Rng | undefined;

  constructor(seed?: number) { this.#rng = seed === undefined ? undefined : new Rng(seed); }

  fill(bytes: Uint8Array): void {
    if (this.#rng === undefined) randomFillSync(bytes); else this.#rng.fillBytes(bytes);
  }
}
