// A user at a terminal, for tests: script(1) makes the pseudo terminal, this side types and looks.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Screen } from './screen.ts';
import { PATIENCE } from '../patience.ts';

/** Why such tests cannot run here, or false. */
export function noPty(): string | false {
  return spawnSync('script', ['--version']).status === 0 && spawnSync('stty', ['--version']).status === 0 ? false : 'no script(1) and stty(1) to make a terminal with';
}

export class Pty {
  /** Everything written so far. */
  out = '';
  readonly screen: Screen;
  readonly #child: ChildProcess;
  readonly #dir = mkdtempSync(join(tmpdir(), 'kspace-pty-'));
  readonly exited: Promise<number>;
  #seen = 0;
  #watchers: (() => void)[] = [];

  constructor(command: string, { columns = 80, rows = 24, env = {} }: { columns?: number; rows?: number; env?: Record<string, string> } = {}) {
    this.screen = new Screen(columns, rows);
    const setUp = `tty > ${this.#dir}/tty; stty cols ${columns} rows ${rows}; `;
    this.#child = spawn('script', ['-qfec', setUp + command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TERM: 'xterm', ...env } });
    this.#child.stdout!.setEncoding('latin1').on('data', (s: string) => {
      // A terminal answers where its cursor is (DSR); ash asks before every prompt.
      for (const part of s.split('\x1b[6n').map((text, i) => ({ text, asked: i > 0 }))) {
        if (part.asked) this.type(`\x1b[${this.screen.y + 1};${this.screen.x + 1}R`);
        this.out += part.text;
        this.screen.write(part.text);
      }
      for (const w of this.#watchers) w();
    });
    this.#child.stdin!.on('error', () => {});
    this.exited = new Promise(resolve => this.#child.on('close', code => {
      rmSync(this.#dir, { recursive: true, force: true });
      for (const w of this.#watchers) w();
      resolve(code ?? -1);
    }));
  }

  type(keys: string): void { this.#child.stdin!.write(Buffer.from(keys, 'latin1')); }

  /** Waits until what came since the last match matches; later searches begin behind it. */
  async expect(pattern: RegExp | string, ms = 15_000): Promise<RegExpExecArray> {
    const re = typeof pattern === 'string' ? new RegExp(pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')) : pattern;
    return this.#until(() => {
      const m = re.exec(this.out.slice(this.#seen));
      if (m !== null) this.#seen += m.index + m[0].length;
      return m;
    }, ms, () => `${re} in ${JSON.stringify(this.out.slice(this.#seen))}`);
  }

  /** Waits until the screen satisfies the condition: its lines. */
  async see(condition: (lines: string[]) => boolean, what: string, ms = 15_000): Promise<string[]> {
    return this.#until(() => (condition(this.screen.text) ? this.screen.text : null), ms, () => `${what}; the screen is\n${this.screen.text.join('\n')}`);
  }

  /** Ends an editor's insertion: the cursor goes back to column `x`. What comes together with the Escape may be taken for one key with it. */
  async escape(x: number): Promise<void> {
    this.type('\x1b');
    await this.see(() => this.screen.x === x, `the cursor in column ${x}`);
  }

  /** The user drags the window's corner. */
  resize(columns: number, rows: number): void {
    const tty = readFileSync(join(this.#dir, 'tty'), 'utf8').trim();
    spawnSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)]);
  }

  close(): void { this.#child.kill('SIGKILL'); }

  #until<T>(probe: () => T | null, ms: number, what: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        this.#watchers = this.#watchers.filter(w => w !== check);
      };
      const check = () => {
        const r = probe();
        if (r !== null) { finish(); resolve(r); }
        else if (this.#child.exitCode !== null) { finish(); reject(new Error(`the program ended while waiting for ${what()}`)); }
      };
      const timer = setTimeout(() => { finish(); reject(new Error(`waited ${ms * PATIENCE} ms for ${what()}`)); }, ms * PATIENCE);
      this.#watchers.push(check);
      check();
    });
  }
}
