// The deadline I/O scheduler (Linux: mq-deadline): reads before writes, in order of sectors, in batches; but nothing waits longer than its deadline once
// something else could go, and writes are not starved for ever. Requests that touch join (back and front merges).
import { type Bio, type BlockOp, OP_READ, OP_WRITE } from './bio.ts';

const READ_EXPIRE_NS = 500_000_000, WRITE_EXPIRE_NS = 5_000_000_000;
/** Requests in sector order before deadlines are looked at, and read batches that writes let pass. */
const FIFO_BATCH = 16, WRITES_STARVED = 2;

/** What a driver gets: bios on one contiguous range of sectors. */
export class Request {
  readonly op: BlockOp;
  sector: number;
  sectors: number;
  /** In order of sectors. */
  readonly bios: Bio[];
  /** Memory parts of all bios. */
  segments: number;
  readonly deadlineNs: number;
  /** When it was given to the driver, the last time; how often its driver found that it was not answered in time; whether it has ended. */
  sentNs = 0;
  timeouts = 0;
  hasEnded = false;

  constructor(bio: Bio, nowNs: number) {
    this.op = bio.op;
    this.sector = bio.sector;
    this.sectors = bio.sectors;
    this.bios = [bio];
    this.segments = bio.addrs.length;
    this.deadlineNs = nowNs + (bio.op === OP_READ ? READ_EXPIRE_NS : WRITE_EXPIRE_NS);
  }
}

/** What one request may grow to. */
export interface MergeLimits { readonly maxSectors: number; readonly maxSegments: number }

/** Requests of one direction: by sector, and by age. */
class Direction {
  readonly bySector: Request[] = [];
  readonly byAge = new Set<Request>();

  /** Where a request at `sector` stands or would stand. */
  position(sector: number): number {
    let lo = 0, hi = this.bySector.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.bySector[mid]!.sector < sector) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  insert(r: Request): void {
    this.bySector.splice(this.position(r.sector), 0, r);
    this.byAge.add(r);
  }

  remove(r: Request): void {
    let i = this.position(r.sector);
    while (this.bySector[i] !== r) i++;
    this.bySector.splice(i, 1);
    this.byAge.delete(r);
  }

  get oldest(): Request | undefined { return this.byAge.values().next().value; }
}

export class DeadlineScheduler {
  private readonly limits: MergeLimits;
  private readonly reads = new Direction();
  private readonly writes = new Direction();
  /** Flushes, discards, zeroes: never merged, first come, first served, before all else. */
  private readonly others: Request[] = [];
  private batchOp: typeof OP_READ | typeof OP_WRITE = OP_READ;
  private batched = FIFO_BATCH;
  private nextSector = 0;
  private starved = 0;

  constructor(limits: MergeLimits) { this.limits = limits; }

  get isEmpty(): boolean { return this.reads.byAge.size === 0 && this.writes.byAge.size === 0 && this.others.length === 0; }

  /** Takes a bio in. True: it joined a request that was waiting. */
  add(bio: Bio, nowNs: number): boolean {
    const d = this.direction(bio.op);
    if (d === null) {
      this.others.push(new Request(bio, nowNs));
      return false;
    }
    if (this.merge(d, bio)) return true;
    d.insert(new Request(bio, nowNs));
    return false;
  }

  /** The request to serve next, taken out; null: there is none. */
  next(nowNs: number): Request | null {
    const other = this.others.shift();
    if (other !== undefined) return other;
    const r = this.continueBatch() ?? this.startBatch(nowNs);
    if (r === null) return null;
    this.direction(r.op)!.remove(r);
    this.nextSector = r.sector + r.sectors;
    this.batched++;
    return r;
  }

  /** The driver could not take it now. */
  putBack(r: Request): void {
    const d = this.direction(r.op);
    if (d === null) this.others.unshift(r);
    else d.insert(r);
  }

  private direction(op: BlockOp): Direction | null { return op === OP_READ ? this.reads : op === OP_WRITE ? this.writes : null; }

  private continueBatch(): Request | null {
    if (this.batched >= FIFO_BATCH) return null;
    const d = this.direction(this.batchOp)!;
    return d.bySector[d.position(this.nextSector)] ?? null;
  }

  private startBatch(nowNs: number): Request | null {
    const { reads, writes } = this;
    const wantsWrites = writes.byAge.size > 0 && (reads.byAge.size === 0 || this.starved >= WRITES_STARVED);
    const d = wantsWrites ? writes : reads;
    const oldest = d.oldest;
    if (oldest === undefined) return null;
    this.starved = wantsWrites ? 0 : this.starved + (writes.byAge.size > 0 ? 1 : 0);
    const sameWay = (wantsWrites ? OP_WRITE : OP_READ) === this.batchOp;
    this.batchOp = wantsWrites ? OP_WRITE : OP_READ;
    this.batched = 0;
    if (!sameWay || oldest.deadlineNs <= nowNs) return oldest;
    return d.bySector[d.position(this.nextSector)] ?? oldest;
  }

  private merge(d: Direction, bio: Bio): boolean {
    const at = d.position(bio.sector);
    const before = d.bySector[at - 1], after = d.bySector[at];
    if (before !== undefined && before.sector + before.sectors === bio.sector && this.fits(before, bio)) {
      before.bios.push(bio);
      return this.grow(before, bio);
    }
    if (after !== undefined && bio.sector + bio.sectors === after.sector && this.fits(after, bio)) {
      after.bios.unshift(bio);
      after.sector = bio.sector;
      return this.grow(after, bio);
    }
    return false;
  }

  private fits(r: Request, bio: Bio): boolean {
    return r.sectors + bio.sectors <= this.limits.maxSectors && r.segments + bio.addrs.length <= this.limits.maxSegments;
  }

  private grow(r: Request, bio: Bio): true {
    r.sectors += bio.sectors;
    r.segments += bio.addrs.length;
    return true;
  }
}
