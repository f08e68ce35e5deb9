# Single precision: values are boxed in 64 bits.
        fcvt.s.w fa0, a1
        flw     fa1, 0(a0)
        fadd.s  fa0, fa0, fa1
        fsw     fa0, 4(a0)
        fmv.x.w a0, fa0
        ret
