// Sequences: every pair that shares a handler, and long random mixtures, interpreter against reference model.
import { test } from 'node:test';
import { decode, Decoded } from '../isa/decode.ts';
import { disassemble } from '../isa/disassemble.ts';
import { INSTRUCTIONS } from '../isa/table.ts';
import { traitsOf } from '../isa/traits.ts';
import { Random } from '../../../test/machine/random.ts';
import { CODE, DATA, Twin } from '../../../test/machine/twin.ts';
import { HANDLERS, type Variant } from './variants.ts';

const REGISTERS = [0, 5, 6, 7, 11, 12, 13, 14];
const BASE = 10, ROUNDS = 60;
const twin = new Twin();

/** The 16-bit words of each row. */
const compressed = new Map<string, number[]>();
for (let word = 0, d = new Decoded(); word < 0x10000; word++) {
  if ((word & 3) === 3 || !decode(word, d)) continue;
  const list = compressed.get(d.insn!.name);
  if (list === undefined) compressed.set(d.insn!.name, [word]);
  else list.push(word);
}

test('pairs of neighbours: the same as one after the other', () => {
  const r = new Random(99), a = new Decoded(), b = new Decoded();
  twin.randomize(r);
  for (const pair of HANDLERS) {
    if ('insn' in pair) continue;
    for (let i = 0; i < ROUNDS; i++) {
      const first = wordOf(pair.first, r, a), second = wordOf(pair.second, r, b);
      const usesMemory = traitsOf(a.insn!).memory !== 'none' || traitsOf(b.insn!).memory !== 'none';
      if (traitsOf(b.insn!).memory !== 'none' && a.rd === b.rs1) continue;      // its base would be anything
      const pc = CODE + 4096 + r.below(1000) * 2;
      twin.code(pc, [first, second]);
      for (let x = 1; x < 32; x++) twin.setX(x, usesMemory ? BigInt(DATA + 4096 + r.below(3000)) : r.operand());
      for (const f of [8, 9, 10, 11]) twin.setF(f, r.u64());
      if (traitsOf(b.insn!).control !== 'none' && !usesMemory && r.below(2) === 0) twin.setX(b.rs1, twin.ref.x[b.rs2]!);
      try { twin.run(pc, 2); } catch (e) { throw new Error(`${disassemble(first, pc)}; ${disassemble(second, pc + a.length)} at ${pc.toString(16)}`, { cause: e }); }
    }
  }
  twin.compareData('pairs');
});

test('long mixtures of all straight-line rows', () => {
  const r = new Random(4711);
  const rows = INSTRUCTIONS.filter(i => { const t = traitsOf(i); return t.control === 'none' && t.system === null && t.memory !== 'atomic'; });
  twin.randomize(r);
  for (let round = 0; round < 150; round++) {
    const words = Array.from({ length: 200 }, () => {
      const insn = rows[r.below(rows.length)]!, word = r.word(insn, REGISTERS);
      return traitsOf(insn).memory === 'none' ? word : word & ~(31 << 15) | BASE << 15;
    });
    const pc = CODE + r.below(4096) * 2;
    twin.code(pc, words);
    for (const x of REGISTERS) { twin.setX(x, r.operand()); twin.setF(x, r.floatOperand()); }
    twin.setFcsr(r.below(5) << 5 | r.below(32));
    twin.setX(BASE, BigInt(DATA + 4096 + r.below(4096)));
    twin.run(pc);
  }
  twin.compareData('mixtures');
});

function wordOf(v: Variant, r: Random, d: Decoded): number {
  const words = v.length === 2 ? compressed.get(v.insn.name)! : null;
  for (;;) {
    const word = words === null ? r.word(v.insn, REGISTERS) : words[r.below(words.length)]!;
    decode(word, d);
    if (v.insn.encoding.fields.rd !== undefined && (d.rd === 0) !== (v.rd === 'x0')) continue;
    if (traitsOf(v.insn).memory !== 'none' && d.rs1 === 0) continue;
    return word;
  }
}
