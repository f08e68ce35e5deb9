// Powers a machine on for the command line: the one place where it meets src/system.
import { UserError } from '../host/user-error.ts';
import type { Boot } from './machine-api.ts';

export const boot: Boot = async () => {
  throw new UserError('this build has no machine yet');
};
