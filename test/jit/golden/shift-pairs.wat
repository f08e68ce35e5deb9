(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $t0 i64) (local $t1 i64) (local $t2 i64) (local $a0 i64) (local $a1 i64) (local $a2 i64) (local $a3 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $t1.w i32) (local $t2.w i32) (local $a3.w i32) (local $a1.w i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  block $1
    block $2
      (local.set $fuel (i32.sub (local.get $fuel) (i32.const 16)))
      ;; 0: slli t0, a0, 32
      (local.set $t0 (i64.extend_i32_u (i32.wrap_i64 (local.get $a0))))
      ;; 8: slli t1, a1, 48
      (local.set $t1.w (i32.and (i32.wrap_i64 (local.get $a1)) (i32.const 65535)))
      ;; 10: slli t2, a0, 56
      (local.set $t2.w (i32.extend8_s (i32.wrap_i64 (local.get $a0))))
      ;; 18: slli a2, a1, 32
      (local.set $a2 (i64.shl (i64.extend_i32_u (i32.wrap_i64 (local.get $a1))) (i64.const 3)))
      ;; 1e: slli a3, a0, 40
      (local.set $a3.w (i32.shl (i32.shr_s (i32.shl (i32.wrap_i64 (local.get $a0)) (i32.const 8)) (i32.const 8)) (i32.const 6)))
      ;; 24: add a0, t0, t1
      (local.set $a0 (i64.add (local.get $t0) (i64.extend_i32_s (local.get $t1.w))))
      ;; 28: c.add a0, t2
      (local.set $a0 (i64.add (local.get $a0) (i64.extend_i32_s (local.get $t2.w))))
      ;; 2a: c.add a0, a2
      (local.set $a0 (i64.add (local.get $a0) (local.get $a2)))
      ;; 2c: c.add a0, a3
      (local.set $a0 (i64.add (local.get $a0) (i64.extend_i32_s (local.get $a3.w))))
      ;; 2e: remw a1, a1, t1
      (i32.eqz (local.get $t1.w))
      if $3 (result i32)
        (i32.wrap_i64 (local.get $a1))
      else
        (i32.rem_s (i32.wrap_i64 (local.get $a1)) (local.get $t1.w))
      end
      (local.set $a1.w)
      ;; 32: c.jr ra
      (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
      (i64.store offset=4136 (;t0;) (i32.const 0) (local.get $t0))
      (i64.store offset=4144 (;t1;) (i32.const 0) (i64.extend_i32_s (local.get $t1.w)))
      (i64.store offset=4152 (;t2;) (i32.const 0) (i64.extend_i32_s (local.get $t2.w)))
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4184 (;a1;) (i32.const 0) (i64.extend_i32_s (local.get $a1.w)))
      (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
      (i64.store offset=4200 (;a3;) (i32.const 0) (i64.extend_i32_s (local.get $a3.w)))
      (br $1)
      (unreachable)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
