// Encoding strings compiled to masks and bit fields: what decoder, assembler and documentation read (syntax: row.ts).

/** `width` bits at `shift` of the instruction, `mask` when they are lowest, are bits `to`... of the operand. */
interface Segment { readonly shift: number; readonly width: number; readonly mask: number; readonly to: number }

export type FieldName = 'rd' | 'rs1' | 'rs2' | 'rs3' | 'rm' | 'imm';
export const FIELD_NAMES: readonly FieldName[] = ['rd', 'rs1', 'rs2', 'rs3', 'rm', 'imm'];

export interface Field {
  readonly segments: readonly Segment[];
  /** Bits of the operand, low zeros included. */
  readonly width: number;
  readonly signed: boolean;
  /** x8...x15 in three bits. */
  readonly compressed: boolean;
}

export interface Encoding {
  /** Instruction length in bytes. */
  readonly length: 2 | 4;
  readonly mask: number;
  readonly match: number;
  readonly fields: Readonly<Partial<Record<FieldName, Field>>>;
  /** The same as a list, for those who go through all of them. */
  readonly present: readonly { readonly name: FieldName; readonly field: Field }[];
  /** 32-bit instructions have their registers in the same places: all ones where the field is there. */
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  readonly rm: number;
}

export function parseEncoding(enc: string): Encoding {
  const tokens = enc.split(' ').map(tokenOf);
  let bits = 0;
  for (const t of tokens) bits += t.width;
  if (bits !== 32 && bits !== 16) throw new Error(`encoding "${enc}" has ${bits} bits`);
  let mask = 0, match = 0, at = bits;
  const fields: Partial<Record<FieldName, Field>> = {};
  for (const t of tokens) {
    at -= t.width;
    if (t.name === null) {
      mask |= t.mask << at;
      match |= t.match << at;
    } else {
      fields[t.name] = fieldOf(t, at, fields[t.name]);
    }
  }
  const present: { readonly name: FieldName; readonly field: Field }[] = [];
  for (const name of FIELD_NAMES) {
    const field = fields[name];
    if (field === undefined) continue;
    present.push({ name, field });
    if (bits === 32 && name !== 'imm' && field.segments[0]!.shift !== SHIFTS[name]) throw new Error(`encoding "${enc}": ${name} is not where it should be`);
  }
  const { rd, rs1, rs2, rs3, rm } = fields;
  return {
    length: bits === 32 ? 4 : 2, mask: mask >>> 0, match: match >>> 0, fields, present,
    rd: rd === undefined ? 0 : -1, rs1: rs1 === undefined ? 0 : -1, rs2: rs2 === undefined ? 0 : -1, rs3: rs3 === undefined ? 0 : -1, rm: rm === undefined ? 0 : -1,
  };
}

/** Where 32-bit instructions have their registers. */
const SHIFTS = { rd: 7, rs1: 15, rs2: 20, rs3: 27, rm: 12 } as const;

/** The field that a token stands for whose lowest bit is `at`, with what was there of it before. */
function fieldOf({ ranges, width, signed, compressed }: FieldToken, at: number, before: Field | undefined): Field {
  const segments = before === undefined ? [] : [...before.segments];
  let shift = at + width, top = before?.width ?? 0;
  for (const [hi, lo] of ranges) {
    const size = hi - lo + 1;
    segments.push({ shift: shift -= size, width: size, mask: 2 ** size - 1, to: lo });
    top = Math.max(top, hi + 1);
  }
  return { segments, width: top, signed, compressed };
}

/** Value of a field in an instruction word. */
export function extract(field: Field, word: number): number {
  let v = 0;
  const { segments } = field;
  for (let i = 0; i < segments.length; i++) {
    const s = segments[i]!;
    v |= (word >>> s.shift & s.mask) << s.to;
  }
  if (field.compressed) return v + 8;
  return field.signed ? v << 32 - field.width >> 32 - field.width : v;
}

/** The field's bits in place, or -1 if `value` cannot be encoded. */
export function insert(field: Field, value: number): number {
  const v = field.compressed ? value - 8 : value;
  let word = 0;
  for (const s of field.segments) word |= (v >>> s.to & s.mask) << s.shift;
  return extract(field, word) === value ? word >>> 0 : -1;
}

interface FieldToken {
  readonly name: FieldName;
  readonly width: number;
  readonly ranges: readonly (readonly [number, number])[];
  readonly signed: boolean;
  readonly compressed: boolean;
}
type Token = FieldToken | { readonly name: null; readonly width: number; readonly mask: number; readonly match: number };

/** Few tokens make all rows, and this is a part of each start. */
const tokens = new Map<string, Token>();

function tokenOf(text: string): Token {
  let t = tokens.get(text);
  if (t === undefined) tokens.set(text, t = parseToken(text));
  return t;
}

function parseToken(token: string): Token {
  if (/^[01-]+$/.test(token)) {
    const width = token.length;
    return { name: null, width, mask: parseInt(token.replace(/[01]/g, '1').replace(/-/g, '0'), 2), match: parseInt(token.replace(/-/g, '0'), 2) };
  }
  const m = /^(rd|rs1|rs2|rs3|rm|u?imm)(')?(?:\[([\d:|]+)\])?$/.exec(token);
  if (m === null) throw new Error(`encoding token "${token}"`);
  const [, word, prime, list] = m;
  const compressed = prime !== undefined;
  if (list === undefined) {
    const width = word === 'rm' || compressed ? 3 : 5;
    return { name: word as FieldName, width, ranges: [[width - 1, 0]], signed: false, compressed };
  }
  const ranges = list.split('|').map(r => {
    const [hi, lo = hi] = r.split(':').map(Number) as [number, number?];
    return [hi, lo] as const;
  });
  return { name: 'imm', width: ranges.reduce((n, [hi, lo]) => n + hi - lo + 1, 0), ranges, signed: word === 'imm', compressed };
}
