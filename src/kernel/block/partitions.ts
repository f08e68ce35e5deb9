// Partition tables: GUID tables (UEFI specification 2.10, chapter 5) with a protective MBR, else classic MBR with logical partitions in extended ones.
// What a table claims beyond the end of the disk is cut off or left out, as Linux does.
import { crc32 } from '../../lib/crc32.ts';

/** A partition as the table describes it: sectors of 512 bytes. */
export interface PartitionEntry { readonly number: number; readonly start: number; readonly sectors: number; readonly uuid: string; readonly label: string }

/** Gives `count` sectors from `sector` on, or a negative errno (BLOCKED included). */
export abstract class SectorSource {
  abstract read(sector: number, count: number): Uint8Array | number;
  abstract readonly sectors: number;
}

const MBR_SIGNATURE = 0xaa55, GPT_TYPE = 0xee;
const EXTENDED = new Set([0x05, 0x0f, 0x85]);
const MAX_LOGICAL = 60, MAX_GPT_ENTRIES = 128;

/** The partitions of a disk, none if there is no table; a negative errno if it cannot be read. */
export function readPartitions(disk: SectorSource): readonly PartitionEntry[] | number {
  const mbr = disk.read(0, 1);
  if (typeof mbr === 'number') return mbr;
  const view = viewOf(mbr);
  if (view.getUint16(510, true) !== MBR_SIGNATURE) return [];
  const rows = [0, 1, 2, 3].map(i => row(view, i));
  if (!rows.every(r => r.flag === 0 || r.flag === 0x80)) return [];   // a file system's boot sector, not a table
  return rows.some(r => r.type === GPT_TYPE) ? readGpt(disk) : readMbr(disk, rows);
}

interface Row { readonly flag: number; readonly type: number; readonly start: number; readonly sectors: number }

function row(view: DataView, i: number): Row {
  const at = 446 + 16 * i;
  return { flag: view.getUint8(at), type: view.getUint8(at + 4), start: view.getUint32(at + 8, true), sectors: view.getUint32(at + 12, true) };
}

function readMbr(disk: SectorSource, rows: readonly Row[]): readonly PartitionEntry[] | number {
  const found: PartitionEntry[] = [];
  for (const [i, r] of rows.entries()) {
    if (r.type === 0 || r.sectors === 0) continue;
    // Of an extended partition only the first sectors are shown, for boot loaders.
    const shown = EXTENDED.has(r.type) ? Math.min(r.sectors, 2) : r.sectors;
    add(found, disk, { number: i + 1, start: r.start, sectors: shown, uuid: '', label: '' });
  }
  const extended = rows.find(r => EXTENDED.has(r.type) && r.sectors > 0);
  return extended === undefined ? found : readLogical(disk, extended, found);
}

/** A chain of tables inside the extended partition: one partition each, and where the next table is. */
function readLogical(disk: SectorSource, extended: Row, found: PartitionEntry[]): readonly PartitionEntry[] | number {
  let at = extended.start;
  for (let number = 5; number < 5 + MAX_LOGICAL; number++) {
    if (at >= disk.sectors) break;
    const sector = disk.read(at, 1);
    if (typeof sector === 'number') return sector;
    const view = viewOf(sector);
    if (view.getUint16(510, true) !== MBR_SIGNATURE) break;
    const [data, next] = [row(view, 0), row(view, 1)];
    if (data.sectors > 0 && data.type !== 0) add(found, disk, { number, start: at + data.start, sectors: data.sectors, uuid: '', label: '' });
    if (!EXTENDED.has(next.type) || next.sectors === 0 || next.start === 0) break;
    at = extended.start + next.start;
  }
  return found;
}

/** The primary table, or the backup at the end of the disk if the primary is damaged. */
function readGpt(disk: SectorSource): readonly PartitionEntry[] | number {
  for (const at of [1, disk.sectors - 1]) {
    const header = disk.read(at, 1);
    if (typeof header === 'number') return header;
    const view = viewOf(header);
    if (!isGptHeader(header, view, at)) continue;
    const count = Math.min(view.getUint32(80, true), MAX_GPT_ENTRIES), size = view.getUint32(84, true);
    const entries = disk.read(u64(view, 72), Math.ceil(view.getUint32(80, true) * size / 512));
    if (typeof entries === 'number') return entries;
    if (crc32(entries.subarray(0, view.getUint32(80, true) * size)) !== view.getUint32(88, true)) continue;
    return gptEntries(disk, entries, count, size);
  }
  return [];
}

function isGptHeader(bytes: Uint8Array, view: DataView, at: number): boolean {
  const size = view.getUint32(12, true), entrySize = view.getUint32(84, true), entries = view.getUint32(80, true);
  if (view.getUint32(0, true) !== 0x2049_4645 || view.getUint32(4, true) !== 0x5452_4150) return false;   // "EFI PART"
  if (size < 92 || size > 512 || u64(view, 24) !== at || entrySize < 128 || entrySize > 4096 || entrySize % 8 !== 0 || entries > 1024) return false;
  const copy = bytes.slice(0, size);
  copy.fill(0, 16, 20);
  return crc32(copy) === view.getUint32(16, true);
}

function gptEntries(disk: SectorSource, bytes: Uint8Array, count: number, size: number): PartitionEntry[] {
  const found: PartitionEntry[] = [];
  const view = viewOf(bytes);
  for (let i = 0; i < count; i++) {
    const at = i * size;
    if (bytes.subarray(at, at + 16).every(b => b === 0)) continue;
    const start = u64(view, at + 32), last = u64(view, at + 40);
    let label = '';
    for (let c = 0; c < 36; c++) {
      const unit = view.getUint16(at + 56 + 2 * c, true);
      if (unit === 0) break;
      label += String.fromCharCode(unit);
    }
    if (last >= start && last < disk.sectors) add(found, disk, { number: i + 1, start, sectors: last - start + 1, uuid: guid(bytes, at + 16), label });
  }
  return found;
}

function add(found: PartitionEntry[], disk: SectorSource, e: PartitionEntry): void {
  if (e.start >= disk.sectors) return;
  found.push(e.start + e.sectors > disk.sectors ? { ...e, sectors: disk.sectors - e.start } : e);
}

/** Mixed byte order: the first three fields are little-endian. */
function guid(bytes: Uint8Array, at: number): string {
  const hex = (...order: number[]): string => order.map(i => bytes[at + i]!.toString(16).padStart(2, '0')).join('');
  return `${hex(3, 2, 1, 0)}-${hex(5, 4)}-${hex(7, 6)}-${hex(8, 9)}-${hex(10, 11, 12, 13, 14, 15)}`;
}

const viewOf = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);
const u64 = (v: DataView, at: number): number => v.getUint32(at + 4, true) * 2 ** 32 + v.getUint32(at, true);
