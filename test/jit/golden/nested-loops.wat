(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $t0 i64) (local $t1 i64) (local $a0 i64) (local $a1 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $t0.w i32) (local $t1.w i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  block $1
    block $2
      block $3
        (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
        ;; 0: c.li t0, 0
        (local.set $t0.w (i32.const 0))
        (local.set $t0 (i64.extend_i32_s (local.get $t0.w)))
        loop $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
          ;; 2: c.li t1, 8
          (local.set $t1.w (i32.const 8))
          (local.set $t1 (i64.extend_i32_s (local.get $t1.w)))
          loop $5
            block $6
              (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
              ;; 4: c.add t0, t1
              (local.set $t0 (i64.add (local.get $t0) (local.get $t1)))
              ;; 6: bltu a1, t0, 0x14
              (br_if $6 (i64.lt_u (local.get $a1) (local.get $t0)))
              (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
              ;; a: c.addi t1, -1
              (local.set $t1 (i64.add (local.get $t1) (i64.const -1)))
              ;; c: bne t1, zero, 0x4
              (i64.ne (local.get $t1) (i64.const 0))
              if $7
                (local.set $info (i32.const 1024))
                (br_if $3 (i32.le_s (local.get $fuel) (i32.const 0)))
                (br $5)
              end
              (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
              ;; 10: c.addi a0, -1
              (local.set $a0 (i64.add (local.get $a0) (i64.const -1)))
              ;; 12: c.bnez a0, 0x2
              (i64.ne (local.get $a0) (i64.const 0))
              if $7
                (local.set $info (i32.const 512))
                (br_if $3 (i32.le_s (local.get $fuel) (i32.const 0)))
                (br $4)
              end
              (br $6)
            end
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
            ;; 14: c.mv a0, t0
            (local.set $a0 (local.get $t0))
            ;; 16: c.jr ra
            (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
            (i64.store offset=4136 (;t0;) (i32.const 0) (local.get $t0))
            (i64.store offset=4144 (;t1;) (i32.const 0) (local.get $t1))
            (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
            (br $1)
          end
        end
        (unreachable)
      end
      (i64.store offset=4136 (;t0;) (i32.const 0) (local.get $t0))
      (i64.store offset=4144 (;t1;) (i32.const 0) (local.get $t1))
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
