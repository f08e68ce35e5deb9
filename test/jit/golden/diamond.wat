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
        (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
        ;; 0: blt a0, zero, 0xa
        (i64.lt_s (local.get $a0) (i64.const 0))
        if $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
          ;; a: sub a2, zero, a0
          (local.set $a2 (i64.sub (i64.const 0) (local.get $a0)))
          (br $3)
        end
        (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
        ;; 4: slli a2, a0, 2
        (local.set $a2 (i64.shl (local.get $a0) (i64.const 2)))
        ;; 8: c.j 0xe
        (br $3)
      end
      (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
      ;; e: add a0, a2, a1
      (local.set $a0 (i64.add (local.get $a2) (local.get $a1)))
      ;; 12: c.jr ra
      (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
      (br $1)
      (unreachable)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
