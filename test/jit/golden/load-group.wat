(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a2 i64) (local $a3 i64) (local $a4 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $host.a0 i32) (local $a4.w i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  block $1
    block $2
      block $3
        (local.set $fuel (i32.sub (local.get $fuel) (i32.const 7)))
        ;; 0: c.ld a2, 0(a0)
        (local.set $info (i32.const 124))
        (br_if $3
          (i64.ge_u
            (local.tee $translated
              (i64.add
                (local.tee $addr (local.get $a0))
                (i64.load
                  (local.tee $value32
                    (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb))))))
            (i64.const 16769024)))
        (i32.gt_u (i32.and (local.tee $host.a0 (i32.wrap_i64 (local.get $translated))) (i32.const 4095)) (i32.const 4072))
        if $4
          (br_if $3 (i64.ne (i64.load offset=8 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
        end
        (local.set $a2 (i64.load align=1 (local.get $host.a0)))
        ;; 2: c.ld a3, 8(a0)
        (local.set $a3 (i64.load offset=8 align=1 (local.get $host.a0)))
        ;; 4: c.lw a4, 20(a0)
        (local.set $a4.w (i32.load offset=20 align=1 (local.get $host.a0)))
        ;; 6: c.add a2, a3
        (local.set $a2 (i64.add (local.get $a2) (local.get $a3)))
        ;; 8: c.add a2, a4
        (local.set $a2 (i64.add (local.get $a2) (i64.extend_i32_s (local.get $a4.w))))
        ;; a: c.mv a0, a2
        (local.set $a0 (local.get $a2))
        ;; c: c.jr ra
        (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
        (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
        (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
        (i64.store offset=4200 (;a3;) (i32.const 0) (local.get $a3))
        (i64.store offset=4208 (;a4;) (i32.const 0) (i64.extend_i32_s (local.get $a4.w)))
        (br $1)
        (unreachable)
      end
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
