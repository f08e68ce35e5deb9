// The machine, the kernel, file systems and drivers bundle for a browser, and the bundle asks for nothing of Node.
import { build } from 'esbuild';
import { common } from './build.mjs';

const result = await build({
  ...common, entryPoints: ['src/system/browser/api.ts'], platform: 'browser', target: 'es2023', write: false, metafile: true, outdir: 'build/browser',
  external: [], banner: {},
});
const text = result.outputFiles.map(f => f.text).join('\n');
const nodeImports = Object.values(result.metafile.outputs).flatMap(o => o.imports).filter(i => i.external);
const requires = text.match(/\brequire\(|["']node:[a-z]+|\bprocess\.(env|stdin|stdout|argv)\b/g) ?? [];
if (nodeImports.length > 0 || requires.length > 0) {
  console.error('the browser bundle wants Node:', nodeImports.map(i => i.path), requires);
  process.exit(1);
}
console.log(`browser bundle: ${(text.length / 1024).toFixed(0)} KiB, no Node imports`);
