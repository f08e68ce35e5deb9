// The objects of the JavaScript language itself that everything in a realm shares (ECMA-262, "Well-Known Intrinsic Objects"): what a realm's hardening
// is about. Host objects (Buffer, URL, process) are the host's business.

const NAMES = [
  'Object', 'Function', 'Array', 'Number', 'Boolean', 'String', 'Symbol', 'BigInt', 'Math', 'JSON', 'Reflect', 'Promise', 'Proxy', 'Map', 'Set', 'WeakMap', 'WeakSet',
  'WeakRef', 'FinalizationRegistry', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Atomics', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array',
  'Uint16Array', 'Int32Array', 'Uint32Array', 'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'RegExp', 'Date', 'Error', 'TypeError', 'RangeError',
  'SyntaxError', 'ReferenceError', 'EvalError', 'URIError', 'AggregateError', 'Iterator', 'WebAssembly', 'isNaN', 'isFinite', 'parseInt', 'parseFloat', 'encodeURIComponent',
  'decodeURIComponent', 'encodeURI', 'decodeURI',
] as const;

export interface Intrinsics {
  /** What globalThis names. */
  readonly names: readonly string[];
  /** Constructors, prototypes and name spaces, each once. */
  readonly objects: readonly object[];
  /** %TypedArray%.prototype and those that inherit from it. */
  readonly typedArrays: readonly object[];
  /** Error.prototype and those that inherit from it. */
  readonly errors: readonly object[];
  /** Prototypes whose `constructor` makes a function of a text. */
  readonly makers: readonly object[];
}

export function intrinsics(): Intrinsics {
  const global = globalThis as unknown as Record<string, unknown>;
  const names = NAMES.filter(n => global[n] !== undefined);
  const objects = new Set<object>();
  const add = (o: unknown): void => { if (isObject(o)) objects.add(o); };
  for (const name of names) {
    add(global[name]);
    add((global[name] as { prototype?: unknown }).prototype);
  }
  for (const member of Object.values(WebAssemblyMembers())) {
    add(member);
    add((member as { prototype?: unknown }).prototype);
  }
  const typedArray = parent(Uint8Array.prototype);
  add(typedArray);
  add(parent(Uint8Array));
  for (const iterator of [[][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''[Symbol.iterator](), 'x'.matchAll(/x/g)]) {
    add(parent(iterator));
    add(parent(parent(iterator)));
  }
  const makers = [parent(function* make() { /* a generator */ }), parent(async () => { /* an async function */ }), parent(async function* make() { /* both */ })];
  for (const maker of makers) {
    const { prototype } = maker as { prototype?: object };
    add(maker);
    add((maker as { constructor: unknown }).constructor);
    add(prototype);
    if (prototype !== undefined) add(parent(prototype));
  }
  const all = [...objects];
  return {
    names, objects: all, typedArrays: all.filter(o => o === typedArray || parent(o) === typedArray),
    errors: all.filter(o => o === Error.prototype || parent(o) === Error.prototype), makers: [Function.prototype, ...makers],
  };
}

/** Code generation stays possible for who holds these: the lint says that only the machine does (tools/layers.mjs). */
function WebAssemblyMembers(): Record<string, unknown> {
  const { Module, Instance, Memory, Table } = WebAssembly;
  return { Module, Instance, Memory, Table };
}

const parent = (o: object): object => Object.getPrototypeOf(o) as object;
const isObject = (o: unknown): o is object => (typeof o === 'object' && o !== null) || typeof o === 'function';
