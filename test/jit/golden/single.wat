(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a1 i64)
  (local $fa0 v128) (local $fa1 v128)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64)
  (local f64) (local f64)
  (local f32) (local f32) (local f32) (local f32)
  (local i64) (local i64) (local i64)
  (local i32)
  (local $r v128) (local $d v128) (local $addend v128)
  (local $host.a0 i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (i32.ne (i32.and (i32.load offset=4616 (;fcsr;) (i32.const 0)) (i32.const 225)) (i32.const 1))
  if $1
    (call $o0 (local.get $page) (local.get $fuel) (local.get $depth))
    (return)
  end
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          block $5
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 6)))
            ;; 0: fcvt.s.w fa0, a1
            (local.set $info (i32.const 102))
            (local.set 33 (i32.and (i32.const 1) (i32.const 225)))
            (br_if $3 (i32.and (local.get 33) (i32.const 224)))
            (local.set 30 (i64.extend32_s (local.get $a1)))
            (br_if $3 (i32.and (i64.gt_u (i64.add (local.get 30) (i64.const 16777216)) (i64.const 33554432)) (i32.eqz (local.get 33))))
            (local.set $fa0
              (i64x2.splat (i64.or (i64.extend_i32_u (i32.reinterpret_f32 (f32.convert_i64_s (local.get 30)))) (i64.const -4294967296))))
            ;; 4: flw fa1, 0(a0)
            (local.set $info (i32.const 1117))
            (br_if $4
              (i64.ge_u
                (local.tee $translated
                  (i64.add
                    (local.tee $addr (local.get $a0))
                    (i64.load offset=32768
                      (local.tee $value32
                        (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb))))))
                (i64.const 16769024)))
            (i32.gt_u (i32.and (local.tee $host.a0 (i32.wrap_i64 (local.get $translated))) (i32.const 4095)) (i32.const 4088))
            if $6
              (br_if $4 (i64.ne (i64.load offset=32776 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
            end
            (local.set $fa1 (i64x2.splat (i64.or (i64.load32_u align=1 (local.get $host.a0)) (i64.const -4294967296))))
            ;; 8: fadd.s fa0, fa0, fa1
            (local.set $info (i32.const 2118))
            (local.set 29 (f32.add (f32x4.extract_lane 0 (local.get $fa0)) (f32x4.extract_lane 0 (local.get $fa1))))
            (br_if $5 (i32.ge_u (i32.shl (i32.reinterpret_f32 (local.get 29)) (i32.const 1)) (i32.const -16777216)))
            (local.set $fa0 (f32x4.replace_lane 0 (v128.const i32x4 -1 -1 -1 -1) (local.get 29)))
            ;; c: fsw fa0, 4(a0)
            (i64.store32 offset=4 align=1 (local.get $host.a0) (i64x2.extract_lane 0 (local.get $fa0)))
            ;; 10: fmv.x.w a0, fa0
            (local.set $info (i32.const 4134))
            (local.set $a0 (i64.extend32_s (i64x2.extract_lane 0 (local.get $fa0))))
            ;; 14: c.jr ra
            (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
            (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
            (v128.store64_lane offset=4432 (;fa0;) 0 (i32.const 0) (local.get $fa0))
            (v128.store64_lane offset=4440 (;fa1;) 0 (i32.const 0) (local.get $fa1))
            (br $1)
            (unreachable)
          end
          (v128.store64_lane offset=4440 (;fa1;) 0 (i32.const 0) (local.get $fa1))
          (br $4)
        end
        (v128.store64_lane offset=4432 (;fa0;) 0 (i32.const 0) (local.get $fa0))
        (br $3)
      end
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
