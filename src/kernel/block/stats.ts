// I/O statistics of a block device: the numbers of /proc/diskstats and /sys/block/DEV/stat (Documentation/admin-guide/iostats.rst).
import { type BlockOp, OP_DISCARD, OP_FLUSH, OP_READ, OP_ZERO } from './bio.ts';

/** Groups: reads, writes, discards, flushes. */
const READ = 0, WRITE = 1, DISCARD = 2, FLUSH = 3;

export class IoStats {
  private readonly ios = new Float64Array(4);
  private readonly merges = new Float64Array(4);
  private readonly sectors = new Float64Array(4);
  private readonly ns = new Float64Array(4);
  inFlight = 0;
  /** Time with something in flight, up to `since`. */
  private busyNs = 0;
  private since = 0;

  started(nowNs: number): void {
    if (this.inFlight++ === 0) this.since = nowNs;
  }

  ended(op: BlockOp, sectors: number, startNs: number, nowNs: number): void {
    const g = group(op);
    this.ios[g]!++;
    this.sectors[g]! += sectors;
    this.ns[g]! += nowNs - startNs;
    if (--this.inFlight === 0) this.busyNs += nowNs - this.since;
  }

  /** A bio that joined a request counts as merged, not as an I/O of its own. */
  merged(op: BlockOp, sectors: number, startNs: number, nowNs: number): void {
    const g = group(op);
    this.merges[g]!++;
    this.sectors[g]! += sectors;
    this.ns[g]! += nowNs - startNs;
    if (--this.inFlight === 0) this.busyNs += nowNs - this.since;
  }

  /** The 17 columns. */
  columns(nowNs: number): readonly number[] {
    const busy = this.busyNs + (this.inFlight > 0 ? nowNs - this.since : 0);
    const rows = [READ, WRITE].flatMap(g => [this.ios[g]!, this.merges[g]!, this.sectors[g]!, ms(this.ns[g]!)]);
    const total = ms(this.ns[READ]! + this.ns[WRITE]! + this.ns[DISCARD]! + this.ns[FLUSH]!);
    return [...rows, this.inFlight, ms(busy), total,
      this.ios[DISCARD]!, this.merges[DISCARD]!, this.sectors[DISCARD]!, ms(this.ns[DISCARD]!), this.ios[FLUSH]!, ms(this.ns[FLUSH]!)];
  }
}

const group = (op: BlockOp): number => (op === OP_READ ? READ : op === OP_FLUSH ? FLUSH : op === OP_DISCARD ? DISCARD : op === OP_ZERO ? WRITE : WRITE);
const ms = (ns: number): number => Math.floor(ns / 1e6);
