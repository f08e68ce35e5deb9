# A copy loop: after a few rounds, both pages are looked up for as many rounds as they have room for.
1:      lw      a3, 0(a0)
        sw      a3, 4(a0)
        addi    a0, a0, 8
        addi    a1, a1, -1
        bnez    a1, 1b
        ret
