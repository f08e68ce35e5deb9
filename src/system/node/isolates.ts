// Isolated drivers in Node: finds the module that their workers run, in the source tree and in a build.
import { existsSync } from 'node:fs';
import { CORES } from '../../drivers/core/table.ts';
import { NodeIsolates } from '../../host/node/isolates.ts';
import type { Placements } from '../../kernel/device/manager.ts';
import { wantsIsolation } from '../placements.ts';

/** What runs isolated drivers, if any are asked for. */
export function isolatesFor(placements: Placements | undefined): NodeIsolates | undefined {
  return placements !== undefined && wantsIsolation(placements) ? new NodeIsolates(workerModule('driver-worker'), Object.keys(CORES)) : undefined;
}

/** A bundle lies beside this one's or above its chunk; else there is the source. */
export function workerModule(name: string): URL {
  const places = [`./${name}.js`, `../${name}.js`, `../../${name}.js`, `../../../${name}.js`, `./${name}.ts`];
  const found = places.map(p => new URL(p, import.meta.url)).find(url => existsSync(url));
  if (found === undefined) throw new Error(`${name}.js is missing: npm run build`);
  return found;
}
