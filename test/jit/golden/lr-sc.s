# Load reserved, store conditional: a compare-and-swap.
1:      lr.d    a2, (a0)
        bne     a2, a1, 2f
        sc.d    a3, a1, (a0)
        bnez    a3, 1b
2:      mv      a0, a2
        ret
