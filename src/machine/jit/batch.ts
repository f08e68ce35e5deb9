// A module of regions: each of them a function, or two where the status of floating point matters, which instantiation puts into the table.
import type { Engine } from '../engine.ts';
import type { RamImpl } from '../ram.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { anchorOf } from './anchors.ts';
import type { Body } from './body.ts';
import { LEAVE_PARAMS } from './exit-info.ts';
import { dependsOnStatus } from './float-facts.ts';
import type { Candidate } from './frame.ts';
import { regionFunction } from './function.ts';
import { GO_PARAMS, REGION_PARAMS, REGION_RESULTS } from './link.ts';
import type { TranslatedFunction } from './observer.ts';
import { PARAM_NAMES } from './region-ops.ts';
import { addRuns } from './runs.ts';
import type { KeptFunction } from './store.ts';

/** A region, where its function is to stand in the table, and what the observer's counter calls it. */
export interface Part extends Candidate { readonly index: number; readonly id: number; readonly hasSite: boolean }

/** observed: functions have names and marks; counted: they tell of each entry and exit, which takes time. */
export type Observed = 'no' | 'observed' | 'counted';

export class Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** By region: its functions in the module, the one in the table last. */
  readonly places: readonly (readonly KeptFunction[])[];
  /** For the observer. */
  readonly functions: TranslatedFunction[] = [];

  /** `base`: of the hart's context. */
  constructor(ram: RamImpl, base: number, engine: Engine, parts: readonly Part[], observed: Observed) {
    const m = new ModuleBuilder(), isObserved = observed !== 'no', shape = { base, ramSize: ram.size, tlbEntries: ram.layout.tlbEntries, engine };
    const imports = importAll(m), { regionType } = imports, written: (readonly { fn: number; body: Body }[])[] = [];
    const counters = observed === 'counted' ? { entered: m.importFunction('entered', m.type([w.i32], [])), left: m.importFunction('left', m.type([w.i32, w.i32], [])) } : undefined;
    for (const { pfn, region, index, id, hasSite } of parts) {
      const graph = addRuns(region.blocks[0]!), name = `r${index}`, functions: { fn: number; body: Body }[] = [];
      const add = (as: string, body: Body): number => {
        const fn = m.function(as, regionType, body, isObserved);
        functions.push({ fn, body });
        return fn;
      };
      const versions = dependsOnStatus(region), { fetchTlb, jumps } = ram.layout;
      const linkage = { ...imports, self: m.nextFunction + (versions ? 1 : 0), fetchTlb, jumps, anchor: anchorOf(ram, index), pages: region.pages, hasSite };
      const otherwise = versions ? add(`o${index}`, regionFunction(region, graph, { shape, linkage, version: 'other', otherwise: undefined })) : undefined;
      const body = regionFunction(region, graph, { shape, linkage, version: versions ? 'nx' : 'any', otherwise, counting: counters === undefined ? undefined : { id, ...counters } });
      m.element(index, add(name, body));
      written.push(functions);
      if (isObserved) this.functions.push({ id, name, pfn, region, bytes: body.length, locals: [...PARAM_NAMES, ...body.localNames], marks: body.marks });
    }
    this.bytes = m.finish(ram.wasmPages);
    this.places = written.map(functions => functions.map(({ fn, body }) => place(m, fn, body, functions[0]!.fn)));
  }
}

/** What every module of regions imports, in the same order: bodies can move from one to another. */
export function importAll(m: ModuleBuilder): { readonly regionType: number; readonly go: number; readonly ecall: number; readonly leave: number } {
  m.importTable();
  const regionType = m.type(REGION_PARAMS, REGION_RESULTS), go = m.importFunction('go', m.type(GO_PARAMS, REGION_RESULTS));
  const ecall = m.importFunction('ecall', m.type([w.i32], [w.i32])), leave = m.importFunction('leave', m.type(LEAVE_PARAMS, REGION_RESULTS));
  return { regionType, go, ecall, leave };
}

/** A body is its locals, the code and an `end`. `first`: the region's first function. */
function place(m: ModuleBuilder, fn: number, { length: code, calls }: Body, first: number): KeptFunction {
  const { at, length } = m.bodyOf(fn), locals = length - code - 1;
  return { at, length, calls: calls.map((n, i) => (i % 2 === 0 ? n + locals : n - first)) };
}
