(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $a0 i64) (local $a1 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  block $1
    block $2
      block $3
        loop $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 3)))
          ;; 0: c.addi a1, 3
          (local.set $a1 (i64.add (local.get $a1) (i64.const 3)))
          ;; 2: c.addi a0, -1
          (local.set $a0 (i64.add (local.get $a0) (i64.const -1)))
          ;; 4: c.bnez a0, 0x0
          (i64.ne (local.get $a0) (i64.const 0))
          if $5
            (local.set $info (i32.const 0))
            (br_if $3 (i32.le_s (local.get $fuel) (i32.const 0)))
            (br $4)
          end
          (local.set $info (i32.const 1567))
          (br $3)
        end
        (unreachable)
      end
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
