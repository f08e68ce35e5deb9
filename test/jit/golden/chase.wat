(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $a0 i64) (local $a1 i64) (local $a2 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $host.a0 i32)
  (local $entry.a0 i64) (local $found i64)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  (local.set $a2 (i64.load offset=4192 (;a2;) (i32.const 0)))
  block $1
    block $2
      block $3
        loop $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 4)))
          ;; 0: c.ld a1, 8(a0)
          (local.set $info (i32.const 76))
          (local.tee $addr (local.get $a0))
          (i64.ne
            (local.tee $found
              (i64.load
                (local.tee $value32
                  (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
            (local.get $entry.a0))
          if $5
            (local.set $entry.a0 (local.get $found))
          end
          (br_if $3 (i64.ge_u (local.tee $translated (i64.add (local.get $entry.a0))) (i64.const 16769024)))
          (i32.gt_u (i32.and (local.tee $host.a0 (i32.wrap_i64 (local.get $translated))) (i32.const 4095)) (i32.const 4080))
          if $5
            (br_if $3 (i64.ne (i64.load offset=8 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
          end
          (local.set $a1 (i64.load offset=8 align=1 (local.get $host.a0)))
          ;; 2: c.add a2, a1
          (local.set $a2 (i64.add (local.get $a2) (local.get $a1)))
          ;; 4: c.ld a0, 0(a0)
          (local.set $a0 (i64.load align=1 (local.get $host.a0)))
          ;; 6: c.bnez a0, 0x0
          (i64.ne (local.get $a0) (i64.const 0))
          if $5
            (local.set $info (i32.const 0))
            (br_if $3 (i32.le_s (local.get $fuel) (i32.const 0)))
            (br $4)
          end
          (local.set $info (i32.const 2079))
          (br $3)
        end
        (unreachable)
      end
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
      (i64.store offset=4192 (;a2;) (i32.const 0) (local.get $a2))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
