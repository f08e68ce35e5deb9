// `node tools/code-cache.cjs BUNDLE`: runs the smallest program there is and leaves the code that V8 compiled for it in BUNDLE.cache (bin/start.cjs).
'use strict';
const { chmodSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { record } = require('../bin/start.cjs');

const root = mkdtempSync(join(tmpdir(), 'kspace-build-'));
writeFileSync(join(root, 'true'), exitingProgram());
chmodSync(join(root, 'true'), 0o755);
const bundle = process.argv[2];
process.argv = [process.argv[0], bundle, 'run', root, '--', '/true'];
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
record(bundle, () => {
  // What src/host/node/v8.ts has set.
  if (process.versions.v8.startsWith('11.3')) setFlagsFromString('--no-experimental-wasm-relaxed-simd');
});

/** A static RV64 ELF file whose one segment is `exit_group(0)` (elf(5)). */
function exitingProgram() {
  const code = [0x05e00893, 0x00000513, 0x00000073], base = 0x10000, header = 64 + 56, elf = Buffer.alloc(header + 4 * code.length);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeUInt16LE(2, 16); // ET_EXEC
  elf.writeUInt16LE(243, 18); // EM_RISCV
  elf.writeUInt32LE(1, 20);
  elf.writeUInt32LE(base + header, 24);
  elf.writeUInt32LE(64, 32);
  elf.writeUInt32LE(5, 48); // compressed instructions, doubles
  [64, 56, 1].forEach((n, i) => elf.writeUInt16LE(n, 52 + 2 * i));
  [1, 5].forEach((n, i) => elf.writeUInt32LE(n, 64 + 4 * i)); // PT_LOAD, PF_R | PF_X
  [[base, 16], [base, 24], [elf.length, 32], [elf.length, 40], [4096, 48]].forEach(([n, at]) => elf.writeUInt32LE(n, 64 + at));
  code.forEach((word, i) => elf.writeUInt32LE(word, header + 4 * i));
  return elf;
}
