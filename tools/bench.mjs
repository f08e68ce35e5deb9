// npm run bench [-- --suite NAME[,NAME]] [--against native,qemu,wasm|none] [--rounds N] [--only NAME] [--json FILE] [--markdown FILE] [--node FILE].
// Suites with contenders: cpu, kernel, programs; security and devices compare kspace with itself. Suites of the parts alone, in process: bench/NAME.ts; cpu has both, --against none leaves its first half.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { common } from './build.mjs';
import { kspace, root, toolVersions } from './bench-build.mjs';
import { commands, contenders, PEERS, translations } from './bench-contenders.mjs';
import { markdown } from './bench-report.mjs';
import { alternate } from './bench-run.mjs';

const COMPARED = ['cpu', 'kernel', 'programs', 'security', 'devices'];
const argument = name => { const i = process.argv.indexOf(name); return i < 0 ? undefined : process.argv[i + 1]; };
const parts = readdirSync(`${root}bench`).filter(f => f.endsWith('.ts') && f !== 'suite.ts').map(f => f.slice(0, -3));
const all = [...new Set([...COMPARED, ...parts])];
const wanted = argument('--suite')?.split(',') ?? all;
for (const name of wanted) if (!all.includes(name)) { console.error(`no suite ${name}; there are: ${all.join(', ')}`); process.exit(2); }
const against = argument('--against')?.split(',');
for (const name of against ?? []) if (name !== 'none' && !PEERS.includes(name)) { console.error(`no contender ${name}; there are: ${PEERS.join(', ')}, none`); process.exit(2); }
const node = argument('--node') ?? process.execPath;
const jsonFile = process.argv.includes('--json') ? argument('--json') ?? '-' : undefined;

const results = [];
const start = wanted.some(name => COMPARED.includes(name)) && against?.[0] !== 'none' ? await frozen() : '';
for (const name of wanted) {
  if (parts.includes(name)) results.push(await runParts(name));
  if (COMPARED.includes(name) && against?.[0] !== 'none') results.push(await compare(name));
}
const report = results.filter(r => r.contenders !== undefined).flatMap(r => [`## ${r.suite}`, '', ...markdown(r), '']);
if (argument('--markdown') !== undefined) writeFileSync(argument('--markdown'), `${report.join('\n')}\n`);
if (jsonFile !== undefined) {
  const text = JSON.stringify({ date: new Date().toISOString(), node: versionOf(node), cpu: cpus()[0]?.model, tools: toolVersions(), results }, null, 1);
  if (jsonFile === '-' || jsonFile.startsWith('--')) console.log(text); else writeFileSync(jsonFile, `${text}\n`);
}
rmSync(translations, { recursive: true, force: true });
for (const r of results) if (r.status !== undefined && r.status !== 0) process.exitCode = 1;

/** bench/NAME.ts in a process of its own; options after the suite's name (--tier) go through to it. */
async function runParts(name) {
  const outdir = `${root}build/bench-${process.pid}`;
  const contents = `import { suite } from './bench/${name}.ts';
    import { writeFileSync } from 'node:fs';
    const rows = [];
    await suite.run((what, value, unit) => { rows.push({ what, value, unit }); console.log(\`\${what.padEnd(44)} \${value >= 100 ? value.toFixed(0) : value.toFixed(2)} \${unit}\`); });
    writeFileSync(process.env.KSPACE_ROWS, JSON.stringify(rows));`;
  try {
    await build({ ...common, stdin: { contents, resolveDir: root, loader: 'ts' }, outfile: `${outdir}/${name}.mjs`, packages: 'external' });
    console.log(`== ${name} (Node ${versionOf(node)})`);
    const rest = process.argv.slice(2);
    const r = spawnSync(node, [`${outdir}/${name}.mjs`, ...rest], { cwd: root, stdio: 'inherit', env: { ...process.env, KSPACE_ROOT: root, KSPACE_ROWS: `${outdir}/rows.json` } });
    return { suite: name, status: r.status, parts: r.status === 0 ? JSON.parse(readFileSync(`${outdir}/rows.json`, 'utf8')) : [] };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** kspace of this moment; what does not build in a tree under work is said shortly. */
async function frozen() {
  try {
    return await kspace();
  } catch (e) {
    console.error(`kspace does not build: ${e.message}`);
    process.exit(1);
  }
}

/** A suite with contenders: { suite, contenders, rows }. */
async function compare(name) {
  const suite = await import(`./bench-${name}.mjs`);
  const who = suite.contenders ?? contenders(against).filter(c => !(suite.without ?? []).includes(c));
  const context = { commands: commands({ node, start }), only: argument('--only') };
  await suite.prepare?.(context, who);
  const progress = process.stderr.isTTY ? text => process.stderr.write(`\r\x1b[K${text}`) : () => {};
  console.log(`== ${name}: ${who.join(', ')} (Node ${versionOf(node)})`);
  const rows = alternate(suite.rows(context), who, { rounds: Number(argument('--rounds') ?? 3), startup: suite.startup, warm: suite.warm, progress });
  if (suite.warm !== undefined) console.log(`${suite.warm.contender}: after ${suite.warm.runs} runs that are not counted`);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const result = { suite: name, contenders: who, rows };
  console.log(markdown(result).join('\n'));
  return result;
}

function versionOf(file) { return file === process.execPath ? process.version : spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim(); }
