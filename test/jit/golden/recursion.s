# A function that calls itself.
        addi    sp, sp, -32
        sd      ra, 24(sp)
        sd      s0, 16(sp)
        li      a1, 2
        blt     a0, a1, 1f
        mv      s0, a0
        addi    a0, a0, -1
        call    .text
        addi    a0, a0, 1
1:      ld      s0, 16(sp)
        ld      ra, 24(sp)
        addi    sp, sp, 32
        ret
