// Runs contenders in alternation: round by round every contender gets every row, so that a load that comes and goes hits all of them. What is compared is CPU
// time (user + system of the process and its children); ratios are made within a round, and their median and range are reported.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { out, program } from './bench-build.mjs';

const LIMIT_SECONDS = 120;

/** One run: { ok, why, cpu, wall (ms), rss (MB), stdout }. `times`() → { cpu, wall } of the part of it that counts, where that is not all. */
export function measure(argv, { env = {}, cwd = out, seconds = LIMIT_SECONDS, input, times } = {}) {
  const tool = program('tools/measure', 'native');
  if (tool.skip) throw new Error(`nothing can be measured: ${tool.skip}`);
  mkdirSync(out, { recursive: true });
  const report = `${out}measured-${process.pid}`;
  try {
    const r = spawnSync(tool, [report, String(seconds), ...argv], { cwd, env: { ...process.env, ...env }, input: input ?? '', maxBuffer: 64 << 20, timeout: (seconds + 10) * 1000 });
    const [status, wall, user, system, rss] = readFileSync(report, 'utf8').split(' ').map(Number);
    const why = status === 999 ? `not done after ${seconds} s` : status !== 0 ? `${status > 256 ? `signal ${status - 256}` : `status ${status}`}: ${complaint(r.stderr)}` : '';
    return { ok: status === 0, why, cpu: (user + system) / 1000, wall: wall / 1e6, rss: rss / 1024, stdout: r.stdout, ...status === 0 ? times?.() : {} };
  } finally {
    rmSync(report, { force: true });
  }
}

/**
 * rows: [{ name, command(contender) → { argv, env, seconds, times } | { skip }, value?(run) → number, check?(run) → text that must agree }]. `value` defaults to CPU ms.
 * `warm`: { contender, runs }, so often it runs each row before. With `startup` the row of that name is start-up: its median is taken off the others' values. Returns rows with one cell a contender.
 */
export function alternate(rows, contenders, { rounds, startup, warm, progress = () => {} }) {
  const samples = rows.map(() => contenders.map(() => ({ runs: [], skip: '' })));
  if (warm !== undefined && contenders.includes(warm.contender)) for (const row of rows) for (let i = 0; i < warm.runs; i++) {
    const command = row.command(warm.contender);
    progress(`before: ${row.name} ${warm.contender}`);
    if (!command.skip) measure(command.argv, command);
  }
  for (let round = 0; round < rounds; round++) {
    rows.forEach((row, i) => contenders.forEach((contender, j) => {
      const cell = samples[i][j];
      if (cell.skip) return;
      const command = row.command(contender);
      if (command.skip) { cell.skip = command.skip; return; }
      progress(`${round + 1}/${rounds} ${row.name} ${contender}`);
      const run = measure(command.argv, command);
      if (!run.ok) { cell.skip = run.why; return; }
      try {
        const check = row.check?.(run) ?? '';
        samples[i].check ??= check;
        if (check !== samples[i].check) throw new Error(`a different result: ${check} instead of ${samples[i].check}`);
        cell.runs.push({ value: row.value?.(run) ?? run.cpu, cpu: run.cpu, wall: run.wall, rss: run.rss });
      } catch (e) { cell.skip = e.message; }
    }));
  }
  const base = contenders.map((_, j) => {
    const i = rows.findIndex(r => r.name === startup);
    return i < 0 || samples[i][j].skip ? 0 : median(samples[i][j].runs.map(r => r.value));
  });
  return rows.map((row, i) => ({
    name: row.name, unit: row.unit ?? 'ms', details: row.details,
    cells: contenders.map((contender, j) => cellOf(contender, samples[i][j], samples[i][0], row.name === startup ? [0, 0] : [base[j], base[0]])),
  }));
}

function cellOf(contender, { runs, skip }, reference, [base, referenceBase]) {
  if (skip || runs.length === 0) return { contender, skip: skip || 'no run' };
  // What is left after start-up cannot be less than the clock's own noise.
  const net = runs.map(r => Math.max(0.01, r.value - base));
  const ratios = net.map((v, k) => v / Math.max(0.01, (reference.runs[k]?.value ?? NaN) - referenceBase)).filter(Number.isFinite);
  const spread = ratios.length === 0 ? null : { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
  return { contender, value: median(net), cpu: median(runs.map(r => r.cpu)), wall: median(runs.map(r => r.wall)), rss: Math.max(...runs.map(r => r.rss)), ...spread };
}

export function median(values) {
  const v = [...values].sort((a, b) => a - b), m = v.length >> 1;
  return v.length % 2 === 1 ? v[m] : (v[m - 1] + v[m]) / 2;
}

const complaint = stderr => stderr.toString().trim().split('\n').find(l => /error|fatal|kspace:|cannot|not /i.test(l))?.slice(0, 120) ?? 'no message';
