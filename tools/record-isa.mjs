// Records test/data/isa/binutils.txt: every mnemonic that binutils' disassembler knows for our extensions, one sample word each, found by disassembling the whole
// encoding space (opcode, funct3, funct7, rs2; all 16-bit words). Independent of src/machine/isa. Needs riscv64-linux-gnu binutils (2.40 does not know Zicond yet).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ARCH = 'rv64imafdc_zicsr_zifencei_zba_zbb_zbs';
const dir = mkdtempSync(join(tmpdir(), 'isa-'));
try {
  const samples = new Map();
  for (const [width, words] of [[2, halves()], [4, longs()]]) collect(width, words, samples);
  const lines = [...samples].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, [word, text]]) => `${name} ${word} ${text}`);
  writeFileSync(new URL('../test/data/isa/binutils.txt', import.meta.url), `# ${ARCH}: mnemonic, word, disassembly at address 0\n${lines.join('\n')}\n`);
  console.log(`${lines.length} mnemonics`);
} finally { rmSync(dir, { recursive: true }); }

function* halves() { for (let w = 0; w < 0x10000; w++) if ((w & 3) !== 3) yield w; }

/** rd = x10, rs1 = x11; immediates fall out of funct7 and rs2. Privileged instructions and fences also vary nothing else. */
function* longs() {
  for (let op = 3; op < 128; op += 4) if ((op & 0x1c) !== 0x1c) for (let f3 = 0; f3 < 8; f3++) for (let f7 = 0; f7 < 128; f7++) for (let rs2 = 0; rs2 < 32; rs2++) {
    yield (f7 << 25 | rs2 << 20 | 11 << 15 | f3 << 12 | 10 << 7 | op) >>> 0;
  }
  for (const w of [0x00000073, 0x00100073, 0x0000100f, 0x0100000f, 0x8330000f, 0x0ff0000f]) yield w;
}

function collect(width, words, samples) {
  const list = [...words];
  writeFileSync(join(dir, 'a.s'), `.option arch, ${ARCH}\n.text\n` + list.map(w => `.insn ${width}, 0x${w.toString(16)}`).join('\n') + '\n');
  execFileSync('riscv64-linux-gnu-as', [`-march=${ARCH}`, '-o', join(dir, 'a.o'), join(dir, 'a.s')], { stdio: 'pipe' });
  const text = execFileSync('riscv64-linux-gnu-objdump', ['-d', '-M', 'no-aliases', join(dir, 'a.o')], { maxBuffer: 2 ** 30, encoding: 'utf8' });
  for (const line of text.split('\n')) {
    const m = /^\s*[0-9a-f]+:\s+([0-9a-f]{4,8})\s+([a-z][\w.]*)\s*([^#<]*)/.exec(line);
    if (m === null || samples.has(m[2])) continue;
    samples.set(m[2], [m[1], m[3].trim()]);
  }
}
