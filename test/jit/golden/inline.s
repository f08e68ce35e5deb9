# A small function in the page becomes a part of its caller: nothing is stored for the call, and its return is a jump. What it touches off sp is checked once.
        addi    sp, sp, -16
        sd      ra, 8(sp)
        sd      a0, 0(sp)
        jal     f
        ld      a1, 0(sp)
        add     a0, a0, a1
        ld      ra, 8(sp)
        addi    sp, sp, 16
        ret
f:      slli    a0, a0, 1
        bltz    a0, 1f
        addi    a0, a0, 5
1:      ret
