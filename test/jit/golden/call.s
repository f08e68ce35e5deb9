# A call within the page and what follows it: the return address is compared. What is dirty is stored first, what lives on is loaded again.
        addi    sp, sp, -16
        sd      ra, 8(sp)
        addi    a0, a0, 1
        call    f
        addi    a0, a0, 2
        ld      ra, 8(sp)
        addi    sp, sp, 16
        ret
f:      slli    a0, a0, 1
        ret
