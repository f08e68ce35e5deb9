// WebAssembly as text (core spec, chapter 6): what our own encoder writes, for people and golden files. Expressions are folded, control flow is not, labels are
// numbered by nesting. A tool: it may be slow, and it throws on bytes that ModuleBuilder does not write.
import * as opcodes from './opcodes.ts';
import { ByteSource } from './source.ts';

/** What makes a text easier to read. */
export interface TextNotes {
  /** Names of locals by index, parameters first. */
  readonly locals?: readonly string[];
  /** What lies at a constant address. */
  readonly address?: (at: number) => string | undefined;
  /** Comments, each in front of the code that begins behind so many bytes. In order. */
  readonly comments?: readonly { readonly behind: number; readonly text: string }[];
}

/** What a body refers to: the module around it. */
export interface TextModule {
  readonly types: readonly FunctionType[];
  /** By function index: imports first. */
  readonly functions: readonly { readonly name: string; readonly type: FunctionType }[];
}

export interface FunctionType { readonly params: readonly number[]; readonly results: readonly number[] }

/** An instruction with its operands, in order. */
interface Tree { readonly text: string; readonly operands: readonly Tree[] }

const WIDTH = 140, LOCALS_A_LINE = 8;
/** However deep, an expression has so much room. */
const ROOM = 90;
/** Types by their byte. */
const TYPES = new Map<number, string>([[opcodes.i32, 'i32'], [opcodes.i64, 'i64'], [opcodes.f32, 'f32'], [opcodes.f64, 'f64'], [opcodes.v128, 'v128']]);
/** i64_extend32_s -> i64.extend32_s, local_get -> local.get, br_if stays. */
const spelled = (name: string): string => name.replace(/_$/, '').replace(/^([if](?:32|64)|v128|[if]\d+x\d+|local|global|memory)_/, '$1.');
/** Names of opcodes.ts that are no one-byte opcodes: types, prefixes, and what stands behind a prefix. */
const VECTOR = /^([if]\d+x\d+|v128)_/, OTHERS = /^(prefix_\w+|[if](32|64)|v128|funcref|empty|\w*trunc_sat\w*|memory_copy|memory_fill)$/;
const named = (pick: (name: string) => boolean): Map<number, string> => new Map((Object.entries(opcodes) as [string, number][])
  .filter(([name]) => pick(name)).map(([name, code]) => [code, spelled(name)]));
const ONE_BYTE = named(name => !VECTOR.test(name) && !OTHERS.test(name));
/** Behind prefix 0xfc: saturating truncations and bulk memory; behind 0xfd: vectors. */
const FC = new Map<number, string>([...['i32', 'i64'].flatMap((to, k) => ['f32_s', 'f32_u', 'f64_s', 'f64_u'].map((from, i) => [k * 4 + i, `${to}.trunc_sat_${from}`] as const)),
  [opcodes.memory_copy, 'memory.copy'], [opcodes.memory_fill, 'memory.fill']]);
const FD = named(name => VECTOR.test(name));

/** The name of an opcode, or undefined where the encoder has none. */
export function opcodeName(code: number): string | undefined { return ONE_BYTE.get(code); }

export const typeName = (type: number): string => TYPES.get(type) ?? `0x${type.toString(16)}`;

/** The body of a function, locals and all, from its bytes behind the size. Lines are indented by one step. */
export function bodyText(bytes: Uint8Array, type: FunctionType, module: TextModule, notes: TextNotes = {}): string {
  return new BodyPrinter(new ByteSource(bytes), type, module, notes).print();
}

class BodyPrinter {
  readonly #in: ByteSource;
  readonly #type: FunctionType;
  readonly #module: TextModule;
  readonly #notes: TextNotes;
  readonly #lines: string[] = [];
  /** Expressions not yet used, in order of evaluation. */
  #pending: Tree[] = [];
  #depth = 1;
  /** Where the code begins, behind the locals; comments already printed. */
  #start = 0;
  #commented = 0;

  constructor(source: ByteSource, type: FunctionType, module: TextModule, notes: TextNotes) {
    this.#in = source;
    this.#type = type;
    this.#module = module;
    this.#notes = notes;
  }

  print(): string {
    this.#locals();
    this.#start = this.#in.at;
    while (!this.#in.atEnd) {
      this.#comment();
      this.#instruction();
    }
    if (this.#depth !== 0) throw new Error(`${this.#depth} blocks are open at the end`);
    return this.#lines.join('\n');
  }

  #comment(): void {
    const { comments = [] } = this.#notes;
    for (let next = comments[this.#commented]; next !== undefined && next.behind <= this.#in.at - this.#start; next = comments[++this.#commented]) {
      this.#flush();
      this.#line(`;; ${next.text}`);
    }
  }

  #locals(): void {
    let index = this.#type.params.length;
    for (let runs = this.#in.u32(); runs > 0; runs--) {
      const count = this.#in.u32(), type = typeName(this.#in.u8());
      const all = Array.from({ length: count }, () => this.#local(index++)).map(name => /^\d/.test(name) ? `(local ${type})` : `(local ${name} ${type})`);
      while (all.length > 0) this.#line(all.splice(0, LOCALS_A_LINE).join(' '));
    }
  }

  #instruction(): void {
    const code = this.#in.u8();
    switch (code) {
      case opcodes.block: case opcodes.loop: case opcodes.if_: {
        const result = this.#in.u8();
        this.#flush();
        this.#line(`${spelled(opcodeName(code)!)} $${this.#depth}${result === opcodes.empty ? '' : ` (result ${typeName(result)})`}`);
        this.#depth++;
        return;
      }
      case opcodes.else_:
        this.#flush();
        this.#depth--;
        this.#line('else');
        this.#depth++;
        return;
      case opcodes.end:
        this.#flush();
        this.#depth--;
        if (this.#depth > 0) this.#line('end');
        return;
      case opcodes.br: this.#push(`br ${this.#label()}`, 0, 0); return;
      case opcodes.br_if: this.#push(`br_if ${this.#label()}`, 1, 0); return;
      case opcodes.br_table: this.#push(`br_table ${Array.from({ length: this.#in.u32() + 1 }, () => this.#label()).join(' ')}`, 1, 0); return;
      case opcodes.return_: this.#push('return', this.#type.results.length, 0); return;
      case opcodes.call: case opcodes.return_call: {
        const { name, type } = this.#module.functions[this.#in.u32()]!;
        this.#push(`${opcodeName(code)} $${name}`, type.params.length, code === opcodes.call ? type.results.length : 0);
        return;
      }
      case opcodes.call_indirect: case opcodes.return_call_indirect: {
        const index = this.#in.u32(), type = this.#module.types[index]!;
        this.#in.u32();
        this.#push(`${opcodeName(code)} (type ${index})`, type.params.length + 1, code === opcodes.call_indirect ? type.results.length : 0);
        return;
      }
      default: this.#plain(code);
    }
  }

  /** Whatever neither branches nor calls: its name tells how many operands it has. */
  #plain(code: number): void {
    const name = this.#name(code), source = this.#in;
    if (name === 'unreachable' || name === 'nop') this.#push(name, 0, 0);
    else if (name === 'drop') this.#push(name, 1, 0);
    else if (name === 'select') this.#push(name, 3, 1);
    else if (/^(local|global)\./.test(name)) {
      const at = source.u32();
      this.#push(`${name} ${name.startsWith('local') ? this.#local(at) : at}`, name.endsWith('get') ? 0 : 1, name.endsWith('set') ? 0 : 1);
    } else if (name.endsWith('.const')) this.#push(`${name} ${this.#constant(name)}`, 0, 1);
    else if (/\.(load|store)/.test(name)) this.#memory(name);
    else if (name === 'memory.size' || name === 'memory.grow') { source.u8(); this.#push(name, name === 'memory.grow' ? 1 : 0, 1); }
    else if (name === 'memory.copy' || name === 'memory.fill') { source.u8(); if (name === 'memory.copy') source.u8(); this.#push(name, 3, 0); }
    else if (/extract_lane/.test(name)) this.#push(`${name} ${source.u8()}`, 1, 1);
    else if (/replace_lane/.test(name)) this.#push(`${name} ${source.u8()}`, 2, 1);
    else this.#push(name, operandsOf(name), 1);
  }

  #name(code: number): string {
    const extended = code === 0xfc || code === 0xfd ? this.#in.u32() : 0;
    const name = code === 0xfc ? FC.get(extended) : code === 0xfd ? FD.get(extended) : opcodeName(code);
    if (name === undefined) throw new Error(`no name for opcode 0x${code.toString(16)} ${extended} at ${this.#in.at}`);
    return name;
  }

  #memory(name: string): void {
    const align = this.#in.u32(), offset = this.#in.u32(), bits = /(?:load|store)(\d+)/.exec(name)?.[1] ?? /\d+/.exec(name)![0];
    const operands = name.includes('store') ? 2 : 1, natural = Math.log2(Number(bits) / 8);
    const address = this.#pending.at(-operands);
    const what = address !== undefined && address.text === 'i32.const 0' ? this.#notes.address?.(offset) : undefined;
    const lane = name.endsWith('_lane') ? ` ${this.#in.u8()}` : '';
    this.#push(`${name}${offset === 0 ? '' : ` offset=${what === undefined ? offset : `${offset} (;${what};)`}`}${align === natural ? '' : ` align=${2 ** align}`}${lane}`, operands, operands === 1 ? 1 : 0);
  }

  #constant(name: string): string {
    switch (name) {
      case 'i32.const': case 'i64.const': return String(this.#in.signed());
      case 'f32.const': return floatText(this.#in.view(4).getFloat32(0, true));
      case 'f64.const': return floatText(this.#in.view(8).getFloat64(0, true));
      case 'v128.const': return `i32x4 ${Array.from({ length: 4 }, () => this.#in.view(4).getInt32(0, true)).join(' ')}`;
      default: throw new Error(`${name} is not written by our encoder`);
    }
  }

  /** Takes operands off what is pending; what is missing is on the stack. An instruction with one result is pending itself. */
  #push(text: string, operands: number, results: number): void {
    const own = operands === 0 ? [] : this.#pending.splice(-operands), tree = { text, operands: own };
    if (results === 1) { this.#pending.push(tree); return; }
    this.#flush();
    this.#tree(tree, '  '.repeat(this.#depth));
  }

  #flush(): void {
    for (const t of this.#pending.splice(0)) this.#tree(t, '  '.repeat(this.#depth));
  }

  #tree(t: Tree, indent: string): void {
    const short = folded(t);
    if (short.length <= Math.max(ROOM, WIDTH - indent.length) || t.operands.length === 0) { this.#lines.push(indent + short); return; }
    this.#lines.push(`${indent}(${t.text}`);
    for (const o of t.operands) this.#tree(o, `${indent}  `);
    this.#lines[this.#lines.length - 1] += ')';
  }

  #line(text: string): void { this.#lines.push('  '.repeat(this.#depth) + text); }
  #label(): string { return `$${this.#depth - 1 - this.#in.u32()}`; }
  #local(index: number): string {
    const name = this.#notes.locals?.[index];
    return name === undefined || name === '' ? String(index) : `$${name}`;
  }
}

function folded(t: Tree): string { return `(${[t.text, ...t.operands.map(folded)].join(' ')})`; }

/** One operand: tests, conversions, and the unary arithmetic. */
function operandsOf(name: string): number {
  return /madd|nmadd|bitselect/.test(name) ? 3 : UNARY.test(name) ? 1 : 2;
}
const UNARY = /\.(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt|splat)$|\.(wrap|trunc|extend|convert|demote|promote|reinterpret|any_true|all_true|bitmask)(\d|_|$)/;

function floatText(v: number): string { return Number.isNaN(v) ? 'nan' : Object.is(v, -0) ? '-0' : v === Infinity ? 'inf' : v === -Infinity ? '-inf' : String(v); }
