// Errors that are sentences for the user of a command: printed without a stack, because nothing is wrong with kspace itself.

/** `status` is the exit status of a command that ends this way; 125 says "not the guest, kspace itself", as container tools do. */
export class UserError extends Error {
  readonly status: number;

  constructor(message: string, status = 125) {
    super(message);
    this.status = status;
  }
}
