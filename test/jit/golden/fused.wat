(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $a0 i64) (local $a1 i64)
  (local $fa0 v128) (local $fa1 v128) (local $fa2 v128)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $floor i32) (local $known.a0 i32)
  (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64)
  (local f64) (local f64)
  (local f32) (local f32) (local f32) (local f32)
  (local i64) (local i64) (local i64)
  (local i32)
  (local v128) (local v128) (local v128) (local v128) (local v128) (local $r v128) (local $d v128) (local $addend v128)
  (local $host.a0 i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (i32.ne (i32.and (i32.load offset=4616 (;fcsr;) (i32.const 0)) (i32.const 225)) (i32.const 1))
  if $1
    (call $o0 (local.get $page) (local.get $fuel) (local.get $depth))
    (return)
  end
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  (local.set $fa0 (v128.load64_zero offset=4432 (;fa0;) (i32.const 0)))
  (local.set $fa1 (v128.load64_zero offset=4440 (;fa1;) (i32.const 0)))
  (local.set $fa2 (v128.load64_zero offset=4448 (;fa2;) (i32.const 0)))
  block $1
    block $2
      block $3
        (local.set $floor
          (i32.sub (local.get $fuel) (select (i32.const 0) (i32.const 72) (i64.ge_s (i64.sub (local.get $a1) (i64.const 0)) (i64.const 6)))))
        loop $4
          block $5
            (br_if $5 (i32.gt_s (local.get $fuel) (local.get $floor)))
            (br_if $5 (i32.le_s (local.get $fuel) (i32.const 24)))
            (local.set $value32 (i32.const 65535))
            (br_if $5
              (i64.ge_u
                (local.tee $translated
                  (i64.add
                    (local.tee $addr (i64.add (local.get $a0) (i64.const 0)))
                    (i64.load
                      (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
                (i64.const 16769024)))
            (br_if $5
              (i32.gt_u
                (local.tee $info (i32.and (local.tee $host (i32.wrap_i64 (local.get $translated))) (i32.const 4095)))
                (i32.const 4064)))
            (local.set $known.a0 (i32.sub (local.get $host) (i32.wrap_i64 (local.get $a0))))
            (local.set $value32
              (select
                (local.tee $host (i32.div_u (i32.sub (i32.const 4064) (local.get $info)) (i32.const 16)))
                (local.get $value32)
                (i32.lt_u (local.get $host) (local.get $value32))))
            (br_if $5 (i32.le_s (local.tee $value32 (i32.sub (local.get $value32) (i32.const 2))) (i32.const 0)))
            (local.set $floor
              (select
                (local.tee $floor (i32.sub (local.get $fuel) (i32.mul (local.get $value32) (i32.const 6))))
                (i32.const 24)
                (i32.gt_s (local.get $floor) (i32.const 24))))
            loop $6
              (local.set $fuel (i32.sub (local.get $fuel) (i32.const 24)))
              ;; 0: c.fld fa0, 0(a0)
              (local.set $fa0 (v128.load64_zero align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
              ;; 2: c.fld fa1, 8(a0)
              (local.set $fa1 (v128.load64_zero offset=8 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
              ;; 4: fmadd.d fa2, fa0, fa1, fa2
              (local.set $info (i32.const 1382))
              (local.set $r (f64x2.relaxed_madd (local.get $fa0) (local.get $fa1) (local.get $fa2)))
              block $7
                (br_if $7
                  (i32.lt_u
                    (i32.sub (i32.shl (i32x4.extract_lane 1 (local.get $r)) (i32.const 1)) (i32.const 4194304))
                    (i32.const -6291456)))
                (br_if $3
                  (i32.eqz
                    (i32.and
                      (f64.eq (f64x2.extract_lane 0 (local.get $r)) (f64.const 0))
                      (i32.or
                        (i32.or
                          (f64.eq (f64x2.extract_lane 0 (local.get $fa0)) (f64.const 0))
                          (f64.eq (f64x2.extract_lane 0 (local.get $fa1)) (f64.const 0)))
                        (i32.ge_u (i32.and (i32x4.extract_lane 1 (local.get $fa2)) (i32.const 2147483647)) (i32.const 128974848))))))
              end
              (local.set $fa2 (local.get $r))
              ;; 8: c.addi a0, 16
              (local.set $a0 (i64.add (local.get $a0) (i64.const 16)))
              ;; a: c.addi a1, -1
              (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
              ;; c: c.bnez a1, 0x0
              (i64.ne (local.get $a1) (i64.const 0))
              if $7
                ;; 0: c.fld fa0, 0(a0)
                (local.set $fa0 (v128.load64_zero align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                ;; 2: c.fld fa1, 8(a0)
                (local.set $fa1 (v128.load64_zero offset=8 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                ;; 4: fmadd.d fa2, fa0, fa1, fa2
                (local.set $info (i32.const 1286))
                (local.set $r (f64x2.relaxed_madd (local.get $fa0) (local.get $fa1) (local.get $fa2)))
                block $8
                  (br_if $8
                    (i32.lt_u
                      (i32.sub (i32.shl (i32x4.extract_lane 1 (local.get $r)) (i32.const 1)) (i32.const 4194304))
                      (i32.const -6291456)))
                  (br_if $3
                    (i32.eqz
                      (i32.and
                        (f64.eq (f64x2.extract_lane 0 (local.get $r)) (f64.const 0))
                        (i32.or
                          (i32.or
                            (f64.eq (f64x2.extract_lane 0 (local.get $fa0)) (f64.const 0))
                            (f64.eq (f64x2.extract_lane 0 (local.get $fa1)) (f64.const 0)))
                          (i32.ge_u (i32.and (i32x4.extract_lane 1 (local.get $fa2)) (i32.const 2147483647)) (i32.const 128974848))))))
                end
                (local.set $fa2 (local.get $r))
                ;; 8: c.addi a0, 16
                (local.set $a0 (i64.add (local.get $a0) (i64.const 16)))
                ;; a: c.addi a1, -1
                (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
                ;; c: c.bnez a1, 0x0
                (i64.ne (local.get $a1) (i64.const 0))
                if $8
                  ;; 0: c.fld fa0, 0(a0)
                  (local.set $fa0 (v128.load64_zero align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                  ;; 2: c.fld fa1, 8(a0)
                  (local.set $fa1 (v128.load64_zero offset=8 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                  ;; 4: fmadd.d fa2, fa0, fa1, fa2
                  (local.set $info (i32.const 1190))
                  (local.set $r (f64x2.relaxed_madd (local.get $fa0) (local.get $fa1) (local.get $fa2)))
                  block $9
                    (br_if $9
                      (i32.lt_u
                        (i32.sub (i32.shl (i32x4.extract_lane 1 (local.get $r)) (i32.const 1)) (i32.const 4194304))
                        (i32.const -6291456)))
                    (br_if $3
                      (i32.eqz
                        (i32.and
                          (f64.eq (f64x2.extract_lane 0 (local.get $r)) (f64.const 0))
                          (i32.or
                            (i32.or
                              (f64.eq (f64x2.extract_lane 0 (local.get $fa0)) (f64.const 0))
                              (f64.eq (f64x2.extract_lane 0 (local.get $fa1)) (f64.const 0)))
                            (i32.ge_u (i32.and (i32x4.extract_lane 1 (local.get $fa2)) (i32.const 2147483647)) (i32.const 128974848))))))
                  end
                  (local.set $fa2 (local.get $r))
                  ;; 8: c.addi a0, 16
                  (local.set $a0 (i64.add (local.get $a0) (i64.const 16)))
                  ;; a: c.addi a1, -1
                  (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
                  ;; c: c.bnez a1, 0x0
                  (i64.ne (local.get $a1) (i64.const 0))
                  if $9
                    ;; 0: c.fld fa0, 0(a0)
                    (local.set $fa0 (v128.load64_zero align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                    ;; 2: c.fld fa1, 8(a0)
                    (local.set $fa1 (v128.load64_zero offset=8 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                    ;; 4: fmadd.d fa2, fa0, fa1, fa2
                    (local.set $info (i32.const 1094))
                    (local.set $r (f64x2.relaxed_madd (local.get $fa0) (local.get $fa1) (local.get $fa2)))
                    block $10
                      (br_if $10
                        (i32.lt_u
                          (i32.sub (i32.shl (i32x4.extract_lane 1 (local.get $r)) (i32.const 1)) (i32.const 4194304))
                          (i32.const -6291456)))
                      (br_if $3
                        (i32.eqz
                          (i32.and
                            (f64.eq (f64x2.extract_lane 0 (local.get $r)) (f64.const 0))
                            (i32.or
                              (i32.or
                                (f64.eq (f64x2.extract_lane 0 (local.get $fa0)) (f64.const 0))
                                (f64.eq (f64x2.extract_lane 0 (local.get $fa1)) (f64.const 0)))
                              (i32.ge_u (i32.and (i32x4.extract_lane 1 (local.get $fa2)) (i32.const 2147483647)) (i32.const 128974848))))))
                    end
                    (local.set $fa2 (local.get $r))
                    ;; 8: c.addi a0, 16
                    (local.set $a0 (i64.add (local.get $a0) (i64.const 16)))
                    ;; a: c.addi a1, -1
                    (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
                    ;; c: c.bnez a1, 0x0
                    (i64.ne (local.get $a1) (i64.const 0))
                    if $10
                      (i32.gt_s (local.get $fuel) (local.get $floor))
                      if $11
                        (br $6)
                      end
                      (br $4)
                    end
                    (local.set $info (i32.const 3615))
                    (br $3)
                  end
                  (local.set $fuel (i32.add (local.get $fuel) (i32.const 6)))
                  (local.set $info (i32.const 3615))
                  (br $3)
                end
                (local.set $fuel (i32.add (local.get $fuel) (i32.const 12)))
                (local.set $info (i32.const 3615))
                (br $3)
              end
              (local.set $fuel (i32.add (local.get $fuel) (i32.const 18)))
              (local.set $info (i32.const 3615))
              (br $3)
            end
          end
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 6)))
          ;; 0: c.fld fa0, 0(a0)
          (local.set $info (i32.const 108))
          (br_if $3
            (i64.ge_u
              (local.tee $translated
                (i64.add
                  (local.tee $addr (local.get $a0))
                  (i64.load
                    (local.tee $value32
                      (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb))))))
              (i64.const 16769024)))
          (i32.gt_u (i32.and (local.tee $host.a0 (i32.wrap_i64 (local.get $translated))) (i32.const 4095)) (i32.const 4080))
          if $5
            (br_if $3 (i64.ne (i64.load offset=8 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
          end
          (local.set $fa0 (v128.load64_zero align=1 (local.get $host.a0)))
          ;; 2: c.fld fa1, 8(a0)
          (local.set $fa1 (v128.load64_zero offset=8 align=1 (local.get $host.a0)))
          ;; 4: fmadd.d fa2, fa0, fa1, fa2
          (local.set $info (i32.const 1094))
          (local.set $r (f64x2.relaxed_madd (local.get $fa0) (local.get $fa1) (local.get $fa2)))
          block $5
            (br_if $5
              (i32.lt_u (i32.sub (i32.shl (i32x4.extract_lane 1 (local.get $r)) (i32.const 1)) (i32.const 4194304)) (i32.const -6291456)))
            (br_if $3
              (i32.eqz
                (i32.and
                  (f64.eq (f64x2.extract_lane 0 (local.get $r)) (f64.const 0))
                  (i32.or
                    (i32.or
                      (f64.eq (f64x2.extract_lane 0 (local.get $fa0)) (f64.const 0))
                      (f64.eq (f64x2.extract_lane 0 (local.get $fa1)) (f64.const 0)))
                    (i32.ge_u (i32.and (i32x4.extract_lane 1 (local.get $fa2)) (i32.const 2147483647)) (i32.const 128974848))))))
          end
          (local.set $fa2 (local.get $r))
          ;; 8: c.addi a0, 16
          (local.set $a0 (i64.add (local.get $a0) (i64.const 16)))
          ;; a: c.addi a1, -1
          (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
          ;; c: c.bnez a1, 0x0
          (i64.ne (local.get $a1) (i64.const 0))
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
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
      (v128.store64_lane offset=4432 (;fa0;) 0 (i32.const 0) (local.get $fa0))
      (v128.store64_lane offset=4440 (;fa1;) 0 (i32.const 0) (local.get $fa1))
      (v128.store64_lane offset=4448 (;fa2;) 0 (i32.const 0) (local.get $fa2))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
