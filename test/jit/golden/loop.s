# A loop that counts down: the registers stay in locals, the budget is tested at the jump back.
1:      addi    a1, a1, 3
        addi    a0, a0, -1
        bnez    a0, 1b
        ret
