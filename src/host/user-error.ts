// Errors that are sentences for the user of a command: printed without a stack, because nothing is wrong with kspace itself.

export class UserError extends Error {}
