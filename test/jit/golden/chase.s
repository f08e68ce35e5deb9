# A list: the address of each link has just been loaded. Its page is probably the last one's, or beside it in RAM: the look-up is compared with that, and not waited for.
loop:   ld      a1, 8(a0)
        add     a2, a2, a1
        ld      a0, 0(a0)
        bnez    a0, loop
        ret
