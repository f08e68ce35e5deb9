// What the machine needs of the WebAssembly JavaScript API (W3C, "WebAssembly JavaScript Interface"): the core compiles without DOM and Node types.
// Method names and shapes agree with lib.dom, so that both may be loaded together.
declare namespace WebAssembly {
  interface Memory { readonly buffer: ArrayBuffer }
  interface Module {}
  interface Table {
    readonly length: number;
    get(index: number): unknown;
    grow(delta: number): number;
    set(index: number, value: unknown): void;
  }
  interface Instance { readonly exports: Record<string, unknown> }
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  var Memory: { new(descriptor: { initial: number; maximum?: number; shared?: boolean }): Memory };
  var Table: { new(descriptor: { element: 'anyfunc'; initial: number; maximum?: number }): Table };
  var Module: { new(bytes: Uint8Array<ArrayBuffer>): Module };
  var Instance: { new(module: Module, imports?: Record<string, Record<string, unknown>>): Instance };
}
