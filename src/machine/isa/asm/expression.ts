// Operand expressions: numbers, characters, symbols, sums and differences. 64-bit values are BigInt: assembling is no hot path.

export interface Symbols {
  /** Value of a symbol; undefined while it is not known. */
  get(name: string): bigint | undefined;
}

/** Value of `text`, or the name of a symbol that has none. */
export function evaluate(text: string, symbols: Symbols): bigint | { readonly unknown: string } {
  let sum = 0n, sign = 1n, rest = text.trim();
  if (rest === '') throw new Error('an expression is missing');
  while (rest !== '') {
    const m = /^([+-]?)\s*('(?:\\.|[^'])'|[\w.$]+)\s*/.exec(rest);
    if (m === null) throw new Error(`cannot read the expression "${text}"`);
    const [all, op, atom] = m as unknown as [string, string, string];
    sign = op === '-' ? -1n : 1n;
    const value = atomValue(atom, symbols);
    if (value === undefined) return { unknown: atom };
    sum += sign * value;
    rest = rest.slice(all.length);
  }
  return sum;
}

function atomValue(atom: string, symbols: Symbols): bigint | undefined {
  if (atom.startsWith("'")) return BigInt(unescape(atom.slice(1, -1)).charCodeAt(0));
  if (/^\d+[bf]$/.test(atom)) return symbols.get(atom);
  return /^\d/.test(atom) ? BigInt(atom) : symbols.get(atom);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0', e: '\x1b' };

/** The characters of a quoted string: \n \t \r \0 \e \xHH and escaped punctuation. */
export function unescape(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_all, hex: string | undefined, c: string) => hex === undefined ? ESCAPES[c] ?? c : String.fromCharCode(parseInt(hex, 16)));
}
