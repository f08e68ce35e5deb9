// Powers a machine on for the command line: the one place where it meets src/system.
import { UserError } from '../host/user-error.ts';
import type { GuestMachine, MachineRequest } from '../system/contract.ts';

export type Boot = (request: MachineRequest) => Promise<GuestMachine>;

export const boot: Boot = async () => {
  throw new UserError('this build has no machine yet');
};
