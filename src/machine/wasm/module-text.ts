// A module of module.ts taken apart again (core spec, 5.5): its functions, each as text.
import { ByteSource } from './source.ts';
import { bodyText, type FunctionType, type TextModule, type TextNotes, typeName } from './text.ts';

/** One function of a module. */
export interface FunctionBytes {
  readonly name: string;
  readonly type: FunctionType;
  /** Locals and code. */
  readonly body: Uint8Array;
}

export class ModuleSource implements TextModule {
  readonly types: FunctionType[] = [];
  readonly functions: { name: string; type: FunctionType }[] = [];
  readonly #bodies = new Map<string, FunctionBytes>();

  constructor(bytes: Uint8Array) {
    const source = new ByteSource(bytes), bodies: Uint8Array[] = [];
    source.take(8);
    let imported = 0;
    while (!source.atEnd) {
      const id = source.u8(), section = new ByteSource(source.take(source.u32()));
      for (let n = section.u32(); n > 0; n--) {
        switch (id) {
          case 1: section.u8(); this.types.push({ params: valueTypes(section), results: valueTypes(section) }); break;
          case 2: imported += this.#import(section) ? 1 : 0; break;
          case 3: this.functions.push({ name: '', type: this.types[section.u32()]! }); break;
          case 7: {
            const name = section.name(), kind = section.u8(), index = section.u32();
            if (kind === 0) this.functions[index]!.name = name;
            break;
          }
          // Where the table gets a function: (i32.const …) end, indices.
          case 9: section.take(2); section.signed(); section.u8(); for (let k = section.u32(); k > 0; k--) section.u32(); break;
          case 10: bodies.push(section.take(section.u32())); break;
          default: throw new Error(`section ${id} is not written by our encoder`);
        }
      }
    }
    bodies.forEach((body, i) => {
      const { name, type } = this.functions[imported + i]!;
      this.#bodies.set(name, { name, type, body });
    });
  }

  /** The functions with a body, by the names they are exported under. */
  get bodies(): ReadonlyMap<string, FunctionBytes> { return this.#bodies; }

  /** `(func …)` */
  text(name: string, notes: TextNotes = {}): string {
    const { type, body } = this.#bodies.get(name)!;
    const list = (word: string, types: readonly number[], named: boolean): string => types.length === 0 ? '' : named && notes.locals !== undefined
      ? types.map((t, i) => ` (${word} $${notes.locals![i]} ${typeName(t)})`).join('') : ` (${word} ${types.map(typeName).join(' ')})`;
    return `(func $${name}${list('param', type.params, true)}${list('result', type.results, false)}\n${bodyText(body, type, this, notes)})`;
  }

  /** Answers whether it is a function. */
  #import(s: ByteSource): boolean {
    s.name();
    const name = s.name();
    switch (s.u8()) {
      case 0: this.functions.push({ name, type: this.types[s.u32()]! }); return true;
      case 1: s.u8(); limits(s); return false;
      case 2: limits(s); return false;
      default: throw new Error(`import ${name}: of a kind that our encoder does not write`);
    }
  }
}

function limits(s: ByteSource): void {
  const flags = s.u8();
  s.u32();
  if ((flags & 1) !== 0) s.u32();
}

function valueTypes(s: ByteSource): number[] { return Array.from({ length: s.u32() }, () => s.u8()); }
