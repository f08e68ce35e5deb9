(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a1 i64) (local $a2 i64) (local $a3 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $a3.w i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  (local.set $a2 (i64.load offset=4192 (;a2;) (i32.const 0)))
  (local.set $a3 (i64.load offset=4200 (;a3;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
          ;; 0: jal zero, 0xffa
          loop $5
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
            ;; ffa: c.addi a1, 17
            (local.set $a1 (i64.add (local.get $a1) (i64.const 17)))
            ;; ffc: c.addi a2, 1
            (local.set $a2 (i64.add (local.get $a2) (i64.const 1)))
            (i32.or
              (i64.ne
                (i64.load offset=8192
                  (local.tee $info
                    (i32.and (i32.add (i32.wrap_i64 (i64.shr_u (local.get $page) (i64.const 8))) (i32.const 16)) (i32.const 65520))))
                (i64.or
                  (i64.shr_u (i64.add (local.get $page) (i64.const 4096)) (i64.const 12))
                  (i64.load offset=4632 (;space;) (i32.const 0))))
              (i32.ne (i32.load offset=8200 (local.get $info)) (i32.load offset=139272 (i32.const 0))))
            if $6
              (local.set $info (i32.const 1048095))
              (br $3)
            end
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
            ;; ffe: lui a3, 0x12345
            (local.set $a3.w (i32.const 305418240))
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
            ;; 1002: addi a0, a0, -1
            (local.set $a0 (i64.add (local.get $a0) (i64.const -1)))
            ;; 1006: bne a0, zero, 0xffa
            (i64.ne (local.get $a0) (i64.const 0))
            if $6
              (local.set $info (i32.const 1047040))
              (br_if $4 (i32.le_s (local.get $fuel) (i32.const 0)))
              (local.set $a3 (i64.extend_i32_s (local.get $a3.w)))
              (br $5)
            end
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
            ;; 100a: jalr zero, 0(ra)
            (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
            (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
            (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
            (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
            (i64.store offset=4200 (;a3;) (i32.const 0) (i64.extend_i32_s (local.get $a3.w)))
            (br $1)
          end
          (unreachable)
        end
        (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
        (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
        (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
        (i64.store offset=4200 (;a3;) (i32.const 0) (i64.extend_i32_s (local.get $a3.w)))
        (br $2)
      end
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
      (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
      (i64.store offset=4200 (;a3;) (i32.const 0) (local.get $a3))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
