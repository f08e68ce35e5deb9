# Lower bits taken, extended, scaled.
        slli    t0, a0, 32
        srli    t0, t0, 32
        slli    t1, a1, 48
        srli    t1, t1, 48
        slli    t2, a0, 56
        srai    t2, t2, 56
        slli    a2, a1, 32
        srli    a2, a2, 29
        slli    a3, a0, 40
        srai    a3, a3, 34
        add     a0, t0, t1
        add     a0, a0, t2
        add     a0, a0, a2
        add     a0, a0, a3
        remw    a1, a1, t1
        ret
