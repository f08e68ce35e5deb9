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

  /** Names in it may be a program's choice, and the reader a terminal: control characters become \xNN, as /dev/kmsg shows them. */
  add(level: LogLevel, timeNs: number, text: string): void {
    for (const line of text.split('\n')) this.lines.push({ seq: this.seq++, level, timeNs, text: harmless(line) });
    if (this.lines.length > CAPACITY) this.lines.splice(0, this.lines.length - CAPACITY);
  }

  /** `[    1.234567] text` */
  static format(line: LogLine): string {
    const us = Math.floor(line.timeNs / 1000);
    return `[${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, '0')}] ${line.text}`;
  }
}

/** C0 except tab, DEL, and C1, which is where some terminals take escape sequences from, too. */
// oxlint-disable-next-line no-control-regex -- They are what is looked for.
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const harmless = (line: string): string => line.replace(CONTROLS, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
