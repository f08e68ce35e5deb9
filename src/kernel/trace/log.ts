// The kernel's message buffer: what dmesg(1) shows and syslog(2) reads. Bounded; old lines go first.

/** Severity as in syslog(2): 0 emergency ... 7 debug. */
export type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
export interface LogLine { readonly seq: number; readonly level: LogLevel; readonly timeNs: number; readonly text: string }

const CAPACITY = 1024;

export class KernelLog {
  readonly lines: LogLine[] = [];
  private seq = 0;
  /** Lines that a host front end has not printed yet are those with seq >= this. */
  get nextSeq(): number { return this.seq; }

  add(level: LogLevel, timeNs: number, text: string): void {
    for (const line of text.split('\n')) this.lines.push({ seq: this.seq++, level, timeNs, text: line });
    if (this.lines.length > CAPACITY) this.lines.splice(0, this.lines.length - CAPACITY);
  }

  /** `[    1.234567] text` */
  static format(line: LogLine): string {
    const us = Math.floor(line.timeNs / 1000);
    return `[${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, '0')}] ${line.text}`;
  }
}
