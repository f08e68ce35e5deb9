// One line of assembly to one instruction word: operands matched against the row's syntax, fields inserted by its encoding.
import { type Encoding, type FieldName, insert } from '../encoding.ts';
import { BY_NAME, COMPRESSED } from '../table.ts';
import { csrNumber, fNumber, RM_DYN, RM_NAMES, xNumber } from '../registers.ts';

const compressedByName = new Map(COMPRESSED.map(c => [c.name, c]));

export interface Spelling { readonly encoding: Encoding; readonly asm: string; readonly orderBits: number }

/** The row that a mnemonic names; .aq and .rl of atomics become bits 26 and 25. */
export function spellingOf(mnemonic: string): Spelling | undefined {
  const plain = mnemonic.replace(/\.(aq|rl|aqrl)$/, '');
  const row = compressedByName.get(mnemonic) ?? BY_NAME.get(mnemonic) ?? BY_NAME.get(plain);
  if (row === undefined) return undefined;
  const order = mnemonic === plain ? '' : mnemonic.slice(plain.length + 1);
  return { encoding: row.encoding, asm: row.asm, orderBits: (order.startsWith('aq') ? 1 << 26 : 0) | (order.endsWith('rl') ? 1 << 25 : 0) };
}

/** `value` evaluates an immediate; branch targets are absolute. */
export function encode(s: Spelling, operands: readonly string[], pc: bigint, value: (text: string) => bigint): number {
  const syntax = s.asm === '' ? [] : s.asm.split(', ');
  const given = [...operands];
  if (syntax.at(-1) === 'rm' && given.length === syntax.length - 1) given.push(RM_NAMES[RM_DYN]!);
  if (given.length !== syntax.length) throw new Error(`expected "${s.asm}"`);
  let word = s.encoding.match | s.orderBits, fence = 0;
  const put = (name: FieldName, v: number): void => {
    const bits = insert(s.encoding.fields[name]!, v);
    if (bits < 0) throw new Error(`${name} = ${v} does not fit`);
    word |= bits;
  };
  syntax.forEach((slot, i) => {
    const text = given[i]!.trim();
    if (slot === 'pred' || slot === 'succ') { fence = fence << 4 | fenceBits(text); if (slot === 'succ') put('imm', fence); return; }
    const indirect = /^(.*)\((.*)\)$/.exec(slot);
    if (indirect === null) { operand(slot, text, put, pc, value); return; }
    const m = /^(.*)\(\s*(\w+)\s*\)$/.exec(text);
    if (m === null) throw new Error(`"${text}" is not of the form ${slot}`);
    if (indirect[1] !== '') operand(indirect[1]!, m[1]!.trim() === '' ? '0' : m[1]!, put, pc, value);
    operand(indirect[2]!, m[2]!, put, pc, value);
  });
  return word >>> 0;
}

function operand(slot: string, text: string, put: (name: FieldName, v: number) => void, pc: bigint, value: (text: string) => bigint): void {
  const field = slot.replace("'", '');
  switch (field) {
    case 'rd': case 'rs1': case 'rs2': return put(field, register(xNumber(text), text));
    case 'fd': return put('rd', register(fNumber(text), text));
    case 'fs1': case 'fs2': case 'fs3': return put(field.replace('f', 'r') as FieldName, register(fNumber(text), text));
    case 'sp': if (xNumber(text) !== 2) throw new Error('only sp can stand here'); return;
    case 'imm20': return put('imm', Number(BigInt.asIntN(32, value(text) << 12n)));
    case 'target': return put('imm', Number(value(text) - pc));
    case 'csr': return put('imm', csrNumber(text) ?? Number(value(text)));
    case 'zimm': return put('rs1', Number(value(text)));
    case 'rm': return put('rm', register(RM_NAMES.indexOf(text) < 0 ? undefined : RM_NAMES.indexOf(text), text));
    default: return put('imm', Number(value(text)));
  }
}

function register(n: number | undefined, text: string): number {
  if (n === undefined) throw new Error(`"${text}" is no register here`);
  return n;
}

function fenceBits(text: string): number {
  if (text === '0') return 0;
  if (!/^i?o?r?w?$/.test(text)) throw new Error(`"${text}" is no fence set`);
  return [...text].reduce((bits, c) => bits | 8 >> 'iorw'.indexOf(c), 0);
}
