(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a1 i64)
  (local $fa0 v128) (local $fa1 v128) (local $fa2 v128)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $host.a0 i32)
  (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64)
  (local f64) (local f64)
  (local f32) (local f32) (local f32) (local f32)
  (local i64) (local i64) (local i64)
  (local i32)
  (local $r v128) (local $d v128) (local $addend v128)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (i32.ne (i32.and (i32.load offset=4616 (;fcsr;) (i32.const 0)) (i32.const 225)) (i32.const 1))
  if $1
    (call $o0 (local.get $page) (local.get $fuel) (local.get $depth))
    (return)
  end
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          block $5
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 7)))
            ;; 0: c.fld fa0, 0(a0)
            (local.set $info (i32.const 125))
            (br_if $3
              (i64.ge_u
                (local.tee $translated
                  (i64.add
                    (local.tee $addr (local.get $a0))
                    (i64.load offset=32768
                      (local.tee $value32
                        (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb))))))
                (i64.const 16769024)))
            (i32.gt_u (i32.and (local.tee $host.a0 (i32.wrap_i64 (local.get $translated))) (i32.const 4095)) (i32.const 4072))
            if $6
              (br_if $3 (i64.ne (i64.load offset=32776 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
            end
            (local.set $fa0 (v128.load64_zero align=1 (local.get $host.a0)))
            ;; 2: c.fld fa1, 8(a0)
            (local.set $fa1 (v128.load64_zero offset=8 align=1 (local.get $host.a0)))
            ;; 4: fmul.d fa2, fa0, fa1
            (local.set $info (i32.const 1110))
            (local.set $r (f64x2.mul (local.get $fa0) (local.get $fa1)))
            block $6
              (br_if $6
                (i32.lt_u (i32.sub (i32.shl (i32x4.extract_lane 1 (local.get $r)) (i32.const 1)) (i32.const 4194304)) (i32.const -6291456)))
              (br_if $4
                (i32.eqz
                  (i32.and
                    (f64.eq (f64x2.extract_lane 0 (local.get $r)) (f64.const 0))
                    (i32.or
                      (f64.eq (f64x2.extract_lane 0 (local.get $fa0)) (f64.const 0))
                      (f64.eq (f64x2.extract_lane 0 (local.get $fa1)) (f64.const 0))))))
            end
            (local.set $fa2 (local.get $r))
            ;; 8: fmadd.d fa2, fa0, fa1, fa2
            (local.set $info (i32.const 2118))
            (local.set 35 (i32.and (i32.const 1) (i32.const 225)))
            (local.set 18 (f64x2.extract_lane 0 (local.get $fa0)))
            (local.set 19 (f64x2.extract_lane 0 (local.get $fa1)))
            (local.set 20 (f64x2.extract_lane 0 (local.get $fa2)))
            (i32.or
              (i64.gt_u (i64.sub (i64.shr_u (i64.reinterpret_f64 (f64.abs (local.get 18))) (i64.const 52)) (i64.const 543)) (i64.const 960))
              (i64.gt_u (i64.sub (i64.shr_u (i64.reinterpret_f64 (f64.abs (local.get 19))) (i64.const 52)) (i64.const 543)) (i64.const 960)))
            if $6
              (br_if $5 (i32.eqz (i32.or (f64.eq (local.get 18) (f64.const 0)) (f64.eq (local.get 19) (f64.const 0)))))
              (local.set 23 (local.tee 21 (f64.add (f64.mul (local.get 18) (local.get 19)) (local.get 20))))
              (local.set 26 (local.tee 25 (f64.const 0)))
            else
              (local.set 22 (f64.mul (local.get 18) (local.get 19)))
              (local.set 24
                (f64.neg
                  (f64.sub
                    (local.tee 23
                      (f64.sub (local.tee 23 (f64.mul (local.get 18) (f64.const 134217729))) (f64.sub (local.get 23) (local.get 18))))
                    (local.get 18))))
              (local.set 26
                (f64.neg
                  (f64.sub
                    (local.tee 25
                      (f64.sub (local.tee 25 (f64.mul (local.get 19) (f64.const 134217729))) (f64.sub (local.get 25) (local.get 19))))
                    (local.get 19))))
              (local.set 27
                (f64.sub
                  (f64.mul (local.get 24) (local.get 26))
                  (f64.sub
                    (f64.sub (f64.sub (local.get 22) (f64.mul (local.get 23) (local.get 25))) (f64.mul (local.get 24) (local.get 25)))
                    (f64.mul (local.get 23) (local.get 26)))))
              (local.set 23 (f64.add (local.get 22) (local.get 20)))
              (local.set 26 (f64.sub (local.get 23) (local.get 22)))
              (local.set 24
                (f64.add (f64.sub (local.get 22) (f64.sub (local.get 23) (local.get 26))) (f64.sub (local.get 20) (local.get 26))))
              (local.set 25 (f64.add (local.get 24) (local.get 27)))
              (local.set 22 (f64.sub (local.get 25) (local.get 24)))
              (local.set 26
                (f64.add (f64.sub (local.get 24) (f64.sub (local.get 25) (local.get 22))) (f64.sub (local.get 27) (local.get 22))))
              (f64.ne (local.get 26) (f64.const 0))
              if $7
                (local.set 25
                  (f64.reinterpret_i64
                    (i64.or
                      (i64.add
                        (i64.reinterpret_f64 (local.get 25))
                        (i64.shr_s (i64.xor (i64.reinterpret_f64 (local.get 25)) (i64.reinterpret_f64 (local.get 26))) (i64.const 63)))
                      (i64.const 1))))
              end
              (local.set 21 (f64.add (local.get 23) (local.get 25)))
            end
            (br_if $5 (i32.eqz (f64.lt (f64.abs (local.get 21)) (f64.const inf))))
            (i32.ne (local.get 35) (i32.const 1))
            if $6
              (br_if $5 (i32.and (local.get 35) (i32.const 224)))
              (br_if $5
                (i32.eqz
                  (i32.and
                    (i32.and (f64.eq (local.get 26) (f64.const 0)) (f64.eq (f64.sub (local.get 21) (local.get 23)) (local.get 25)))
                    (f64.eq (f64.sub (local.get 21) (local.get 25)) (local.get 23)))))
            end
            (local.set $fa2 (f64x2.splat (local.get 21)))
            ;; c: flt.d a1, fa0, fa2
            (local.set $info (i32.const 3126))
            (br_if $5 (f64.ne (f64x2.extract_lane 0 (local.get $fa0)) (f64x2.extract_lane 0 (local.get $fa0))))
            (local.set $a1 (i64.extend_i32_u (f64.lt (f64x2.extract_lane 0 (local.get $fa0)) (f64x2.extract_lane 0 (local.get $fa2)))))
            ;; 10: c.fsd fa2, 16(a0)
            (v128.store64_lane offset=16 align=1 0 (local.get $host.a0) (local.get $fa2))
            ;; 12: c.jr ra
            (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
            (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
            (v128.store64_lane offset=4432 (;fa0;) 0 (i32.const 0) (local.get $fa0))
            (v128.store64_lane offset=4440 (;fa1;) 0 (i32.const 0) (local.get $fa1))
            (v128.store64_lane offset=4448 (;fa2;) 0 (i32.const 0) (local.get $fa2))
            (br $1)
            (unreachable)
          end
          (v128.store64_lane offset=4448 (;fa2;) 0 (i32.const 0) (local.get $fa2))
          (br $4)
        end
        (v128.store64_lane offset=4432 (;fa0;) 0 (i32.const 0) (local.get $fa0))
        (v128.store64_lane offset=4440 (;fa1;) 0 (i32.const 0) (local.get $fa1))
        (br $3)
      end
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
