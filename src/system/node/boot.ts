// Powers a machine on in a Node process.
import { NodeClock, NodeEntropy } from '../../host/node/clock.ts';
import { enableEngineFeatures } from '../../host/node/v8.ts';
import { Computer } from '../computer.ts';
import type { MachineRequest } from '../contract.ts';

/** A running machine; throws MountError for a mount that cannot be shown. */
export function bootOnNode(q: MachineRequest): Computer {
  enableEngineFeatures();
  return new Computer({ translator: translatorFrom(process.env['KSPACE_JIT']), ...q }, { clock: new NodeClock(q.seed), entropy: new NodeEntropy(q.seed), report: line => process.stderr.write(`${line}\r\n`) });
}

/** KSPACE_JIT=1 or eager. */
function translatorFrom(value: string | undefined): NonNullable<MachineRequest['translator']> {
  return value === 'eager' ? 'eager' : value === undefined || value === '' || value === '0' ? 'off' : 'on';
}
