// Call frame information (.eh_frame; Linux Standard Base "Exception Frames", DWARF 5 section 6.4): at an address, where the caller's registers are. Enough
// of it for what compilers emit for riscv64: the canonical frame address as register plus offset, saved registers at offsets from it.
const REGISTERS = 32;
const RULE_SAME = -1e9, RULE_UNDEFINED = -2e9;

/** How to leave a function at an address: CFA = register `cfaRegister` + `cfaOffset`; `saved[r]`: at CFA + that, or one of the RULEs. */
export class FrameRule {
  cfaRegister = 2;
  cfaOffset = 0;
  readonly saved = new Float64Array(REGISTERS).fill(RULE_SAME);
  /** As at a function's first instruction. */
  reset(): void {
    this.cfaRegister = 2;
    this.cfaOffset = 0;
    this.saved.fill(RULE_SAME);
  }
  copy(from: FrameRule): void {
    this.cfaRegister = from.cfaRegister;
    this.cfaOffset = from.cfaOffset;
    this.saved.set(from.saved);
  }
  isSaved(r: number): boolean { return this.saved[r]! > RULE_SAME; }
  isUndefined(r: number): boolean { return this.saved[r] === RULE_UNDEFINED; }
}

interface Cie { readonly codeAlign: number; readonly dataAlign: number; readonly encoding: number; readonly augmented: boolean; readonly from: number; readonly to: number }
interface Fde { readonly start: number; readonly end: number; readonly cie: Cie; readonly from: number; readonly to: number }

export class CallFrames {
  readonly #view: DataView;
  /** By address. */
  readonly #fdes: Fde[] = [];

  /** `view`: the section; `address`: of its first byte. */
  constructor(view: DataView, address: number) {
    this.#view = view;
    const cies = new Map<number, Cie>();
    for (let at = 0; at + 4 <= view.byteLength;) {
      const length = view.getUint32(at, true);
      if (length === 0 || length === 0xffffffff) break;
      const body = at + 4, end = body + length, id = view.getUint32(body, true);
      if (id === 0) cies.set(at, this.#cie(body + 4, end));
      else this.#fde(cies.get(body - id), body + 4, end, address);
      at = end;
    }
    this.#fdes.sort((a, b) => a.start - b.start);
  }

  /** First address of the function that contains `address`, or -1. */
  startOf(address: number): number { return this.#find(address)?.start ?? -1; }

  /** Fills `rule` with how things are at `address`; false: nothing is known of it, or it is beyond us (expressions). */
  ruleAt(address: number, rule: FrameRule): boolean {
    const f = this.#find(address);
    if (f === undefined) return false;
    rule.reset();
    const initial = new FrameRule();
    if (!this.#execute(f.cie.from, f.cie.to, f.cie, 0, Infinity, rule, initial)) return false;
    initial.copy(rule);
    return this.#execute(f.from, f.to, f.cie, f.start, address, rule, initial);
  }

  #find(address: number): Fde | undefined {
    let low = 0, high = this.#fdes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#fdes[middle]!.start <= address) low = middle + 1; else high = middle;
    }
    const f = this.#fdes[low - 1];
    return f !== undefined && address < f.end ? f : undefined;
  }

  #cie(at: number, end: number): Cie {
    const c = new Cursor(this.#view, at + 1);
    let augmentation = '';
    for (let ch = c.u8(); ch !== 0; ch = c.u8()) augmentation += String.fromCharCode(ch);
    const codeAlign = c.uleb(), dataAlign = c.sleb();
    c.uleb();    // the return address is in ra
    let encoding = 0, from = c.at;
    if (augmentation.startsWith('z')) {
      const size = c.uleb();
      from = c.at + size;
      for (const ch of augmentation.slice(1)) {
        if (ch === 'R') encoding = c.u8();
        else if (ch === 'L') c.at++;
        else if (ch === 'P') c.at += 1 + pointerBytes(c.u8() & 15) - 1;
        else if (ch !== 'S') break;
      }
    }
    return { codeAlign, dataAlign, encoding, augmented: augmentation.startsWith('z'), from, to: end };
  }

  #fde(cie: Cie | undefined, at: number, end: number, section: number): void {
    if (cie === undefined) return;
    const c = new Cursor(this.#view, at), relative = (cie.encoding & 0x70) === 0x10 ? section + at : 0;
    const start = relative + c.pointer(cie.encoding & 15), size = c.pointer(cie.encoding & 7);
    if (!Number.isFinite(start) || size <= 0) return;
    const skip = cie.augmented ? c.uleb() : 0;
    this.#fdes.push({ start, end: start + size, cie, from: c.at + skip, to: end });
  }

  /** Runs instructions up to `address`. False at one that we do not know. */
  #execute(from: number, to: number, cie: Cie, start: number, address: number, rule: FrameRule, initial: FrameRule): boolean {
    const c = new Cursor(this.#view, from), remembered: FrameRule[] = [];
    for (let at = start; c.at < to;) {
      const op = c.u8(), low = op & 63;
      switch (op >> 6) {
        case 1: at += low * cie.codeAlign; break;                                               // advance_loc
        case 2: rule.saved[low & 31] = c.uleb() * cie.dataAlign; continue;                      // offset
        case 3: rule.saved[low & 31] = initial.saved[low & 31]!; continue;                      // restore
        default:
          switch (op) {
            case 0x00: continue;                                                                // nop
            case 0x02: at += c.u8() * cie.codeAlign; break;                                     // advance_loc1, 2, 4
            case 0x03: at += c.u16() * cie.codeAlign; break;
            case 0x04: at += c.u32() * cie.codeAlign; break;
            case 0x05: rule.saved[c.uleb() & 31] = c.uleb() * cie.dataAlign; continue;          // offset_extended
            case 0x06: { const r = c.uleb() & 31; rule.saved[r] = initial.saved[r]!; continue; }
            case 0x07: rule.saved[c.uleb() & 31] = RULE_UNDEFINED; continue;
            case 0x08: rule.saved[c.uleb() & 31] = RULE_SAME; continue;
            case 0x0a: { const r = new FrameRule(); r.copy(rule); remembered.push(r); continue; }
            case 0x0b: { const r = remembered.pop(); if (r !== undefined) rule.copy(r); continue; }
            case 0x0c: rule.cfaRegister = c.uleb() & 31; rule.cfaOffset = c.uleb(); continue;   // def_cfa
            case 0x0d: rule.cfaRegister = c.uleb() & 31; continue;
            case 0x0e: rule.cfaOffset = c.uleb(); continue;
            case 0x11: rule.saved[c.uleb() & 31] = c.sleb() * cie.dataAlign; continue;          // offset_extended_sf
            case 0x12: rule.cfaRegister = c.uleb() & 31; rule.cfaOffset = c.sleb() * cie.dataAlign; continue;
            case 0x13: rule.cfaOffset = c.sleb() * cie.dataAlign; continue;
            case 0x2e: c.uleb(); continue;                                                      // GNU_args_size
            default: return false;
          }
      }
      if (at > address) return true;
    }
    return true;
  }
}

const pointerBytes = (format: number): number => (format === 0x02 || format === 0x0a ? 2 : format === 0x03 || format === 0x0b ? 4 : 8);

class Cursor {
  readonly #view: DataView;
  at: number;
  constructor(view: DataView, at: number) {
    this.#view = view;
    this.at = at;
  }
  u8(): number { return this.#view.getUint8(this.at++); }
  u16(): number { this.at += 2; return this.#view.getUint16(this.at - 2, true); }
  u32(): number { this.at += 4; return this.#view.getUint32(this.at - 4, true); }
  uleb(): number {
    let value = 0, scale = 1, b;
    do { b = this.u8(); value += (b & 127) * scale; scale *= 128; } while (b > 127);
    return value;
  }
  sleb(): number {
    let value = 0, scale = 1, b;
    do { b = this.u8(); value += (b & 127) * scale; scale *= 128; } while (b > 127);
    return (b & 64) !== 0 ? value - scale : value;
  }
  /** DW_EH_PE formats; NaN for those with variable length. */
  pointer(format: number): number {
    const at = this.at;
    this.at += pointerBytes(format);
    switch (format) {
      case 0x00: case 0x04: case 0x0c: return this.#view.getInt32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
      case 0x02: return this.#view.getUint16(at, true);
      case 0x03: return this.#view.getUint32(at, true);
      case 0x0a: return this.#view.getInt16(at, true);
      case 0x0b: return this.#view.getInt32(at, true);
      default: return NaN;
    }
  }
}
