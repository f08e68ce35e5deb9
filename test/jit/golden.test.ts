// What the translator makes of small pieces of code: golden/NAME.s becomes golden/NAME.wat. Accepted, after a look at the difference, by BLESS=1 npm test jit/golden.
// The .s is assembled by riscv64-linux-gnu-gcc; its words are kept in NAME.hex, so that the test runs without.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { enableEngineFeatures } from '../../src/host/node/v8.ts';
import { type Engine, PLAIN_ENGINE, probeEngine } from '../../src/machine/engine.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import type { TranslatedFunction, TranslatedModule } from '../../src/machine/jit/observer.ts';
import { regionText } from '../../src/machine/jit/region-text.ts';
import { addTranslator } from '../../src/machine/jit/translator.ts';

const DIR = join(process.env['KSPACE_ROOT'] ?? new URL('../..', import.meta.url).pathname, 'test/jit/golden');
const BLESS = process.env['BLESS'] === '1';
const CODE = 0x10000, CALLER = 0x1f000, DATA = 0x20000, STACK = 0x30000;
const TOOLS = ['riscv64-linux-gnu-gcc', 'riscv64-linux-gnu-objcopy'] as const;
const hasCompiler = spawnSync(TOOLS[0], ['--version']).status === 0;

enableEngineFeatures();
const fusing = probeEngine();

describe('generated code', () => {
  for (const name of readdirSync(DIR).filter(f => f.endsWith('.s')).map(f => f.slice(0, -2)).sort()) {
    it(name, { skip: name.startsWith('fused') && !fusing.fusedMadd }, () => {
      const path = join(DIR, name);
      if (hasCompiler) same(`${path}.hex`, hexOf(build(`${path}.s`)));
      same(`${path}.wat`, translate(bytesOf(readFileSync(`${path}.hex`, 'utf8')), name.startsWith('fused') ? fusing : PLAIN_ENGINE));
    });
  }
});

/** Compares with the file, or writes it. */
function same(file: string, text: string): void {
  if (BLESS) { writeFileSync(file, text); return; }
  assert.ok(existsSync(file), `${file} is missing: BLESS=1 npm test jit/golden`);
  assert.equal(text, readFileSync(file, 'utf8'), `${file} differs: if it should, BLESS=1 npm test jit/golden`);
}

/** The region that begins with the code, after it has been called a few times. */
function translate(code: Uint8Array, engine: Engine): string {
  const m = new FlatMachine(16 << 20, undefined, engine), { hart } = m;
  for (const [start, pages] of [[CODE, 2], [CALLER, 1], [DATA, 1], [STACK - 4096, 1]] as const) m.mapRange(start, start + pages * 4096);
  m.write(CODE, code);
  m.write(CALLER, assemble(`1: li a0, ${DATA}\nli a1, 5\ncall ${CODE}\nli a0, 7\nli a1, 100\nli t2, ${DATA}\ncall ${CODE}\nj 1b`, CALLER).bytes);
  hart.setEcallHandler({ ecall: () => { m.setPc(m.getPc() + 4); return 0; } });
  const pfn = hart.mmu.translate(CODE, 0) >>> 12, translator = addTranslator(hart, m.ram, 'eager');
  let found: { readonly module: TranslatedModule; readonly f: TranslatedFunction } | undefined;
  translator.observer = {
    counter: null, microseconds: () => 0,
    translated: module => {
      const f = module.functions.find(g => g.pfn === pfn && g.region.entry === 0);
      if (f !== undefined) found = { module, f };
    },
  };
  m.setX(2, STACK);
  m.setPc(CALLER);
  for (let i = 0; i < 30; i++) { hart.run(200); if (m.getPc() >= DATA) break; }
  assert.ok(found !== undefined, 'not translated');
  return `${regionText(found.module, found.f, hart.base)}\n`;
}

function build(source: string): Uint8Array {
  const dir = mkdtempSync(join(tmpdir(), 'golden-'));
  try {
    const [elf, bin] = [join(dir, 'code.elf'), join(dir, 'code.bin')];
    for (const [tool, args] of [
      [TOOLS[0], ['-march=rv64gc', '-nostdlib', '-static', '-Wl,--no-relax', '-Wl,--build-id=none', `-Wl,-Ttext=0x${CODE.toString(16)}`, '-Wl,-e0', '-o', elf, source]],
      [TOOLS[1], ['-O', 'binary', '-j', '.text', elf, bin]],
    ] as const) {
      const r = spawnSync(tool, args, { encoding: 'utf8' });
      assert.equal(r.status, 0, r.stderr);
    }
    return readFileSync(bin);
  } finally { rmSync(dir, { recursive: true }); }
}

/** 16-bit words, zeros in a row as a count. */
function hexOf(bytes: Uint8Array): string {
  const words = Array.from({ length: bytes.length / 2 }, (_, i) => (bytes[2 * i]! | bytes[2 * i + 1]! << 8).toString(16).padStart(4, '0'));
  return `${words.join(' ').replace(/(0000 ){8,}/g, zeros => `${zeros.length / 5}*0000 `).replace(/(.{1,100})( |$)/g, '$1\n').trimEnd()}\n`;
}

function bytesOf(hex: string): Uint8Array {
  const words = hex.trim().split(/\s+/).flatMap(w => w.includes('*') ? Array<number>(Number(w.split('*')[0])).fill(0) : [parseInt(w, 16)]);
  return Uint8Array.from(words.flatMap(w => [w & 255, w >>> 8]));
}
