// What was translated, for people: every region with the name of the code it was made of, what it cost, and its text.
import { regionText } from '../../machine/jit/region-text.ts';
import { ElfImage } from '../profile/elf-image.ts';
import { fromBytes as text } from '../text.ts';
import { EXIT_NAMES, type RecordedRegion, type TranslationRecorder, WENT_ON } from './recorder.ts';

export interface RegionReport {
  /** Virtual address of the entry, where it ran first; -1 unknown. */
  readonly address: number;
  /** Function and file that it is in; '' unknown. */
  readonly symbol: string;
  readonly file: string;
  readonly blocks: number;
  readonly instructions: number;
  /** Of its function's body. */
  readonly wasmBytes: number;
  /** Microseconds, its share of its module's. */
  readonly generator: number;
  readonly engine: number;
  /** How often it was entered, and left: by going on elsewhere, or why else. Empty unless counted. */
  readonly entries: number;
  readonly exits: readonly { readonly why: string; readonly count: number }[];
  /** Guest instructions are in it. */
  covers(address: number): boolean;
  /** WebAssembly text, every guest instruction in front of what became of it. */
  text(): string;
}

/** In order of translation. `base` is where the hart's context is; `read` gets files of the guest. */
export function reportOf(recorder: TranslationRecorder, base: number, read: (path: string) => Uint8Array | null): RegionReport[] {
  const images = new Map<string, ElfImage | null>();
  const imageOf = (path: string): ElfImage | null => {
    if (!images.has(path)) {
      const bytes = path.startsWith('/') ? read(path) : null;
      images.set(path, bytes === null ? null : ElfImage.parse(bytes));
    }
    return images.get(path)!;
  };
  return recorder.regions.map(r => ({ ...describe(r, base, imageOf), ...countsOf(recorder, r.f.id) }));
}

function countsOf({ counter }: TranslationRecorder, id: number): Pick<RegionReport, 'entries' | 'exits'> {
  const counts = counter?.exits[id] ?? [];
  return { entries: counter?.entries[id] ?? 0, exits: counts.map((count, i) => ({ why: i === WENT_ON ? 'on' : EXIT_NAMES[i]!, count })).filter(e => e.count > 0).reverse() };
}

function describe({ module, f, origin, generator, engine }: RecordedRegion, base: number, imageOf: (path: string) => ElfImage | null): Omit<RegionReport, 'entries' | 'exits'> {
  const address = origin?.address ?? -1, page = Math.max(0, address - f.region.entry), { blocks, instructions } = f.region;
  const image = imageOf(origin?.path ?? ''), name = image?.nameOf(image.addressOf(origin!.offset)) ?? '';
  return {
    address, symbol: text(name), file: origin === null ? '' : origin.path === '' ? '[generated code]' : text(origin.path), blocks: blocks.length, instructions, wasmBytes: f.bytes, generator, engine,
    covers: at => blocks.some(b => at >= page + b.at && at < page + b.after),
    text: () => regionText(module, f, base, page),
  };
}
