// Powers a machine on for the command line: the one place where it meets src/system.
import { UserError } from '../host/user-error.ts';
import { MountError } from '../system/computer.ts';
import { bootOnNode } from '../system/node/boot.ts';
import type { GuestMachine, MachineRequest } from '../system/contract.ts';

export type Boot = (request: MachineRequest) => Promise<GuestMachine>;

export const boot: Boot = async request => {
  try {
    return bootOnNode(request);
  } catch (e) {
    throw e instanceof MountError ? new UserError(e.message) : e;
  }
};
