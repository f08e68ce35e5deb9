# Several accesses to one base: one translation for all of them, and a copy that checks each by itself where they straddle pages.
        ld      a2, 0(a0)
        ld      a3, 8(a0)
        lw      a4, 20(a0)
        add     a2, a2, a3
        add     a2, a2, a4
        mv      a0, a2
        ret
