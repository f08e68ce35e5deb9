# Atomic memory operations.
        amoadd.d a2, a1, (a0)
        amoswap.w.aqrl a3, a1, (a0)
        add     a0, a2, a3
        ret
