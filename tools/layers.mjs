// The architecture as a table. A value import that is not listed here fails `npm run layers`; `import type` is free inside kernel/.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** layer -> what it may import (value imports): other layers, or single files ('machine/machine.ts'). Own layer always. */
export const MAY_IMPORT = {
  'lib': [],
  'abi': ['lib'],
  'machine': ['lib', 'machine/devices', 'host/host.ts'],
  // Device models speak to the host in its contract; virtio-fs speaks FUSE, virtio-input evdev.
  'machine/devices': ['lib', 'machine', 'host/host.ts', 'abi/errno.ts', 'abi/fuse.ts', 'abi/input.ts', 'abi/input-keys.ts'],
  'kernel': ['lib', 'abi', 'machine/machine.ts'],
  'kernel/syscall': ['lib', 'abi', 'machine/machine.ts', 'kernel'],
  'kernel/entry': ['lib', 'abi', 'machine/machine.ts', 'kernel', 'kernel/syscall'],
  'kernel/strace': ['lib', 'abi', 'machine/machine.ts', 'kernel', 'kernel/syscall', 'kernel/entry'],
  'fs': ['lib', 'abi', 'kernel', 'machine/machine.ts'],
  'drivers': ['drivers/core', 'lib', 'abi', 'kernel', 'machine/machine.ts', 'machine/registers.ts'],
  // Cores of drivers run in a worker without any of the kernel.
  'drivers/core': ['lib', 'abi/errno.ts', 'machine/machine.ts', 'machine/registers.ts'],
  'image': ['lib', 'abi', 'host'],
  'host': ['lib', 'abi', 'machine'],
  'system': ['*'],
  'cli': ['*'],
};
/** Layers that may import packages or node: modules. Everything else is pure. */
const MAY_IMPORT_PACKAGES = ['host/node', 'image', 'cli', 'system/node'];

/** Code that is made at run time: only the translator and the interpreter's generator do so, RAM is one WebAssembly.Memory, engines are probed. Text becomes code in one place: V8 has two functions that no other syntax reaches. */
const MAKERS = [
  [/\bWebAssembly\.(?:Module|Instance|compile\w*|instantiate\w*)\b/, ['machine/jit/', 'machine/hart/', 'machine/engine.ts', 'machine/fpu/', 'machine/webassembly.d.ts', 'host/node/native-code.ts', 'host/node/translation-store.ts']],
  [/\bnew WebAssembly\.(?:Memory|Table)\b/, ['machine/jit/', 'machine/engine.ts', 'machine/ram.ts']],
  [/(?<![\w.'-])eval\(|\bnew (?:\w+)?Function\(|\.constructor\(|\bfrom 'node:vm'/, ['host/node/native-code.ts']],
];

const root = new URL('..', import.meta.url).pathname + 'src/';
const layerOf = path => Object.keys(MAY_IMPORT).filter(l => path.startsWith(l + '/')).sort((a, b) => b.length - a.length)[0];

export function violations() {
  const out = [];
  for (const file of readdirSync(root, { recursive: true })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const from = layerOf(file);
    if (from === undefined) { out.push(`${file}: belongs to no layer`); continue; }
    const text = readFileSync(root + file, 'utf8');
    for (const [words, allowed] of MAKERS) {
      const found = words.exec(text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, ''));
      if (found !== null && !allowed.some(a => file.startsWith(a))) out.push(`${file}: makes code at run time: ${found[0]}`);
    }
    for (const m of text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm)) {
      const [, typeOnly, target] = m;
      if (!target.startsWith('.')) {
        if (!MAY_IMPORT_PACKAGES.some(p => file.startsWith(p)) && !typeOnly) out.push(`${file}: imports package ${target}`);
        continue;
      }
      const path = normalize(join(dirname(file), target));
      const to = layerOf(path);
      if (to === undefined) { out.push(`${file}: ${target} is in no layer`); continue; }
      if (from === to || MAY_IMPORT[from].includes('*')) continue;
      if (typeOnly && from.startsWith('kernel') && to.startsWith('kernel')) continue;
      if (!MAY_IMPORT[from].some(a => a === to || a === path)) out.push(`${file}: ${from} may not import ${path}`);
    }
  }
  return out;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const bad = violations();
  for (const v of bad) console.error(v);
  if (bad.length > 0) process.exit(1);
}
