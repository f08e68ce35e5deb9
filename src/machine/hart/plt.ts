// An entry of a procedure linkage table: `auipc t3; ld t3, (t3); jalr t1, t3`, and a nop (RISC-V psABI, "Program Linkage Table"). Functions of shared libraries are
// called by way of these, so that in programs that are little else than calls nearly half of all entries into translated code would be into one.

/** t1, which gets the address behind it, and t3. */
export const PLT_LINK = 6, PLT_TARGET = 28;
/** `jalr t1, t3` */
export const PLT_JUMP = 0xe0367;
/** Bytes, and instructions, that are executed. */
export const PLT_SIZE = 12, PLT_COUNT = 3;
