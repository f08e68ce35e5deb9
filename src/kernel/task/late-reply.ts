// Something that a parked system call has asked for and that arrives by itself: a RestartRecord keeps it for the re-run. It may outlive the call: a
// task that is killed leaves it behind.

export abstract class LateReply {
  /** The call is over. What has come, or will come, and that nobody took is given back. */
  abstract abandon(): void;
}
