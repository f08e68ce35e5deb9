(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $a0 i64) (local $a1 i64) (local $a2 i64) (local $a3 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64) (local i64)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  (local.set $a2 (i64.load offset=4192 (;a2;) (i32.const 0)))
  (local.set $a3 (i64.load offset=4200 (;a3;) (i32.const 0)))
  block $1
    block $2
      block $3
        loop $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
          ;; 0: lr.d a2, (a0)
          (local.get $a0)
          (local.set $info (i32.const 37))
          (br_if $3
            (i64.ge_u
              (i64.rotr
                (local.tee $translated
                  (i64.add
                    (local.tee $addr)
                    (i64.load
                      (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
                (i64.const 3))
              (i64.const 2096128)))
          (local.set $host (i32.wrap_i64 (local.get $translated)))
          (local.set 15 (i64.load align=1 (local.get $host)))
          (local.set $value (local.get 15))
          (i64.store offset=4656 (;reserved value;) (i32.const 0) (local.get $value))
          (i64.store offset=4648 (;reserved;) (i32.const 0) (local.get $addr))
          (local.set $a2 (local.get 15))
          ;; 4: bne a2, a1, 0xe
          (i64.ne (local.get $a2) (local.get $a1))
          if $5
            (local.set $info (i32.const 3615))
            (br $3)
          end
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
          ;; 8: sc.d a3, a1, (a0)
          (local.get $a0)
          (local.set $info (i32.const 2085))
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
          (local.set $value (local.get $a1))
          (i32.and
            (i64.eq (i64.load offset=4648 (;reserved;) (i32.const 0)) (local.get $addr))
            (i64.eq (i64.load offset=4656 (;reserved value;) (i32.const 0)) (i64.load align=1 (local.get $host))))
          if $5 (result i64)
            (i64.store align=1 (local.get $host) (local.get $value))
            (i64.const 0)
          else
            (i64.const 1)
          end
          (i64.store offset=4648 (;reserved;) (i32.const 0) (i64.const -1))
          (local.set $a3)
          ;; c: c.bnez a3, 0x0
          (i64.ne (local.get $a3) (i64.const 0))
          if $5
            (local.set $info (i32.const 0))
            (br_if $3 (i32.le_s (local.get $fuel) (i32.const 0)))
            (br $4)
          end
          (local.set $info (i32.const 3615))
          (br $3)
        end
        (unreachable)
      end
      (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
      (i64.store offset=4200 (;a3;) (i32.const 0) (local.get $a3))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
