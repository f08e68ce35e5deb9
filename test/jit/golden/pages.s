# A loop over the end of a page, with an instruction that lies in both.
        j       1f
        .skip   4086
1:      addi    a1, a1, 17
        addi    a2, a2, 1
        .option norvc
        lui     a3, 0x12345
        addi    a0, a0, -1
        bnez    a0, 1b
        ret
