// What reclaim remembers of pages that it has sent away: when that was, in pages that went since boot. A page that comes back after fewer others have gone
// than there are active pages would have stayed if it had been active: it starts there (Linux: workingset.c, "refault distance").
// A table of fixed size, one place for each frame of memory: a distance beyond that says nothing any more.

const AGE = 0x7fff_ffff, FORCED = 0x8000_0000;

export class Shadows {
  private readonly mask: number;
  private readonly owners: Int32Array;
  private readonly indices: Uint32Array;
  private readonly ages: Uint32Array;
  /** Pages that went or were made active. */
  age = 1;
  /** Of the last `recall`: the distance, and whether the page was sent away although it was in use. */
  distance = 0;
  wasForced = false;

  constructor(frames: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(frames, 64)));
    this.mask = size - 1;
    this.owners = new Int32Array(size);
    this.indices = new Uint32Array(size);
    this.ages = new Uint32Array(size);
  }

  /** Page `index` of `owner` (a cache; -1: the swap space) goes. */
  note(owner: number, index: number, why: 'unused' | 'used'): void {
    const at = this.place(owner, index);
    this.owners[at] = owner;
    this.indices[at] = index;
    this.ages[at] = (this.age++ & AGE) | (why === 'used' ? FORCED : 0);
  }

  /** It is back. True: it was remembered, and `distance` says how many went after it. */
  recall(owner: number, index: number): boolean {
    const at = this.place(owner, index);
    if (this.owners[at] !== owner || this.indices[at] !== index >>> 0) return false;
    this.owners[at] = 0;
    this.distance = (this.age - this.ages[at]!) & AGE;
    this.wasForced = (this.ages[at]! & FORCED) !== 0;
    return true;
  }

  private place(owner: number, index: number): number { return (Math.imul(owner, 0x9e3779b1) + index) & this.mask; }
}
