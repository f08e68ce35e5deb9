(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $sp i64) (local $a0 i64) (local $a1 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $host.sp i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $sp (i64.load offset=4112 (;sp;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 4)))
          ;; 0: c.addi sp, -16
          (local.set $sp (i64.add (local.get $sp) (i64.const -16)))
          ;; 2: c.sdsp ra, 8(sp)
          (local.set $info (i32.const 573))
          (br_if $3
            (i64.ge_u
              (local.tee $translated
                (i64.add
                  (local.tee $addr (local.get $sp))
                  (i64.load offset=32768
                    (local.tee $value32
                      (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb))))))
              (i64.const 16769024)))
          (i32.gt_u (i32.and (local.tee $host.sp (i32.wrap_i64 (local.get $translated))) (i32.const 4095)) (i32.const 4080))
          if $5
            (br_if $3 (i64.ne (i64.load offset=32776 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
          end
          (i64.store offset=8 align=1 (local.get $host.sp) (local.get $ra))
          ;; 4: c.sdsp a0, 0(sp)
          (i64.store align=1 (local.get $host.sp) (local.get $a0))
          ;; 6: jal ra, 0x14
          (local.set $ra (i64.add (local.get $page) (i64.const 10)))
          block $5
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
            ;; 14: c.slli a0, 1
            (local.set $a0 (i64.shl (local.get $a0) (i64.const 1)))
            ;; 16: blt a0, zero, 0x1c
            (br_if $5 (i64.lt_s (local.get $a0) (i64.const 0)))
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
            ;; 1a: c.addi a0, 5
            (local.set $a0 (i64.add (local.get $a0) (i64.const 5)))
            (br $5)
          end
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
          (local.set $info (i32.const 2560))
          (br_if $4 (i32.le_s (local.get $fuel) (i32.const 0)))
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 5)))
          ;; a: c.ldsp a1, 0(sp)
          (local.set $a1 (i64.load align=1 (local.get $host.sp)))
          ;; c: c.add a0, a1
          (local.set $a0 (i64.add (local.get $a0) (local.get $a1)))
          ;; e: c.ldsp ra, 8(sp)
          (local.set $ra (i64.load offset=8 align=1 (local.get $host.sp)))
          ;; 10: c.addi sp, 16
          (local.set $sp (i64.add (local.get $sp) (i64.const 16)))
          ;; 12: c.jr ra
          (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
          (i64.store offset=4104 (;ra;) (i32.const 0) (local.get $ra))
          (i64.store offset=4112 (;sp;) (i32.const 0) (local.get $sp))
          (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
          (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
          (br $1)
          (unreachable)
        end
        (i64.store offset=4104 (;ra;) (i32.const 0) (local.get $ra))
        (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
        (br $3)
      end
      (i64.store offset=4112 (;sp;) (i32.const 0) (local.get $sp))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
