// A small assembler: labels (also 1: with 1b and 1f), pseudo-instructions, data directives. For tests and for the built-in demo programs; it emits what is
// written (no relaxation, compressed only where `c.` is spelled), so sizes are known before addresses are.
import { encode, spellingOf } from './encode.ts';
import { evaluate, unescape } from './expression.ts';
import { loadImmediate, PSEUDO } from './pseudo.ts';

export interface Program {
  readonly origin: number;
  readonly bytes: Uint8Array;
  readonly symbols: ReadonlyMap<string, number>;
}

interface Item {
  readonly line: number;
  readonly address: bigint;
  readonly size: number;
  readonly emit: (at: bigint) => Uint8Array;
}

/** Assembles `source` for the address `origin`. Throws an Error that names the line. */
export function assemble(source: string, origin = 0): Program {
  const a = new Assembler(origin);
  source.split('\n').forEach((text, i) => a.line(text, i + 1));
  return a.finish();
}

const DATA_SIZES: Readonly<Record<string, number>> = { '.byte': 1, '.half': 2, '.short': 2, '.word': 4, '.dword': 8, '.quad': 8 };

class Assembler {
  readonly #origin: bigint;
  readonly #items: Item[] = [];
  readonly #symbols = new Map<string, bigint>();
  /** Addresses of each numeric label, in order. */
  readonly #numeric = new Map<string, bigint[]>();
  #here: bigint;
  #line = 0;

  constructor(origin: number) { this.#origin = this.#here = BigInt(origin); }

  line(text: string, number: number): void {
    this.#line = number;
    try {
      let rest = stripComment(text).trim();
      for (let m = LABEL.exec(rest); m !== null; m = LABEL.exec(rest)) {
        this.#label(m[1]!);
        rest = rest.slice(m[0].length).trim();
      }
      if (rest !== '') this.#statement(rest);
    } catch (e) { throw new Error(`line ${number}: ${text.trim()}: ${(e as Error).message}`, { cause: e }); }
  }

  finish(): Program {
    const bytes = new Uint8Array(Number(this.#here - this.#origin));
    for (const item of this.#items) {
      try { bytes.set(item.emit(item.address), Number(item.address - this.#origin)); }
      catch (e) { throw new Error(`line ${item.line}: ${(e as Error).message}`, { cause: e }); }
    }
    return { origin: Number(this.#origin), bytes, symbols: new Map([...this.#symbols].map(([k, v]) => [k, Number(v)])) };
  }

  #label(name: string): void {
    if (/^\d+$/.test(name)) {
      const list = this.#numeric.get(name);
      if (list === undefined) this.#numeric.set(name, [this.#here]);
      else list.push(this.#here);
      return;
    }
    if (this.#symbols.has(name)) throw new Error(`${name} is defined twice`);
    this.#symbols.set(name, this.#here);
  }

  #statement(text: string): void {
    const [, name, tail] = /^(\S+)\s*(.*)$/s.exec(text)! as unknown as [string, string, string];
    if (name.startsWith('.')) this.#directive(name, tail);
    else this.#instruction(name, tail === '' ? [] : splitOperands(tail));
  }

  #directive(name: string, tail: string): void {
    const size = DATA_SIZES[name];
    if (size !== undefined) {
      const values = splitOperands(tail);
      this.#add(size * values.length, at => concat(values.map(v => littleEndian(this.#value(v, at), size))));
      return;
    }
    switch (name) {
      case '.ascii': case '.asciz': case '.string': {
        const m = /^"(.*)"$/s.exec(tail);
        if (m === null) throw new Error('a quoted string is missing');
        const s = unescape(m[1]!) + (name === '.ascii' ? '' : '\0');
        const bytes = Uint8Array.from(s, c => c.charCodeAt(0));
        return this.#add(bytes.length, () => bytes);
      }
      case '.zero': case '.space': case '.skip': return this.#pad(Number(this.#value(tail, this.#here)));
      case '.align': case '.p2align': return this.#alignTo(2n ** this.#value(tail, this.#here));
      case '.balign': return this.#alignTo(this.#value(tail, this.#here));
      case '.equ': case '.set': {
        const [symbol, value] = splitOperands(tail) as [string, string];
        this.#symbols.set(symbol, this.#value(value, this.#here));
        return;
      }
      case '.text': case '.data': case '.rodata': case '.globl': case '.global': case '.option': case '.section': return;
      default: throw new Error(`unknown directive ${name}`);
    }
  }

  #instruction(name: string, operands: readonly string[]): void {
    if (name === 'li') {
      for (const text of loadImmediate(operands[0]!, this.#value(operands[1]!, this.#here))) this.#statement(text);
      return;
    }
    const pseudo = PSEUDO[name === 'ld' && !operands[1]!.endsWith(')') ? 'ld/symbol' : `${name}/${operands.length}`];
    if (pseudo !== undefined) {
      // The two halves of a pc-relative address count from the first instruction.
      const anchor = this.#here;
      for (const template of pseudo) {
        this.#statement(template.replace(/\$(\d)/g, (_, n: string) => operands[Number(n) - 1]!).replace(/%pcrel_(hi|lo)\(/g, `%pcrel_$1@${anchor}(`));
      }
      return;
    }
    const spelling = spellingOf(name);
    if (spelling === undefined) throw new Error(`unknown instruction ${name}`);
    this.#add(spelling.encoding.length, at => littleEndian(BigInt(encode(spelling, operands, at, text => this.#value(text, at))), spelling.encoding.length));
  }

  #value(text: string, at: bigint): bigint {
    const part = /^%pcrel_(hi|lo)@(\d+)\((.*)\)$/.exec(text.trim());
    if (part !== null) {
      const distance = this.#value(part[3]!, at) - BigInt(part[2]!);
      return part[1] === 'hi' ? BigInt.asUintN(20, distance + 2048n >> 12n) : BigInt.asIntN(12, distance);
    }
    const v = evaluate(text, { get: name => this.#symbol(name, at) });
    if (typeof v === 'bigint') return v;
    throw new Error(`unknown symbol ${v.unknown}`);
  }

  #symbol(name: string, at: bigint): bigint | undefined {
    const m = /^(\d+)([bf])$/.exec(name);
    if (m === null) return name === '.' ? at : this.#symbols.get(name);
    const list = this.#numeric.get(m[1]!) ?? [];
    return m[2] === 'f' ? list.find(a => a > at) : list.findLast(a => a <= at);
  }

  #alignTo(n: bigint): void { this.#pad(Number((n - this.#here % n) % n)); }
  #pad(n: number): void { this.#add(n, () => new Uint8Array(n)); }

  #add(size: number, emit: (at: bigint) => Uint8Array): void {
    this.#items.push({ line: this.#line, address: this.#here, size, emit });
    this.#here += BigInt(size);
  }
}

const LABEL = /^([\w.$]+):/;

function stripComment(text: string): string {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && (text[i] === '#' || text.startsWith('//', i))) return text.slice(0, i);
  }
  return text;
}

/** At commas outside quotes. */
function splitOperands(text: string): string[] {
  return [...text.matchAll(/(?:'(?:\\.|[^'])'|[^,'])+/g)].map(m => m[0].trim());
}

function littleEndian(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let v = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++) { bytes[i] = Number(v & 255n); v >>= 8n; }
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { out.set(p, at); at += p.length; }
  return out;
}
