// A terminal's screen for tests: takes what a program writes and knows what a user would see. As much of ECMA-48 and xterm's control sequences
// as BusyBox, vim and procps use; an unknown sequence is ignored.

export class Screen {
  columns: number;
  rows: number;
  readonly lines: string[][];
  x = 0;
  y = 0;
  #top = 0;
  #bottom: number;
  #pending = '';
  /** The last column has been written: the next character wraps. */
  #wrap = false;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#bottom = rows - 1;
    this.lines = Array.from({ length: rows }, () => blank(columns));
  }

  /** What is on the screen, line by line, trailing blanks cut. */
  get text(): string[] { return this.lines.map(l => l.join('').trimEnd()); }

  write(data: string): void {
    let s = this.#pending + data;
    this.#pending = '';
    while (s !== '') {
      const c = s[0]!;
      if (c !== '\x1b') { this.#character(c); s = s.slice(1); continue; }
      // oxlint-disable-next-line no-control-regex -- control sequences are what this is about
      const m = /^\x1b(?:\[([?>=!]?)([\d;]*)([ -/]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()#][\s\S]|([=>78DEMHc]))/.exec(s);
      if (m === null) {
        if (s.length < 64) { this.#pending = s; return; }
        s = s.slice(1);
        continue;
      }
      s = s.slice(m[0].length);
      if (m[4] !== undefined) this.#control(m[1]!, m[2]!.split(';').map(n => Number(n)), m[4]);
      else if (m[5] === 'M') this.#reverseIndex();
      else if (m[5] === 'D' || m[5] === 'E') { if (m[5] === 'E') this.x = 0; this.#lineFeed(); }
    }
  }

  #character(c: string): void {
    switch (c) {
      case '\r': this.x = 0; this.#wrap = false; return;
      case '\n': this.#lineFeed(); return;
      case '\b': this.x = Math.max(0, this.x - 1); this.#wrap = false; return;
      case '\t': this.x = Math.min(this.columns - 1, (this.x & ~7) + 8); return;
      default:
        if (c < ' ') return;
        if (this.#wrap) { this.x = 0; this.#lineFeed(); }
        this.lines[this.y]![this.x] = c;
        this.#wrap = this.x === this.columns - 1;
        if (!this.#wrap) this.x++;
    }
  }

  #lineFeed(): void {
    this.#wrap = false;
    if (this.y !== this.#bottom) { this.y = Math.min(this.rows - 1, this.y + 1); return; }
    this.lines.splice(this.#top, 1);
    this.lines.splice(this.#bottom, 0, blank(this.columns));
  }

  #reverseIndex(): void {
    if (this.y > this.#top) { this.y--; return; }
    this.lines.splice(this.#bottom, 1);
    this.lines.splice(this.#top, 0, blank(this.columns));
  }

  #control(mark: string, n: number[], final: string): void {
    if (mark !== '') return;
    const count = Math.max(1, n[0] ?? 1);
    this.#wrap = false;
    switch (final) {
      case 'A': this.y = Math.max(0, this.y - count); break;
      case 'B': this.y = Math.min(this.rows - 1, this.y + count); break;
      case 'C': this.x = Math.min(this.columns - 1, this.x + count); break;
      case 'D': this.x = Math.max(0, this.x - count); break;
      case 'G': this.x = count - 1; break;
      case 'd': this.y = count - 1; break;
      case 'H': case 'f':
        this.y = Math.min(this.rows, Math.max(1, n[0] ?? 1)) - 1;
        this.x = Math.min(this.columns, Math.max(1, n[1] ?? 1)) - 1;
        break;
      case 'J': this.#erase(n[0] ?? 0, this.y * this.columns + this.x, this.rows * this.columns); break;
      case 'K': this.#erase(n[0] ?? 0, this.y * this.columns + this.x, (this.y + 1) * this.columns, this.y * this.columns); break;
      case 'L': for (let i = 0; i < count; i++) { this.lines.splice(this.#bottom, 1); this.lines.splice(this.y, 0, blank(this.columns)); } break;
      case 'M': for (let i = 0; i < count; i++) { this.lines.splice(this.y, 1); this.lines.splice(this.#bottom, 0, blank(this.columns)); } break;
      case 'P': this.lines[this.y]!.splice(this.x, count); this.lines[this.y]!.push(...blank(count)); this.lines[this.y]!.length = this.columns; break;
      case '@': this.lines[this.y]!.splice(this.x, 0, ...blank(count)); this.lines[this.y]!.length = this.columns; break;
      case 'r': this.#top = Math.max(1, n[0] ?? 1) - 1; this.#bottom = (n[1] || this.rows) - 1; this.x = 0; this.y = 0; break;
      default:
    }
  }

  /** 0: from the cursor to `end`; 1: from `start` to the cursor; 2: all. */
  #erase(kind: number, cursor: number, end: number, start = 0): void {
    const [from, to] = kind === 0 ? [cursor, end] : kind === 1 ? [start, cursor + 1] : [start, end];
    for (let i = from; i < to; i++) this.lines[Math.floor(i / this.columns)]![i % this.columns] = ' ';
  }
}

const blank = (n: number): string[] => Array.from({ length: n }, () => ' ');
