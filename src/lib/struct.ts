// C structs as typed views over bytes: fields are laid out with natural alignment (little-endian, LP64) and become accessors on a
// prototype. Numbers are exact to 2^53 and saturate on writing; opaque 64-bit fields (raw64) are a pair of words `x_lo`, `x_hi`.
// A view is a window, not a copy: make one per scratch buffer, move it with at().

/** A number field. */
export interface Scalar {
  readonly kind: 'scalar';
  readonly size: number;
  readonly align: number;
  readonly get: (data: DataView, at: number) => number;
  readonly set: (data: DataView, at: number, value: number) => void;
}
/** An opaque 64-bit field, read and written as the two words `NAME_lo` and `NAME_hi`. */
export interface Raw64 { readonly kind: 'raw64'; readonly size: 8; readonly align: 8 }
/** Bytes nobody reads; zero() clears them. */
export interface Pad { readonly kind: 'pad'; readonly size: number; readonly align: number }
/** A char array, seen as a Uint8Array. */
export interface Bytes { readonly kind: 'bytes'; readonly size: number; readonly align: 1 }
/** `length` elements, seen through get(i) and set(i, x), or get(i) alone for structs. */
export interface ArrayOf<E extends Element> {
  readonly kind: 'array'; readonly size: number; readonly align: number; readonly element: E; readonly length: number;
}
/** A laid-out struct; a struct is itself a field. */
export interface Struct<F extends Fields> {
  readonly kind: 'struct';
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly fields: F;
  readonly offsets: { readonly [K in keyof F]: number };
  /** A view of the struct at `offset`; by default of a zeroed buffer of its own. */
  readonly view: (bytes?: Uint8Array, offset?: number) => View<F>;
}
export type Element = Scalar | Struct<Fields>;
export type Field = Scalar | Raw64 | Pad | Bytes | ArrayOf<Element> | Struct<Fields>;
// eslint-disable-next-line typescript/no-explicit-any -- Struct<F> is invariant in F; only `any` says "some struct" here.
export type Fields = { readonly [name: string]: Scalar | Raw64 | Pad | Bytes | ArrayOf<any> | Struct<any> };

/** The typed window that Struct.view makes. */
export type View<F extends Fields> = StructView
  & { -readonly [K in keyof F as F[K] extends Scalar ? K : never]: number }
  & { -readonly [K in keyof F as F[K] extends Raw64 ? `${K & string}_lo` | `${K & string}_hi` : never]: number }
  & { readonly [K in keyof F as F[K] extends Bytes ? K : never]: Uint8Array }
  & { readonly [K in keyof F as F[K] extends ArrayOf<Element> ? K : never]: F[K] extends ArrayOf<infer E> ? ArrayView<E> : never }
  & { readonly [K in keyof F as F[K] extends Struct<Fields> ? K : never]: F[K] extends Struct<infer G> ? View<G> : never };
/** The view type of a struct constant: `ViewOf<typeof Stat>`. */
export type ViewOf<S> = S extends Struct<infer F> ? View<F> : never;
type ItemOf<E> = E extends Struct<infer F> ? View<F> : number;

const scalar = (size: number, get: Scalar['get'], set: Scalar['set']): Scalar => ({ kind: 'scalar', size, align: size, get, set });

export const u8 = scalar(1, (d, o) => d.getUint8(o), (d, o, x) => d.setUint8(o, x));
export const i8 = scalar(1, (d, o) => d.getInt8(o), (d, o, x) => d.setInt8(o, x));
export const u16 = scalar(2, (d, o) => d.getUint16(o, true), (d, o, x) => d.setUint16(o, x, true));
export const i16 = scalar(2, (d, o) => d.getInt16(o, true), (d, o, x) => d.setInt16(o, x, true));
export const u32 = scalar(4, (d, o) => d.getUint32(o, true), (d, o, x) => d.setUint32(o, x, true));
export const i32 = scalar(4, (d, o) => d.getInt32(o, true), (d, o, x) => d.setInt32(o, x, true));
export const u64 = scalar(8, getU64, setU64);
export const i64 = scalar(8, getI64, setI64);
export const raw64: Raw64 = { kind: 'raw64', size: 8, align: 8 };
/** A user-space address or a size: read like u64. */
export const ptr = u64;

export const pad = (size: number, align = 1): Pad => ({ kind: 'pad', size, align });
export const bytes = (size: number): Bytes => ({ kind: 'bytes', size, align: 1 });
export const array = <E extends Element>(element: E, length: number): ArrayOf<E> =>
  ({ kind: 'array', size: element.size * length, align: element.align, element, length });
/** The same field with a stricter alignment, `__attribute__((aligned(n)))`. */
export const aligned = <T extends Field>(field: T, align: number): T => ({ ...field, align });

/** Declares a struct: lays the fields out in order. Their accessors are defined when somebody first wants a view: few of all structs are used in a run. */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  const offsets: Record<string, number> = {};
  let end = 0;
  let align = 1;
  for (const key in fields) {
    const field = fields[key] as Field, at = roundUp(end, field.align);
    offsets[key] = at;
    end = at + field.size;
    align = Math.max(align, field.align);
  }
  const size = roundUp(end, align);
  let views: ReturnType<typeof viewClass> | undefined;
  const view = (buffer: Uint8Array = new Uint8Array(size), offset = 0) => new (views ??= viewClass(fields, offsets))(buffer, offset, size) as View<F>;
  return { kind: 'struct', name, size, align, fields, offsets: offsets as { [K in keyof F]: number }, view };
}

function viewClass(fields: Fields, offsets: Readonly<Record<string, number>>): typeof StructView {
  class LaidOut extends StructView {}
  for (const key in fields) defineAccessors(LaidOut.prototype, key, fields[key] as Field, offsets[key]!);
  return LaidOut;
}

/** What every view can do, whatever its fields. */
export class StructView {
  data: DataView;
  offset: number;
  readonly byteLength: number;
  readonly parts: (StructView | ArrayView<Element>)[] = [];

  constructor(buffer: Uint8Array, offset: number, size: number) {
    this.data = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.offset = offset;
    this.byteLength = size;
  }

  /** Moves the window; offsets are those of the buffer the view was made for. */
  at(offset: number): this {
    this.offset = offset;
    return this;
  }

  /** Puts the window on another buffer. */
  over(buffer: Uint8Array, offset = 0): this {
    this.data = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.offset = offset;
    return this;
  }

  /** The bytes under the window. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.data.buffer, this.data.byteOffset + this.offset, this.byteLength);
  }

  /** Clears everything, padding too: kernel memory must not leak to user space through holes. */
  zero(): this {
    this.bytes.fill(0);
    return this;
  }
}

/** Elements of an array field. */
export class ArrayView<E extends Element> {
  data: DataView;
  offset: number;
  readonly element: E;
  readonly length: number;
  private item: StructView | undefined;

  constructor(data: DataView, offset: number, field: ArrayOf<E>) {
    this.data = data;
    this.offset = offset;
    this.element = field.element;
    this.length = field.length;
  }

  /** The number at `i`, or the (reused) view of the struct at `i`. */
  get(i: number): ItemOf<E> {
    const at = this.offset + i * this.element.size;
    if (this.element.kind === 'scalar') return this.element.get(this.data, at) as ItemOf<E>;
    this.item ??= this.element.view();
    this.item.data = this.data;
    return this.item.at(at) as ItemOf<E>;
  }

  set(i: number, value: E extends Scalar ? number : never): void {
    if (this.element.kind === 'scalar') this.element.set(this.data, this.offset + i * this.element.size, value);
  }
}

function defineAccessors(on: StructView, key: string, field: Field, at: number): void {
  switch (field.kind) {
    case 'pad': return;
    case 'scalar': return defineScalar(on, key, field, at);
    case 'raw64':
      defineScalar(on, `${key}_lo`, u32, at);
      return defineScalar(on, `${key}_hi`, u32, at + 4);
    case 'bytes':
      Object.defineProperty(on, key, {
        get(this: StructView) { return new Uint8Array(this.data.buffer, this.data.byteOffset + this.offset + at, field.size); },
      });
      return;
    case 'array':
      return definePart(on, key, at, view => new ArrayView(view.data, 0, field));
    case 'struct':
      return definePart(on, key, at, () => field.view());
  }
}

function defineScalar(on: StructView, key: string, field: Scalar, at: number): void {
  const { get, set } = field;
  Object.defineProperty(on, key, {
    get(this: StructView) { return get(this.data, this.offset + at); },
    set(this: StructView, value: number) { set(this.data, this.offset + at, value); },
  });
}

/** A nested view is made once per outer view and re-aimed at every access, so that reading st.st_mtim.tv_sec allocates nothing. */
function definePart(on: StructView, key: string, at: number, make: (outer: StructView) => StructView | ArrayView<Element>): void {
  Object.defineProperty(on, key, {
    get(this: StructView) {
      const part = (this.parts[at] ??= make(this));
      part.data = this.data;
      part.offset = this.offset + at;
      return part;
    },
  });
}

function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}

const WORD = 2 ** 32;

function getU64(d: DataView, o: number): number {
  return d.getUint32(o + 4, true) * WORD + d.getUint32(o, true);
}

function getI64(d: DataView, o: number): number {
  return d.getInt32(o + 4, true) * WORD + d.getUint32(o, true);
}

/** Negative numbers wrap as in C; what a double cannot hold exactly saturates, so that RLIM_INFINITY survives a round trip. */
function setU64(d: DataView, o: number, x: number): void {
  if (x >= 0 && x < WORD) {
    d.setUint32(o, x, true);
    d.setUint32(o + 4, 0, true);
  } else {
    const fits = x < 2 ** 64;
    d.setUint32(o, fits ? x : -1, true);
    d.setUint32(o + 4, fits ? Math.floor(x / WORD) : -1, true);
  }
}

function setI64(d: DataView, o: number, x: number): void {
  if (x < 2 ** 63) return setU64(d, o, x);
  d.setUint32(o, -1, true);
  d.setUint32(o + 4, 0x7fff_ffff, true);
}
