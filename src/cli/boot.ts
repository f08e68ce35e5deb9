// Powers a machine on for the command line. The kernel is loaded here and not before: help and mistakes need not wait for it.
import type { GuestMachine, MachineRequest } from '../system/contract.ts';

export type Boot = (request: MachineRequest) => Promise<GuestMachine>;

export const boot: Boot = async request => (await import('../system/node/boot.ts')).bootOnNode(request);
