// Every row of the instruction table: interpreter against reference model on random operands.
import { test } from 'node:test';
import { decode, Decoded } from '../isa/decode.ts';
import { Random } from '../../../test/machine/random.ts';
import { type Instruction, INSTRUCTIONS } from '../isa/table.ts';
import { traitsOf } from '../isa/traits.ts';
import { CODE, DATA, Twin } from '../../../test/machine/twin.ts';

const GROUPS = 400, GROUP = 6;
const REGISTERS = [0, 5, 6, 7, 11, 12, 13, 14];
const BASE = 10;
const twin = new Twin();

for (const insn of INSTRUCTIONS) {
  const t = traitsOf(insn);
  if (t.system !== null) continue;
  test(`${insn.name}: interpreter and reference model agree`, () => {
    const r = new Random(insn.index + 1);
    if (t.control !== 'none') controlRow(insn, r);
    else straightRow(insn, r, t.memory);
  });
}

test('compressed instructions: interpreter and reference model agree on every legal word', () => {
  const r = new Random(77), d = new Decoded();
  const groups: number[][] = [[]];
  twin.randomize(r);
  for (let word = 0; word < 0x10000; word++) {
    if ((word & 3) === 3 || !decode(word, d)) continue;
    const t = traitsOf(d.insn!);
    if (t.control !== 'none' || t.system !== null) continue;
    // A base register that is overwritten would lead anywhere: one memory instruction a group.
    if (groups.at(-1)!.length >= GROUP || t.memory !== 'none') groups.push([]);
    groups.at(-1)!.push(word);
    if (t.memory !== 'none') groups.push([]);
  }
  runGroups(groups, i => {
    for (let x = 1; x < 32; x++) twin.setX(x, groups[i]!.length === 1 ? BigInt(DATA + 4096 + r.below(4096)) : r.operand());
    for (let f = 8; f < 16; f++) twin.setF(f, r.floatOperand());
  });
  twin.compareData('compressed stores');
});

function straightRow(insn: Instruction, r: Random, memory: string): void {
  if (memory !== 'none') twin.randomize(r);
  const groups = Array.from({ length: GROUPS }, () => Array.from({ length: GROUP }, () => {
    const word = r.word(insn, REGISTERS);
    return memory === 'none' ? word : word & ~(31 << 15) | BASE << 15;
  }));
  runGroups(groups, () => {
    for (const x of REGISTERS) twin.setX(x, r.operand());
    for (const f of REGISTERS) twin.setF(f, r.floatOperand());
    if (insn.extension === 'F' || insn.extension === 'D') twin.setFcsr(r.below(5) << 5 | (r.below(2) === 0 ? 0 : r.below(32)));
    twin.setX(BASE, BigInt(memory === 'atomic' ? DATA + r.below(128) * 8 : DATA + 4096 + r.below(4096)));
  });
  if (memory !== 'none') twin.compareData(insn.name);
}

/** Several groups share a code layout, so that decoding does not dominate. */
function runGroups(groups: readonly (readonly number[])[], prepare: (i: number) => void): void {
  const perLayout = 400;
  for (let from = 0; from < groups.length; from += perLayout) {
    const layout = groups.slice(from, from + perLayout);
    const words: number[] = [], starts: number[] = [];
    let pc = CODE + 2;
    for (const g of layout) {
      starts.push(pc);
      words.push(...g, 0x9002);
      pc += g.reduce((n, w) => n + ((w & 3) === 3 ? 4 : 2), 2);
    }
    twin.code(CODE + 2, words);
    layout.forEach((_g, i) => { prepare(from + i); twin.run(starts[i]!); });
  }
}

function controlRow(insn: Instruction, r: Random): void {
  for (let i = 0; i < 300; i++) {
    const pc = CODE + r.below(2 * 4096 - 4) * 2;
    const word = r.word(insn, REGISTERS);
    twin.code(pc, [word]);
    for (const x of REGISTERS) twin.setX(x, insn.name === 'jalr' ? BigInt(CODE + r.below(16384)) : r.operand());
    if (r.below(3) === 0) twin.setX(REGISTERS[1 + r.below(7)]!, twin.ref.x[REGISTERS[1 + r.below(7)]!]!);
    twin.run(pc, 1);
  }
}
