# A loop in a loop, with a way out of both.
        li      t0, 0
1:      li      t1, 8
2:      add     t0, t0, t1
        bgtu    t0, a1, 3f
        addi    t1, t1, -1
        bnez    t1, 2b
        addi    a0, a0, -1
        bnez    a0, 1b
3:      mv      a0, t0
        ret
