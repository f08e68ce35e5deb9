(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a1 i64) (local $a2 i64) (local $a3 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64) (local i64)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 4)))
          ;; 0: amoadd.d a2, a1, (a0)
          (local.get $a0)
          (local.set $info (i32.const 69))
          (br_if $3
            (i64.ge_u
              (i64.rotr
                (local.tee $translated
                  (i64.add
                    (local.tee $addr)
                    (i64.load offset=32768
                      (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
                (i64.const 3))
              (i64.const 2096128)))
          (local.set $host (i32.wrap_i64 (local.get $translated)))
          (local.set 16 (i64.load align=1 (local.get $host)))
          (local.set $value (i64.add (local.get 16) (local.get $a1)))
          (i64.store align=1 (local.get $host) (local.get $value))
          (local.set $a2 (local.get 16))
          ;; 4: amoswap.w a3, a1, (a0)
          (local.get $a0)
          (local.set $info (i32.const 1077))
          (br_if $4
            (i64.ge_u
              (i64.rotr
                (local.tee $translated
                  (i64.add
                    (local.tee $addr)
                    (i64.load offset=32768
                      (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
                (i64.const 2))
              (i64.const 4192256)))
          (local.set $host (i32.wrap_i64 (local.get $translated)))
          (local.set 16 (i64.load32_s align=1 (local.get $host)))
          (local.set $value (i64.extend32_s (local.get $a1)))
          (i64.store32 align=1 (local.get $host) (local.get $value))
          (local.set $a3 (local.get 16))
          ;; 8: add a0, a2, a3
          (local.set $a0 (i64.add (local.get $a2) (local.get $a3)))
          ;; c: c.jr ra
          (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
          (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
          (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
          (i64.store offset=4200 (;a3;) (i32.const 0) (local.get $a3))
          (br $1)
          (unreachable)
        end
        (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
        (br $3)
      end
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
