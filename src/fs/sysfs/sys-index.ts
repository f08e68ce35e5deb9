// The shape of sysfs, kept from one look to the next: which names there are, what each is, and which part of the tree makes it. Devices that come, go, meet a driver or
// change their name are told of by uevents, device nodes count themselves: as long as neither has moved, the shape holds. Lines of files are made when they are read.
import type { Kernel } from '../../kernel/kernel.ts';
import type { SysNode } from './nodes.ts';
import { PARTS } from './tree.ts';

export class SysIndex {
  private seqnum = -1;
  private generation = -1;
  private nodes = new Map<string, SysNode>();
  /** Names in a directory. */
  private children = new Map<string, string[]>();
  /** The number of the part that has made a path last. */
  private parts = new Map<string, number>();

  /** A name that is not known may be new without anybody having said so: then it is looked for once more. */
  node(k: Kernel, path: string): SysNode | undefined {
    this.update(k);
    const node = this.nodes.get(path);
    if (node !== undefined) return node;
    this.build(k);
    return this.nodes.get(path);
  }

  names(k: Kernel, dir: string): readonly string[] {
    this.update(k);
    return this.children.get(dir) ?? [];
  }

  /** The node as it is now, with its line: only the part that it belongs to is made again. */
  fresh(k: Kernel, path: string): SysNode | undefined {
    this.update(k);
    const part = this.parts.get(path);
    if (part === undefined) return undefined;
    const tree = new Map<string, SysNode>([['', 'directory']]);
    PARTS[part]!(tree, k);
    return tree.get(path);
  }

  private update(k: Kernel): void {
    if (this.seqnum !== k.uevents.seqnum || this.generation !== k.devices.generation) this.build(k);
  }

  private build(k: Kernel): void {
    this.seqnum = k.uevents.seqnum;
    this.generation = k.devices.generation;
    this.nodes = new Map([['', 'directory']]);
    this.children = new Map();
    this.parts = new Map();
    for (const [i, add] of PARTS.entries()) {
      const tree = new Map<string, SysNode>([['', 'directory']]);
      add(tree, k);
      for (const [path, node] of tree) this.enter(path, node, i);
    }
  }

  private enter(path: string, node: SysNode, part: number): void {
    if (path === '' || (node === 'directory' && this.nodes.has(path))) return;
    if (!this.nodes.has(path)) {
      const slash = path.lastIndexOf('/'), dir = path.slice(0, Math.max(0, slash));
      const names = this.children.get(dir);
      if (names === undefined) this.children.set(dir, [path.slice(slash + 1)]);
      else names.push(path.slice(slash + 1));
    }
    this.nodes.set(path, node);
    this.parts.set(path, part);
  }
}
