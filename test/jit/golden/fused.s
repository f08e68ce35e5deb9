# A dot product: fused multiply-add by the engine, with NX set and rounding to nearest.
1:      fld     fa0, 0(a0)
        fld     fa1, 8(a0)
        fmadd.d fa2, fa0, fa1, fa2
        addi    a0, a0, 16
        addi    a1, a1, -1
        bnez    a1, 1b
        frflags t0
        feq.d   a1, fa2, fa2
        fsflags t0
        ret
