// The table of translated functions, and who has which place in it. A place goes with an anchor (anchors.ts), and stands in a region's code.

/** Nobody has it; a module of the library will, if it is wanted; somebody has it. */
const FREE = 0, RESERVED = 1, TAKEN = 2;
/** The table grows by so many. */
const STEP = 1024;

export class Places {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: STEP });
  readonly #state: Uint8Array;
  readonly #given: number[] = [];
  /** All in front of it were free once. */
  #next = 0;

  /** So many; `reserved` of them, at most half, are only for who names them. */
  constructor(count: number, reserved: readonly number[]) {
    this.#state = new Uint8Array(count);
    for (const index of reserved.slice(-count / 2)) this.#state[index] = RESERVED;
  }

  /** As many as there are besides what may be reserved. */
  get most(): number { return this.#state.length >> 1; }

  /** There are `n` free ones. */
  has(n: number): boolean {
    let free = this.#given.length;
    for (let i = this.#next; i < this.#state.length && free < n; i++) if (this.#state[i] === FREE) free++;
    return free >= n;
  }

  /** One that `has` has seen. */
  take(): number {
    let index = this.#given.pop();
    if (index === undefined) {
      while (this.#state[this.#next] !== FREE) this.#next++;
      index = this.#next++;
    }
    this.#occupy(index);
    return index;
  }

  /** All of these, if all are reserved. */
  claim(indices: readonly number[]): boolean {
    if (!indices.every(i => this.#state[i] === RESERVED)) return false;
    for (const i of indices) this.#occupy(i);
    return true;
  }

  giveBack(index: number): void {
    this.table.set(index, null);
    this.#state[index] = FREE;
    this.#given.push(index);
  }

  #occupy(index: number): void {
    this.#state[index] = TAKEN;
    while (index >= this.table.length) this.table.grow(STEP);
  }
}
