// Zicsr, Zifencei and the privileged encodings. User mode reaches the CSRs of Zicntr and the FP status only (hart/csr.ts); whatever belongs to supervisor or
// machine mode has no row and is illegal.
import type { Row } from './row.ts';

export const ZICSR = {
  csrrw: { enc: 'uimm[11:0] rs1 001 rd 1110011', asm: 'rd, csr, rs1', sem: m => m.system('csr') },
  csrrs: { enc: 'uimm[11:0] rs1 010 rd 1110011', asm: 'rd, csr, rs1', sem: m => m.system('csr') },
  csrrc: { enc: 'uimm[11:0] rs1 011 rd 1110011', asm: 'rd, csr, rs1', sem: m => m.system('csr') },
  csrrwi: { enc: 'uimm[11:0] rs1 101 rd 1110011', asm: 'rd, csr, zimm', sem: m => m.system('csr') },
  csrrsi: { enc: 'uimm[11:0] rs1 110 rd 1110011', asm: 'rd, csr, zimm', sem: m => m.system('csr') },
  csrrci: { enc: 'uimm[11:0] rs1 111 rd 1110011', asm: 'rd, csr, zimm', sem: m => m.system('csr') },
} satisfies Record<string, Row>;

export const ZIFENCEI = {
  // Stores to decoded frames drop the decoded code at once (mmu/), so instruction fetch is always coherent.
  'fence.i': { enc: '------------ ----- 001 ----- 0001111', asm: '', sem: m => m.nop() },
} satisfies Record<string, Row>;
