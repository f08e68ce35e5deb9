// Debian's Node.js in the guest: workers, children, a local server; and Rust programs as npm ships them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { storeDir } from '../../src/image/store.ts';
import { inGuest, noNode, noPrograms } from './images.ts';

/** A package of the npm registry, fetched once: its folder, or why it cannot be had. */
function fetched(name: string, version: string): { dir: string; missing: string | false } {
  const dir = join(storeDir(), 'test', `${name.replace(/^@/, '').replace('/', '-')}-${version}`);
  if (!existsSync(join(dir, 'package/package.json'))) {
    mkdirSync(dir, { recursive: true });
    const packed = spawnSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: dir, encoding: 'utf8', timeout: 120_000 });
    const unpacked = packed.status === 0 && spawnSync('tar', ['xzf', packed.stdout.trim()], { cwd: dir }).status === 0;
    if (!unpacked) return { dir, missing: `npm has no network: ${name} cannot be had` };
  }
  return { dir: join(dir, 'package'), missing: false };
}

const node = await noNode(), programs = await noPrograms();
const dprint = fetched('@dprint/linux-riscv64-glibc', '0.54.0'), plugin = fetched('@dprint/json', '0.24.0'), snappy = fetched('@napi-rs/snappy-linux-riscv64-gnu', '7.4.3');

describe('node and npm', () => {
  it('nodejs: workers with shared memory, children, a server, streams, WebAssembly', { skip: node }, () => {
    assert.equal(inGuest('exec node /test/workers.mjs', { image: 'node' }), [
      'workers 1:1000 2:1000 3:1000 [ 0, 0, 0 ] 6000,3', 'fork [ 2, 4, 6 ] 9', "spawn [ '8', '9', '10', '' ] 42\n", 'kill ,SIGTERM', 'http you asked for /page', 'zlib true ba7816bf8f01cfea',
      'files 70000 42', 'timers 3', 'status 3', '',
    ].join('\n'));
  });

  it('a Rust addon in node: snappy, in its thread pool too', { skip: node || snappy.missing }, () => {
    const script = `const s = require('/snappy/snappy.linux-riscv64-gnu.node'), text = Buffer.from('kspace '.repeat(5000));
      const c = s.compressSync(text); console.log(c.length < 3000, s.uncompressSync(c).equals(text));
      Promise.all([1, 2, 3, 4].map(() => s.compress(text))).then(all => console.log(all.every(x => x.equals(c))));`;
    assert.equal(inGuest(`node -e "${script}"`, { image: 'node', volumes: [`${snappy.dir}:/snappy:ro`] }), 'true true\ntrue\nstatus 0\n');
  });

  it('a Rust program: dprint compiles its plugin from WebAssembly to RISC-V and formats a file', { skip: programs || dprint.missing || plugin.missing }, () => {
    const out = inGuest(`cp /plugin/plugin.wasm .; echo '{ "json": {}, "plugins": ["./plugin.wasm"] }' > dprint.json; echo '{"a":[1,2,   3],"b":   {}}' > x.json
      /dprint/dprint --version; /dprint/dprint fmt --incremental=false x.json; cat x.json`, { volumes: [`${dprint.dir}:/dprint:ro`, `${plugin.dir}:/plugin:ro`] });
    assert.match(out, /^dprint 0\.54\.0\n/);
    assert.match(out, /Formatted .*1.* file\.\n\{ "a": \[1, 2, 3\], "b": \{\} \}\nstatus 0\n$/);
  });
});
