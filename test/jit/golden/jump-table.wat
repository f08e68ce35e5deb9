(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $t0 i64) (local $t1 i64) (local $a0 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $t0.w i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  block $1
    block $2
      block $3
        (local.set $fuel (i32.sub (local.get $fuel) (i32.const 6)))
        ;; 0: andi t0, a0, 3
        (local.set $t0.w (i32.and (i32.wrap_i64 (local.get $a0)) (i32.const 3)))
        ;; 4: c.slli t0, 2
        (local.set $t0 (i64.shl (i64.extend_i32_s (local.get $t0.w)) (i64.const 2)))
        ;; 6: auipc t1, 0x1
        (local.set $t1 (i64.add (local.get $page) (i64.const 4102)))
        ;; a: ld t1, 74(t1)
        (local.set $info (i32.const 2611))
        (br_if $3
          (i64.ge_u
            (i64.rotr
              (local.tee $translated
                (i64.add
                  (local.tee $addr (i64.add (local.get $t1) (i64.const 74)))
                  (i64.load
                    (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
              (i64.const 3))
            (i64.const 2096128)))
        (local.set $t1 (i64.load align=1 (i32.wrap_i64 (local.get $translated))))
        ;; e: c.add t1, t0
        (local.set $t1 (i64.add (local.get $t1) (local.get $t0)))
        ;; 10: c.jr t1
        (local.set $pc (i64.and (local.get $t1) (i64.const -2)))
        (i32.store (local.tee $info (i32.load offset=139264 (i32.const 0))) (i32.add (i32.load (local.get $info)) (i32.const 1)))
        (i64.store offset=8
          (i32.add (i32.and (i32.shl (i32.wrap_i64 (local.get $pc)) (i32.const 2)) (i32.const 1016)) (local.get $info))
          (i64.or (i64.sub (local.get $pc) (local.get $page)) (i64.const 1)))
        (i64.store offset=4136 (;t0;) (i32.const 0) (local.get $t0))
        (i64.store offset=4144 (;t1;) (i32.const 0) (local.get $t1))
        (br $1)
        (unreachable)
      end
      (i64.store offset=4136 (;t0;) (i32.const 0) (local.get $t0))
      (i64.store offset=4144 (;t1;) (i32.const 0) (local.get $t1))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
