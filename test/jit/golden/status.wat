(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $a1 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 2)))
          ;; 0: csrrs a1, fflags, zero
          (local.set $a1 (i64.extend_i32_u (i32.and (i32.load offset=4616 (;fcsr;) (i32.const 0)) (i32.const 31))))
          ;; 4: csrrw zero, fflags, a1
          (local.set $info (i32.const 2054))
          (br $4)
          (unreachable)
        end
        (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
        (br $3)
      end
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
