# Double precision: fused multiply-add, comparison, conversion.
        fld     fa0, 0(a0)
        fld     fa1, 8(a0)
        fmul.d  fa2, fa0, fa1
        fmadd.d fa2, fa0, fa1, fa2
        flt.d   a1, fa0, fa2
        fsd     fa2, 16(a0)
        ret
