(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a7 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $a7.w i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  block $1
    block $2
      (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
      ;; 0: addi a7, zero, 173
      (local.set $a7.w (i32.const 173))
      (i64.store offset=4232 (;a7;) (i32.const 0) (i64.extend_i32_s (local.get $a7.w)))
      (i64.store offset=4608 (;pc;) (i32.const 0) (i64.add (local.get $page) (i64.const 4)))
      (i32.le_s (local.tee $fuel (call $ecall (local.get $fuel))) (i32.const 0))
      if $3
        (return (i32.const 0) (i64.const -1))
      end
      (i64.ne (local.tee $pc (i64.load offset=4608 (;pc;) (i32.const 0))) (i64.add (local.get $page) (i64.const 8)))
      if $3
        (local.set $pc (i64.or (local.get $pc) (i64.const 1)))
        (br $1)
      end
      (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
      (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
      (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
      ;; 8: c.addi a0, 1
      (local.set $a0 (i64.add (local.get $a0) (i64.const 1)))
      ;; a: c.jr ra
      (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (br $1)
      (unreachable)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
