// The table against binutils (test/data/isa/binutils.txt, recorded by tools/record-isa.mjs), and disassembler against assembler.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assemble } from './asm/assemble.ts';
import { decode, Decoded } from './decode.ts';
import { disassemble } from './disassemble.ts';
import { Random } from '../../../test/machine/random.ts';
import { BY_NAME, COMPRESSED, INSTRUCTIONS } from './table.ts';

/** Spellings of binutils that are no instructions of their own: the all-zero word, which is illegal, and shifts by 0, which are HINTs. */
const NOT_OURS = new Set(['c.unimp', 'c.slli64', 'c.srli64', 'c.srai64']);
/** Younger than the binutils that recorded the list. */
const YOUNGER = new Set(['czero.eqz', 'czero.nez', 'pause']);

/** `c.nop` is c.addi there, `pause` a fence of unknown sets; `c.addi16sp sp,0` is reserved. */
const SPELLED_OTHERWISE = new Set([0x0001, 0x0100000f, 0x6101]);

const recorded = readFileSync(`${process.env['KSPACE_ROOT'] ?? ''}test/data/isa/binutils.txt`, 'utf8').split('\n').filter(l => l !== '' && !l.startsWith('#'))
  .map(l => { const [name, word, text = ''] = l.split(' ') as [string, string, string?]; return { name, word: parseInt(word, 16), text }; })
  .filter(r => !NOT_OURS.has(r.name));

test('every instruction that binutils knows has a row, and no row is unknown to binutils', () => {
  const theirs = new Set(recorded.map(r => r.name.replace(/\.(aq|rl|aqrl)$/, '')));
  const ours = new Set([...BY_NAME.keys(), ...COMPRESSED.map(c => c.name)]);
  assert.deepEqual([...theirs].filter(n => !ours.has(n)), []);
  assert.deepEqual([...ours].filter(n => !theirs.has(n) && !YOUNGER.has(n) && n !== 'c.nop'), []);
});

test('words disassemble as binutils does', () => {
  for (const { name, word, text } of recorded) {
    const ours = disassemble(word).replaceAll(', ', ',');
    const [mnemonic, operands = ''] = ours.split(' ');
    if (SPELLED_OTHERWISE.has(word)) continue;
    assert.equal(mnemonic, name);
    if (!/^(j|b|c\.j|c\.b)/.test(name) && !text.includes('rm')) assert.equal(decimal(operands), decimal(text), `${name} ${word.toString(16)}`);
  }
});

/** Hexadecimal or not is a matter of taste, and so is whether the rounding mode of an exact conversion is worth printing. */
function decimal(text: string): string { return text.replace(/0x[0-9a-f]+/g, hex => String(Number(hex))).replace(/,(rne|dyn)$/, ''); }

test('what the disassembler prints, the assembler reads', () => {
  const r = new Random(5), registers = [...Array(32).keys()];
  for (const insn of INSTRUCTIONS) {
    for (let i = 0; i < 40; i++) {
      const word = r.word(insn, registers), text = disassemble(word);
      // Bits of no meaning come back as zeros.
      const again = new DataView(assemble(text).bytes.buffer).getUint32(0, true);
      assert.equal(disassemble(again), text);
      assert.equal((again ^ word) & insn.encoding.mask, 0, text);
    }
  }
});

test('compressed words round-trip through text', () => {
  const d = new Decoded();
  for (let word = 0; word < 0x10000; word++) {
    if ((word & 3) === 3 || !decode(word, d)) continue;
    const text = disassemble(word, 0x1000), program = assemble(text, 0x1000);
    assert.equal(program.bytes.length, 2, text);
    assert.equal(new DataView(program.bytes.buffer).getUint16(0, true), word, text);
  }
});

test('illegal words have no row', () => {
  const d = new Decoded();
  for (const word of [0, 0xffffffff, 0x30200073, 0x10500073, 0x12000073, 0x0000205b]) assert.equal(decode(word, d), false, word.toString(16));
});
