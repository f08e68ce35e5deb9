(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $t0 i64) (local $a0 i64) (local $a1 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $state i32) (local $t0.w i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  block $1
    block $2
      block $3
        loop $4
          block $5
            block $6
              block $7
                block $8
                  (br_table $8 $7 $6 $5 (local.get $state))
                end
                (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
                ;; 0: andi t0, a0, 1
                (local.set $t0.w (i32.and (i32.wrap_i64 (local.get $a0)) (i32.const 1)))
                ;; 4: bne t0, zero, 0xa
                (i32.ne (local.get $t0.w) (i32.const 0))
                if $8
                  (local.set $state (i32.const 1))
                  (br $4)
                end
                (local.set $state (i32.const 3))
                (br $4)
              end
              (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
              ;; a: c.addi a1, 1
              (local.set $a1 (i64.add (local.get $a1) (i64.const 1)))
              ;; c: blt zero, a0, 0x8
              (i64.lt_s (i64.const 0) (local.get $a0))
              if $7
                (local.set $info (i32.const 2048))
                (br_if $3 (i32.le_s (local.get $fuel) (i32.const 0)))
                (local.set $state (i32.const 3))
                (br $4)
              end
              (local.set $state (i32.const 2))
              (br $4)
            end
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
            ;; 10: c.mv a0, a1
            (local.set $a0 (local.get $a1))
            ;; 12: c.jr ra
            (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
            (i64.store offset=4136 (;t0;) (i32.const 0) (i64.extend_i32_s (local.get $t0.w)))
            (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
            (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
            (br $1)
          end
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
          ;; 8: c.addi a0, -2
          (local.set $a0 (i64.add (local.get $a0) (i64.const -2)))
          (local.set $state (i32.const 1))
          (br $4)
        end
        (unreachable)
      end
      (i64.store offset=4136 (;t0;) (i32.const 0) (i64.extend_i32_s (local.get $t0.w)))
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
