// The decoded form of an instruction: 8 bytes in the decoded page of its frame, one slot for each halfword. Slot 0 of the handlers means "not decoded yet", so that
// a zeroed page is a valid one.
//   u16 handler | u8 a | u8 b | i32 imm
// a is rd (rs2 for stores and branches), b is rs1, both times 8; register formats keep rs2, rs3 and rm in bytes 4, 5, 6 instead of imm.

export const OP_HANDLER = 0, OP_A = 2, OP_B = 3, OP_IMM = 4, OP_RS2 = 4, OP_RS3 = 5, OP_RM = 6;
export const OP_SIZE_LOG2 = 3;

/** Slots 2048 and 2049 follow the page: where a 2- or 4-byte instruction at its end runs into. */
export const SLOTS_PER_PAGE = 2048;

/**
 * Handlers that are no row. The op of H_TRANSLATED, entry of a translated region, has the region's index in the table in place of imm. H_PLT is that of the pair auipc and
 * ld where they begin an entry of a procedure linkage table (plt.ts).
 */
export const H_UNDECODED = 0, H_PAGE_END = 1, H_SLOW = 2, H_NOP2 = 3, H_NOP4 = 4, H_ECALL = 5, H_TRANSLATED = 6, H_PLT = 7, FIRST_ROW_HANDLER = 8;

