# A computed jump into a table.
        andi    t0, a0, 3
        slli    t0, t0, 2
        la      t1, 1f
        add     t1, t1, t0
        jr      t1
        .option norvc
1:      j       2f
        j       3f
        j       2f
        j       3f
2:      addi    a1, a1, 1
        ret
3:      addi    a1, a1, 2
        ret
