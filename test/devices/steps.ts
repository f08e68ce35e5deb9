// Runs a program of test/guest/bin on a machine with devices: it asks for things with lines "step NAME", the test does them and lets it go on.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { type BootOptions, boot, type Machine } from '../../src/system/api.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import { PATIENCE } from '../patience.ts';

const ROOT = process.env['KSPACE_ROOT'] ?? new URL('../..', import.meta.url).pathname;
const LIMIT_MS = 30_000;

export const PLACEMENTS = ['monolithic', 'hybrid'] as const;
export type Mode = typeof PLACEMENTS[number];

/** A machine under a seed whose root holds the program. */
export function machineFor(program: string, options: Omit<BootOptions, 'image'>): Promise<Machine> {
  return boot({
    memory: '64M', seed: 1, ...options,
    image: memoryFs({
      '/test': { content: readFileSync(`${ROOT}/test/guest/bin/${program}`), mode: 0o755 },
      ...Object.fromEntries(['/tmp', '/proc', '/sys', '/dev'].map(path => [path, { directory: true as const }])),
    }),
  });
}

/** What it printed without the step lines; `steps` are called in order, and none is left over. */
export async function runSteps(machine: Machine, args: readonly string[], steps: readonly (readonly [name: string, act: () => void | Promise<void>])[]): Promise<string> {
  const process = machine.spawn(['/test', ...args]);
  const stdin = process.stdin.getWriter(), reader = process.stdout.getReader();
  const decoder = new TextDecoder();
  let text = '', out = '', next = 0;
  const timer = setTimeout(() => process.kill('SIGKILL'), LIMIT_MS * PATIENCE);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      const line = text.slice(0, at);
      text = text.slice(at + 1);
      if (!line.startsWith('step ')) {
        out += `${line}\n`;
        continue;
      }
      const step = steps[next++];
      if (step?.[0] !== line.slice(5)) throw new Error(`the program asks for '${line}', the test has '${step?.[0]}'; so far:\n${out}`);
      await step[1]();
      await stdin.write(new Uint8Array(1));
    }
  }
  clearTimeout(timer);
  const { code } = await process.status;
  if (next !== steps.length || code !== 0) throw new Error(`status ${code} after step ${next} of ${steps.length}; so far:\n${out}`);
  return out;
}

/** BLESS=1 writes down what was printed; read the difference against the documentation before it is committed. */
export function compare(name: string, out: string): void {
  const file = `${ROOT}/test/devices/expected/${name}.out`;
  if (process.env['BLESS'] === '1') writeFileSync(file, out);
  assert.equal(out, readFileSync(file, 'utf8'));
}
