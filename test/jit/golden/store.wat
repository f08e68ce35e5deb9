(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a1 i64) (local $a2 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  block $1
    block $2
      block $3
        (local.set $fuel (i32.sub (local.get $fuel) (i32.const 3)))
        ;; 0: addi a2, a1, 1
        (local.set $a2 (i64.add (local.get $a1) (i64.const 1)))
        ;; 4: c.sd a2, 40(a0)
        (local.set $info (i32.const 1060))
        (br_if $3
          (i64.ge_u
            (i64.rotr
              (local.tee $translated
                (i64.add
                  (local.tee $addr (i64.add (local.get $a0) (i64.const 40)))
                  (i64.load offset=32768
                    (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
              (i64.const 3))
            (i64.const 2096128)))
        (i64.store align=1 (i32.wrap_i64 (local.get $translated)) (local.get $a2))
        ;; 6: c.jr ra
        (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
        (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
        (br $1)
        (unreachable)
      end
      (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
