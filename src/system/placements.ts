// What `--drivers` and `--driver`, or the library's `drivers` and `driver`, mean: where the core of each driver runs.
import { CORES } from '../drivers/core/table.ts';
import { UserError } from '../host/user-error.ts';
import type { Placement, Placements } from '../kernel/device/manager.ts';
import { closest } from '../lib/suggest.ts';

/** Undefined: nobody asked, and everything runs inside the kernel. Throws UserError. */
export function placements(mode: string | undefined, byName: Readonly<Record<string, string>> = {}): Placements | undefined {
  if (mode === undefined && Object.keys(byName).length === 0) return undefined;
  if (mode !== undefined && mode !== 'monolithic' && mode !== 'hybrid') throw new UserError(`'${mode}' is no way to place drivers: say monolithic or hybrid`);
  return {
    otherwise: mode === 'hybrid' ? 'isolated' : 'kernel',
    byName: Object.fromEntries(Object.entries(byName).map(([name, where]) => [coreName(name), placement(where)])),
  };
}

/** Does any driver run in a worker? */
export const wantsIsolation = (p: Placements): boolean => p.otherwise === 'isolated' || Object.values(p.byName).includes('isolated');

/** As Linux writes it, or as we do: virtio_blk, virtio-blk. */
function coreName(text: string): string {
  const name = text.replaceAll('_', '-');
  const names = Object.keys(CORES);
  if (names.includes(name)) return name;
  const near = closest(name, names);
  throw new UserError(`there is no driver '${text}'${near === undefined ? '' : `; did you mean ${near}?`} Drivers that can be placed: ${names.join(', ')}`);
}

function placement(text: string): Placement {
  if (text === 'kernel' || text === 'isolated') return text;
  throw new UserError(`'${text}' is no place for a driver: say kernel or isolated`);
}
