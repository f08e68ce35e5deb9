// How much memory of the host the contents of pipes, sockets and message queues may take: they live beside the guest's RAM, so a bound must
// keep a guest from filling the host (Linux: pipe-user-pages-soft, tcp_mem, kmem accounting).

export class BufferBudget {
  readonly limit: number;
  used = 0;
  constructor(limit: number) { this.limit = limit; }

  /** Takes `bytes`, or says no: the caller answers ENOMEM. */
  charge(bytes: number): boolean {
    if (this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  }
  release(bytes: number): void { this.used -= bytes; }
}
