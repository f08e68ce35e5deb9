// Reverse mapping: which page-table entries map a frame. Most frames have one entry, which lies in the frame's own record; further ones
// (fork, shared files) are nodes of a pool, newest first, so that what a short-lived child adds is found at once when it goes.
// Invariant: a chain holds exactly the leaf entries that map the frame; the frame of zeros has none. An entry is named by its position in ram.u32,
// and the record of the table around it says which space and which pages it serves (PageTable).

export class MapChains {
  /** Per frame: 0 unmapped, > 0 position of its only entry, < 0 minus its first node. Links of nodes are of the same form. */
  private readonly head: Int32Array;
  private at = new Int32Array(256);
  private next = new Int32Array(256);
  /** Node 0 is never used. */
  private nodes = 1;
  private free = 0;

  constructor(frames: number) { this.head = new Int32Array(frames); }

  isMapped(pfn: number): boolean { return this.head[pfn] !== 0; }

  add(pfn: number, at: number): void {
    const head = this.head[pfn]!;
    this.head[pfn] = head === 0 ? at : -this.node(at, head);
  }

  remove(pfn: number, at: number): void {
    let link = this.head[pfn]!;
    if (link === at) {
      this.head[pfn] = 0;
      return;
    }
    for (let before = 0; link < 0; before = -link, link = this.next[-link]!) {
      const rest = this.next[-link]!;
      if (this.at[-link] === at) {
        this.relink(pfn, before, rest);
        this.drop(-link);
        return;
      }
      if (rest === at) {            // the end of a chain is a bare position: its node becomes one
        this.relink(pfn, before, this.at[-link]!);
        this.drop(-link);
        return;
      }
    }
    throw new Error(`frame ${pfn} is not mapped by the entry at ${at}`);
  }

  /** The entry has moved (mremap). */
  move(pfn: number, from: number, to: number): void {
    this.remove(pfn, from);
    this.add(pfn, to);
  }

  /** How many entries map the frame. */
  count(pfn: number): number {
    let n = 0;
    for (let link = this.head[pfn]!; link !== 0; link = this.following(link)) n++;
    return n;
  }

  // A walk: for (let c = chains.first(pfn); c !== 0; c = chains.following(c)) chains.position(c)

  first(pfn: number): number { return this.head[pfn]!; }
  following(cursor: number): number { return cursor > 0 ? 0 : this.next[-cursor]!; }
  position(cursor: number): number { return cursor > 0 ? cursor : this.at[-cursor]!; }

  private relink(pfn: number, before: number, link: number): void {
    if (before === 0) this.head[pfn] = link;
    else this.next[before] = link;
  }

  private node(at: number, next: number): number {
    let n = this.free;
    if (n !== 0) this.free = this.next[n]!;
    else {
      n = this.nodes++;
      if (n === this.at.length) this.grow();
    }
    this.at[n] = at;
    this.next[n] = next;
    return n;
  }

  private drop(n: number): void {
    this.next[n] = this.free;
    this.free = n;
  }

  private grow(): void {
    const at = new Int32Array(this.at.length * 2), next = new Int32Array(this.at.length * 2);
    at.set(this.at);
    next.set(this.next);
    this.at = at;
    this.next = next;
  }
}
