// npm run bench [-- --suite NAME[,NAME]] [--json]: runs the suites bench/NAME.ts, one process each, and prints a table.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { common } from './build.mjs';

const root = new URL('..', import.meta.url).pathname;
const argument = name => { const i = process.argv.indexOf(name); return i < 0 ? undefined : process.argv[i + 1]; };
const all = readdirSync(root + 'bench').filter(f => f.endsWith('.ts') && f !== 'suite.ts').map(f => f.slice(0, -3));
const wanted = argument('--suite')?.split(',') ?? all;
for (const name of wanted) if (!all.includes(name)) { console.error(`no suite ${name}; there are: ${all.join(', ')}`); process.exit(2); }

const outdir = `build/bench-${process.pid}`;
try {
  for (const name of wanted) {
    const contents = `import { suite } from './bench/${name}.ts';
      const rows = [];
      await suite.run((what, value, unit) => { rows.push({ what, value, unit }); if (!${process.argv.includes('--json')}) console.log(\`\${what.padEnd(44)} \${value >= 100 ? value.toFixed(0) : value.toFixed(2)} \${unit}\`); });
      if (${process.argv.includes('--json')}) console.log(JSON.stringify({ suite: suite.name, node: process.version, rows }));`;
    await build({ ...common, stdin: { contents, resolveDir: root, loader: 'ts' }, outfile: `${outdir}/${name}.mjs`, packages: 'external' });
    if (!process.argv.includes('--json')) console.log(`== ${name} (Node ${process.version})`);
    const r = spawnSync(process.execPath, [`${outdir}/${name}.mjs`], { cwd: root, stdio: 'inherit', env: { ...process.env, KSPACE_ROOT: root } });
    if (r.status !== 0) process.exitCode = 1;
  }
} finally { rmSync(root + outdir, { recursive: true, force: true }); }
