// WebAssembly modules (core spec, 5.5): types, imports, functions, exports, code. The memory is always imported as env.memory.
import * as w from './opcodes.ts';
import type { Code } from './code.ts';
import { ByteSink } from './sink.ts';

const TYPE = 1, IMPORT = 2, FUNCTION = 3, EXPORT = 7, ELEMENT = 9, CODE = 10;

/** `code`: in the making, or a body as it stands in another module. */
interface Body { readonly type: number; readonly name: string; readonly code: Code | Uint8Array; readonly isExported: boolean }

export class ModuleBuilder {
  readonly #types: { readonly params: readonly number[]; readonly results: readonly number[] }[] = [];
  readonly #imports: { readonly type: number; readonly name: string }[] = [];
  readonly #bodies: Body[] = [];
  readonly #elements: { readonly at: number; readonly index: number }[] = [];
  #importsTable = false;
  #places: readonly { at: number; length: number }[] = [];

  /** Index of a function type. */
  type(params: readonly number[], results: readonly number[]): number {
    return this.#types.push({ params, results }) - 1;
  }

  /** Imports env.`name`. All imports come before the first function. */
  importFunction(name: string, type: number): number {
    return this.#imports.push({ type, name }) - 1;
  }

  /** Imports env.table, a table of functions, as table 0. */
  importTable(): void { this.#importsTable = true; }

  /** Adds a function, exported unless told otherwise; answers its index. */
  function(name: string, type: number, code: Code | Uint8Array, isExported = true): number {
    return this.#imports.length + this.#bodies.push({ type, name, code, isExported }) - 1;
  }

  /** Index of the function that is added next. */
  get nextFunction(): number { return this.#imports.length + this.#bodies.length; }

  /** Instantiation puts the function into the imported table, at `at`. */
  element(at: number, index: number): void { this.#elements.push({ at, index }); }

  /** Once finished: where the body of a function that was added stands, behind its length, and that. */
  bodyOf(index: number): { readonly at: number; readonly length: number } { return this.#places[index - this.#imports.length]!; }

  /** The finished module for a memory of exactly `pages` wasm pages. */
  finish(pages: number): Uint8Array<ArrayBuffer> {
    const out = new ByteSink(512 + this.#bodies.reduce((n, b) => n + b.code.length + 32, 0));
    for (const b of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) out.u8(b);
    section(out, TYPE, this.#types, (s, t) => { s.u8(0x60); vector(s, t.params); vector(s, t.results); });
    this.#importSection(out, pages);
    section(out, FUNCTION, this.#bodies, (s, b) => s.u32(b.type));
    const exported = this.#bodies.filter(b => b.isExported);
    section(out, EXPORT, exported, (s, b) => { s.name(b.name); s.u8(0); s.u32(this.#imports.length + this.#bodies.indexOf(b)); });
    if (this.#elements.length > 0) section(out, ELEMENT, this.#elements, (s, e) => { s.u8(0); s.u8(w.i32_const); s.s32(e.at); s.u8(w.end); s.u32(1); s.u32(e.index); });
    const ends: number[] = [], lengths: number[] = [];
    section(out, CODE, this.#bodies, (s, b) => {
      lengths.push(b.code instanceof Uint8Array ? encodedBody(s, b.code) : functionBody(s, b.code));
      ends.push(s.length);
    });
    // Their section's length was put in front of them.
    const shift = out.length - (ends.at(-1) ?? out.length);
    this.#places = ends.map((end, i) => ({ at: end + shift - lengths[i]!, length: lengths[i]! }));
    return out.view();
  }

  #importSection(out: ByteSink, pages: number): void {
    out.u8(IMPORT);
    const from = out.length;
    out.u32(this.#imports.length + (this.#importsTable ? 2 : 1));
    out.name('env'); out.name('memory'); out.u8(2); out.u8(1); out.u32(pages); out.u32(pages);
    if (this.#importsTable) { out.name('env'); out.name('table'); out.u8(1); out.u8(w.funcref); out.u8(0); out.u32(0); }
    for (const i of this.#imports) { out.name('env'); out.name(i.name); out.u8(0); out.u32(i.type); }
    out.measure(from);
  }
}

function section<T>(out: ByteSink, id: number, items: readonly T[], write: (s: ByteSink, item: T) => void): void {
  out.u8(id);
  const from = out.length;
  out.u32(items.length);
  for (const item of items) write(out, item);
  out.measure(from);
}

function vector(s: ByteSink, items: readonly number[]): void {
  s.u32(items.length);
  for (const i of items) s.u8(i);
}

function encodedBody(out: ByteSink, body: Uint8Array): number {
  out.u32(body.length);
  out.put(body);
  return body.length;
}

/** Locals are run-length encoded in the order they were asked for. Answers the length, without that itself. */
function functionBody(out: ByteSink, code: Code): number {
  const from = out.length, { locals } = code;
  let runs = 0;
  for (let i = 0; i < locals.length; i++) if (i === 0 || locals[i] !== locals[i - 1]) runs++;
  out.u32(runs);
  for (let i = 0, start = 0; i < locals.length; i++) {
    if (locals[i + 1] === locals[i]) continue;
    out.u32(i + 1 - start);
    out.u8(locals[i]!);
    start = i + 1;
  }
  out.append(code);
  out.u8(w.end);
  const { length } = out;
  out.measure(from);
  return length - from;
}
