// Reads a flattened device tree (Devicetree Specification 0.4, chapter 5) out of RAM into nodes with properties.
import { cString } from '../../lib/utf8.ts';

const MAGIC = 0xd00d_feed;
const BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9;

const NOTHING = new Uint8Array(0);

export class FdtNode {
  readonly name: string;
  readonly parent: FdtNode | null;
  readonly properties = new Map<string, Uint8Array>();
  readonly children: FdtNode[] = [];
  constructor(name: string, parent: FdtNode | null) {
    this.name = name;
    this.parent = parent;
  }

  /** Property as 32-bit cells; empty where there is none. */
  cells(name: string): number[] {
    const bytes = this.properties.get(name);
    if (bytes === undefined) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(4 * i));
  }

  cell(name: string, otherwise: number): number { return this.cells(name)[0] ?? otherwise; }

  /** Property as a list of strings. */
  strings(name: string): string[] {
    const bytes = this.properties.get(name) ?? NOTHING;
    const out: string[] = [];
    for (let at = 0; at < bytes.length; at += out[out.length - 1]!.length + 1) out.push(cString(bytes, at));
    return out;
  }

  text(name: string): string { return this.strings(name)[0] ?? ''; }

  /** `reg` (2.3.6) as addresses and sizes, by the parent's cell counts. */
  reg(): { base: number; size: number }[] {
    const cells = this.cells('reg');
    const a = this.parent?.cell('#address-cells', 2) ?? 2, s = this.parent?.cell('#size-cells', 1) ?? 1;
    const count = a + s > 0 ? Math.floor(cells.length / (a + s)) : 0;
    return Array.from({ length: count }, (_, i) => ({ base: number(cells, i * (a + s), a), size: number(cells, i * (a + s) + a, s) }));
  }

  /** A property of this node or of the nearest ancestor that has it (interrupt-parent, 2.4.1). */
  inherited(name: string): number {
    return this.properties.has(name) ? this.cell(name, 0) : this.parent?.inherited(name) ?? 0;
  }

  child(name: string): FdtNode | null { return this.children.find(c => c.name === name || c.name.startsWith(`${name}@`)) ?? null; }
}

/** The tree's root, or null if the blob is none. */
export function parseFdt(blob: Uint8Array): FdtNode | null {
  if (blob.length < 40) return null;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0) !== MAGIC || view.getUint32(4) > blob.length) return null;
  const strings = view.getUint32(12);
  const end = view.getUint32(8) + view.getUint32(36);
  let at = view.getUint32(8);
  let node: FdtNode | null = null;
  while (at + 4 <= end && end <= blob.length) {
    const token = view.getUint32(at);
    at += 4;
    if (token === BEGIN_NODE) {
      const name = cString(blob, at, end);
      const inner: FdtNode = new FdtNode(name, node);
      node?.children.push(inner);
      node = inner;
      at = align4(at + name.length + 1);
    } else if (token === PROP && node !== null && at + 8 <= end) {
      const length = view.getUint32(at);
      if (length > end - at - 8) return null;
      node.properties.set(cString(blob, strings + view.getUint32(at + 4)), blob.slice(at + 8, at + 8 + length));
      at = align4(at + 8 + length);
    } else if (token === END_NODE && node !== null) {
      if (node.parent === null) return node;
      node = node.parent;
    } else if (token === END || token !== NOP) {
      return null;
    }
  }
  return null;
}

const align4 = (n: number): number => (n + 3) & ~3;

function number(cells: readonly number[], at: number, count: number): number {
  let n = 0;
  for (let i = 0; i < count; i++) n = n * 2 ** 32 + cells[at + i]!;
  return n;
}
