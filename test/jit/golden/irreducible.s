# Two entries into one loop: the blocks become the cases of a switch.
        andi    t0, a0, 1
        bnez    t0, 2f
1:      addi    a0, a0, -2
2:      addi    a1, a1, 1
        bgtz    a0, 1b
        mv      a0, a1
        ret
