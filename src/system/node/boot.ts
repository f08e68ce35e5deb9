// Powers a machine on in a Node process.
import { NodeClock, NodeEntropy } from '../../host/node/clock.ts';
import { enableEngineFeatures } from '../../host/node/v8.ts';
import { isolatesFor } from './isolates.ts';
import { Computer } from '../computer.ts';
import { UserError } from '../../host/user-error.ts';
import type { MachineRequest } from '../contract.ts';
import { placements } from '../placements.ts';
import { measureBundle } from './measure.ts';
import { translationsOf } from './translations.ts';

/** A running machine; throws MountError for a mount that cannot be shown, UserError for a kernel that was changed and shall start locked down. */
export function bootOnNode(request: MachineRequest): Computer {
  const q = { ...request, drivers: request.drivers ?? placements(process.env['KSPACE_DRIVERS'] || undefined) };
  enableEngineFeatures();
  const { measured, changed, isBuild } = measureBundle();
  if (changed.length > 0 && q.sandbox?.lockdown !== undefined) throw new UserError(`this kspace is not what was built (${changed.join(', ')}): it does not start locked down`);
  const computer = new Computer({ ...q, translator: q.translator ?? translatorFrom(process.env['KSPACE_JIT']), measured: [...measured, ...q.measured ?? []] }, {
    translations: q.sandbox?.lockdown === undefined && changed.length === 0 ? translationsOf(q.translations, measured[0]!, isBuild) : undefined,
    clock: new NodeClock(q.seed), entropy: new NodeEntropy(q.seed), isolates: isolatesFor(q.drivers), report: line => process.stderr.write(`${line}\r\n`),
  });
  if (changed.length > 0) computer.kernel.log.add(1, computer.kernel.now(), `integrity: not what was built: ${changed.join(', ')}`);
  return computer;
}

/** KSPACE_JIT: 0 or off, eager; else it is on. */
function translatorFrom(value: string | undefined): NonNullable<MachineRequest['translator']> {
  return value === 'eager' ? 'eager' : value === '0' || value === 'off' ? 'off' : 'on';
}
