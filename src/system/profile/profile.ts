// A finished profile: a tree of calls with counts, as Chrome's .cpuprofile or as a flame graph.
import { flameGraph } from './flame-graph.ts';
import type { Profiler } from './profiler.ts';
import { Unwinder, type Frame } from './unwinder.ts';

/** A function called from its parent; `self`: samples in it, `total`: and in what it called. */
export class CallNode {
  readonly id: number;
  readonly frame: Frame;
  self = 0;
  total = 0;
  readonly children = new Map<Frame, CallNode>();
  constructor(id: number, frame: Frame) {
    this.id = id;
    this.frame = frame;
  }
}

export interface Profile {
  readonly root: CallNode;
  /** Instructions a sample stands for. */
  readonly interval: number;
  /** In order of time: the innermost node, and instructions since the one before. */
  readonly leaves: readonly { readonly node: CallNode; readonly delta: number }[];
}

export type ProfileFormat = 'cpuprofile' | 'svg';

/** Names and callers of all samples; below the root are the processes. `read` gets files of the guest. */
export function profileOf(profiler: Profiler, read: (path: string) => Uint8Array | null): Profile {
  const unwinder = new Unwinder(read), processes = new Map<string, Frame>();
  let nodes = 1;
  const root = new CallNode(nodes, { name: '(root)', file: '' });
  const leaves: { node: CallNode; delta: number }[] = [];
  let last = 0;
  for (const s of profiler.samples) {
    const who = `${s.task} [${s.pid}${s.tid === s.pid ? '' : `/${s.tid}`}]`;
    const top = processes.get(who) ?? { name: who, file: '' };
    processes.set(who, top);
    let node = root;
    root.total++;
    for (const frame of [top, ...unwinder.unwind(s).reverse()]) {
      let child = node.children.get(frame);
      if (child === undefined) {
        child = new CallNode(++nodes, frame);
        node.children.set(frame, child);
      }
      child.total++;
      node = child;
    }
    node.self++;
    leaves.push({ node, delta: s.instret - last });
    last = s.instret;
  }
  return { root, interval: profiler.interval, leaves };
}

/** The text of the file. */
export function renderProfile(profile: Profile, format: ProfileFormat): string {
  return format === 'svg' ? flameGraph(profile) : JSON.stringify(cpuProfile(profile));
}

/** Chrome DevTools' format (protocol domain Profiler, type Profile). Its microseconds are thousands of instructions here. */
export function cpuProfile({ root, leaves }: Profile): object {
  const nodes: object[] = [];
  const visit = (n: CallNode): void => {
    const { name, file } = n.frame;
    nodes.push({
      id: n.id, callFrame: { functionName: name, scriptId: '0', url: file, lineNumber: -1, columnNumber: -1 }, hitCount: n.self,
      children: [...n.children.values()].map(c => c.id),
    });
    for (const c of n.children.values()) visit(c);
  };
  visit(root);
  const timeDeltas = leaves.map(l => Math.round(l.delta / 1000));
  return { nodes, startTime: 0, endTime: timeDeltas.reduce((a, b) => a + b, 0), samples: leaves.map(l => l.node.id), timeDeltas };
}
