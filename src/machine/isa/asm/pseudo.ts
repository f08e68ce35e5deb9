// Pseudo-instructions as templates of real ones (RISC-V Unprivileged ISA, "RISC-V Assembly Programmer's Handbook"). $1, $2 ... are the operands as written.

/** `name/operand count` -> instructions. */
export const PSEUDO: Readonly<Record<string, readonly string[]>> = {
  'nop/0': ['addi x0, x0, 0'],
  'mv/2': ['addi $1, $2, 0'], 'not/2': ['xori $1, $2, -1'], 'neg/2': ['sub $1, x0, $2'], 'negw/2': ['subw $1, x0, $2'],
  'sext.w/2': ['addiw $1, $2, 0'], 'zext.b/2': ['andi $1, $2, 255'], 'zext.w/2': ['add.uw $1, $2, x0'],
  'seqz/2': ['sltiu $1, $2, 1'], 'snez/2': ['sltu $1, x0, $2'], 'sltz/2': ['slt $1, $2, x0'], 'sgtz/2': ['slt $1, x0, $2'],
  'beqz/2': ['beq $1, x0, $2'], 'bnez/2': ['bne $1, x0, $2'], 'blez/2': ['bge x0, $1, $2'], 'bgez/2': ['bge $1, x0, $2'],
  'bltz/2': ['blt $1, x0, $2'], 'bgtz/2': ['blt x0, $1, $2'],
  'bgt/3': ['blt $2, $1, $3'], 'ble/3': ['bge $2, $1, $3'], 'bgtu/3': ['bltu $2, $1, $3'], 'bleu/3': ['bgeu $2, $1, $3'],
  'j/1': ['jal x0, $1'], 'jal/1': ['jal ra, $1'], 'jr/1': ['jalr x0, 0($1)'], 'jalr/1': ['jalr ra, 0($1)'], 'ret/0': ['jalr x0, 0(ra)'],
  'la/2': ['auipc $1, %pcrel_hi($2)', 'addi $1, $1, %pcrel_lo($2)'], 'lla/2': ['auipc $1, %pcrel_hi($2)', 'addi $1, $1, %pcrel_lo($2)'],
  'ld/symbol': ['auipc $1, %pcrel_hi($2)', 'ld $1, %pcrel_lo($2)($1)'],
  'call/1': ['auipc ra, %pcrel_hi($1)', 'jalr ra, %pcrel_lo($1)(ra)'], 'tail/1': ['auipc t1, %pcrel_hi($1)', 'jalr x0, %pcrel_lo($1)(t1)'],
  'fence/0': ['fence iorw, iorw'],
  'csrr/2': ['csrrs $1, $2, x0'], 'csrw/2': ['csrrw x0, $1, $2'], 'csrs/2': ['csrrs x0, $1, $2'], 'csrc/2': ['csrrc x0, $1, $2'],
  'csrwi/2': ['csrrwi x0, $1, $2'], 'csrsi/2': ['csrrsi x0, $1, $2'], 'csrci/2': ['csrrci x0, $1, $2'],
  'rdcycle/1': ['csrrs $1, cycle, x0'], 'rdtime/1': ['csrrs $1, time, x0'], 'rdinstret/1': ['csrrs $1, instret, x0'],
  'frcsr/1': ['csrrs $1, fcsr, x0'], 'fscsr/1': ['csrrw x0, fcsr, $1'], 'fscsr/2': ['csrrw $1, fcsr, $2'],
  'frrm/1': ['csrrs $1, frm, x0'], 'fsrm/1': ['csrrw x0, frm, $1'], 'fsrm/2': ['csrrw $1, frm, $2'], 'fsrmi/1': ['csrrwi x0, frm, $1'],
  'frflags/1': ['csrrs $1, fflags, x0'], 'fsflags/1': ['csrrw x0, fflags, $1'], 'fsflags/2': ['csrrw $1, fflags, $2'], 'fsflagsi/1': ['csrrwi x0, fflags, $1'],
  'fmv.s/2': ['fsgnj.s $1, $2, $2'], 'fabs.s/2': ['fsgnjx.s $1, $2, $2'], 'fneg.s/2': ['fsgnjn.s $1, $2, $2'],
  'fmv.d/2': ['fsgnj.d $1, $2, $2'], 'fabs.d/2': ['fsgnjx.d $1, $2, $2'], 'fneg.d/2': ['fsgnjn.d $1, $2, $2'],
  'fgt.s/3': ['flt.s $1, $3, $2'], 'fge.s/3': ['fle.s $1, $3, $2'], 'fgt.d/3': ['flt.d $1, $3, $2'], 'fge.d/3': ['fle.d $1, $3, $2'],
};

/** The shortest of the usual sequences that load a constant: lui, addi(w) and shifts by recursion. */
export function loadImmediate(rd: string, value: bigint): string[] {
  const v = BigInt.asIntN(64, value);
  if (v >= -2048n && v < 2048n) return [`addi ${rd}, x0, ${v}`];
  const low = BigInt.asIntN(12, v);
  if (v === BigInt.asIntN(32, v)) {
    const lui = `lui ${rd}, ${BigInt.asUintN(20, v - low >> 12n)}`;
    return low === 0n ? [lui] : [lui, `addiw ${rd}, ${rd}, ${low}`];
  }
  let upper = BigInt.asIntN(64, v - low) >> 12n, shift = 12;
  while ((upper & 1n) === 0n) { upper >>= 1n; shift++; }
  const code = [...loadImmediate(rd, upper), `slli ${rd}, ${rd}, ${shift}`];
  return low === 0n ? code : [...code, `addi ${rd}, ${rd}, ${low}`];
}
