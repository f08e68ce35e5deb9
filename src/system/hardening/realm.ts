// Hardening of the realm that kernel and host code share: before anything untrusted is touched the language's own objects are made unchangeable, so that
// no name out of an image, no hostile archive and no loaded module can change what `push` or `get` means to the kernel; and text never becomes code.
//
// How it is done was measured (V8 11.3 and 13.6): Object.freeze of Object.prototype or of a typed array's prototype makes stores into typed arrays 30
// times slower on the older engine, giving Array.prototype's properties new attributes one by one makes iteration 15 times slower on both, and so does touching
// `constructor` of typed arrays. As it is here, loops over typed arrays, calls, iteration and destructuring cost what they did; stores to
// holes of arrays cost five times as much, and no hot path makes any.
import { type Intrinsics, intrinsics } from './intrinsics.ts';

/** Whether the realm is hardened: as an option of machines. A realm stays hardened; whoever embeds kspace decides, or gives it a worker of its own. */
export type Hardening = 'realm' | 'none';

/** Does nothing in a realm that is hardened already. */
export function hardenRealm(): void {
  if (isHardened()) return;
  const all = intrinsics();
  refuseText(all);
  enableOverrides(Object.prototype, ['constructor', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable', 'toLocaleString', 'toString', 'valueOf']);
  enableOverrides(Function.prototype, ['constructor', 'toString']);
  for (const e of all.errors) enableOverrides(e, ['constructor', 'message', 'name', 'toString']);
  for (const o of all.objects) fix(o, all);
  for (const name of [...all.names, 'eval', 'globalThis']) Object.defineProperty(globalThis, name, { writable: false, configurable: false });
}

/** Array.prototype is what everybody would change first. */
export const isHardened = (): boolean => Object.isFrozen(Array.prototype);

/** Properties that must keep their attributes for the sake of speed; the self-audit looks at their values instead (audit.ts). */
export const KEPT: readonly PropertyKey[] = ['constructor', Symbol.iterator];

function fix(o: object, { typedArrays }: Intrinsics): void {
  if (o === Object.prototype) fixEach(o, []);
  else if (typedArrays.includes(o)) fixEach(o, KEPT);
  // Engines and debuggers write to Error.stackTraceLimit and Error.prepareStackTrace.
  else if (o === Error) return fixProperties(o, ['stackTraceLimit', 'prepareStackTrace']);
  else Object.freeze(o);
}

function fixEach(o: object, except: readonly PropertyKey[]): void {
  fixProperties(o, except);
  Object.preventExtensions(o);
}

function fixProperties(o: object, except: readonly PropertyKey[]): void {
  for (const key of Reflect.ownKeys(o)) {
    if (except.includes(key)) continue;
    Object.defineProperty(o, key, 'value' in Object.getOwnPropertyDescriptor(o, key)! ? { writable: false, configurable: false } : { configurable: false });
  }
}

/**
 * An inherited property that is read-only cannot be shadowed by assignment (ECMA-262, OrdinarySet), which programs do with these: `error.name = 'X'`. As accessors
 * they can, on every object but the one that is protected.
 */
function enableOverrides(o: object, keys: readonly string[]): void {
  for (const key of keys) {
    const d = Object.getOwnPropertyDescriptor(o, key);
    if (d === undefined || !('value' in d)) continue;
    const { value } = d;
    Object.defineProperty(o, key, {
      get() { return value as unknown; },
      set(this: object, v: unknown) {
        if (this === o) throw new TypeError(`${key} is protected`);
        Object.defineProperty(this, key, { value: v, writable: true, enumerable: true, configurable: true });
      },
      enumerable: false, configurable: true,
    });
  }
}

/** eval, Function and its kin throw. What is a function stays one for instanceof. */
function refuseText({ makers }: Intrinsics): void {
  const refuse = function Function(): never { throw new EvalError('kspace does not make code of text'); };
  refuse.prototype = Function.prototype;
  for (const maker of makers) Object.defineProperty(maker, 'constructor', { value: refuse, writable: maker === Function.prototype, configurable: maker === Function.prototype });
  Object.defineProperty(globalThis, 'Function', { value: refuse, writable: true, configurable: true });
  Object.defineProperty(globalThis, 'eval', { value: (): never => refuse(), writable: true, configurable: true });
  Object.freeze(refuse);
}
