// Progress on standard error: one line that rewrites itself on a terminal, one line a stage otherwise.
import { writeSync } from 'node:fs';

export interface Progress {
  /** A stage begins or changes: "downloading", "unpacking" … with how far it is. */
  step(text: string, detail?: string): void;
  /** A line that stays. */
  say(text: string): void;
  /** Ends a rewriting line. */
  end(): void;
}

/** For callers who want silence. */
export const silent: Progress = { step() {}, say() {}, end() {} };

export function stderrProgress(): Progress {
  const tty = process.stderr.isTTY === true;
  let open = false;
  let stage = '';
  const end = () => { if (open) write('\r\x1b[K'); open = false; };
  return {
    step(text, detail = '') {
      if (tty) {
        write(`\r\x1b[K${`kspace: ${text} ${detail}`.slice(0, (process.stderr.columns ?? 80) - 1)}`);
        open = true;
      } else if (text !== stage) {
        write(`kspace: ${text}\n`);
      }
      stage = text;
    },
    say(text) { end(); write(`kspace: ${text}\n`); },
    end,
  };
}

function write(s: string): void {
  try { writeSync(2, s); } catch { /* nobody listens */ }
}
