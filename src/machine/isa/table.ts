// The instruction table: all rows of all extensions with their compiled encodings. Everything that must know an instruction reads this.
import { type Encoding, parseEncoding } from './encoding.ts';
import type { Semantics } from './ops.ts';
import type { CompressedRow, Row } from './row.ts';
import { RV64A } from './rv64a.ts';
import { RV64D } from './rv64d.ts';
import { RV64F } from './rv64f.ts';
import { RV64I } from './rv64i.ts';
import { RV64M } from './rv64m.ts';
import { RVC } from './rvc.ts';
import { ZBA } from './zba.ts';
import { ZBB } from './zbb.ts';
import { ZBS } from './zbs.ts';
import { ZICOND } from './zicond.ts';
import { ZICSR, ZIFENCEI } from './zicsr.ts';

export const EXTENSIONS: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  I: RV64I, M: RV64M, A: RV64A, F: RV64F, D: RV64D, Zicsr: ZICSR, Zifencei: ZIFENCEI, Zba: ZBA, Zbb: ZBB, Zbs: ZBS, Zicond: ZICOND,
};

export interface Instruction {
  readonly index: number;
  readonly name: string;
  readonly extension: string;
  readonly enc: string;
  readonly encoding: Encoding;
  readonly asm: string;
  readonly sem: Semantics;
}

export interface CompressedInstruction {
  readonly name: string;
  readonly enc: string;
  readonly encoding: Encoding;
  readonly asm: string;
  readonly row: CompressedRow;
  readonly target: Instruction;
}

export const INSTRUCTIONS: readonly Instruction[] = Object.entries(EXTENSIONS)
  .flatMap(([extension, rows]) => Object.entries(rows).map(([name, row]) => ({ name, extension, row })))
  .map(({ name, extension, row }, index) => ({ index, name, extension, enc: row.enc, encoding: parseEncoding(row.enc), asm: row.asm, sem: row.sem }));

export const BY_NAME: ReadonlyMap<string, Instruction> = new Map(INSTRUCTIONS.map(i => [i.name, i]));

export const COMPRESSED: readonly CompressedInstruction[] = Object.entries(RVC).map(([name, row]) => {
  const target = BY_NAME.get(row.to);
  if (target === undefined) throw new Error(`${name} expands to ${row.to}, which has no row`);
  return { name, enc: row.enc, encoding: parseEncoding(row.enc), asm: row.asm, row, target };
});
