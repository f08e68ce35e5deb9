# Two ways that meet again: an if with an else.
        bltz    a0, 1f
        slli    a2, a0, 2
        j       2f
1:      neg     a2, a0
2:      add     a0, a2, a1
        ret
