(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $a0 i64) (local $a1 i64)
  (local $fa0 f64) (local $fa1 f64) (local $fa2 f64)
  (local $host i32)
  (local $value i64) (local $translated i64)
  (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64) (local f64)
  (local f64) (local f64)
  (local f32) (local f32) (local f32) (local f32)
  (local i64) (local i64) (local i64)
  (local i32)
  (local i64)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          block $5
            block $6
              (local.set $fuel (i32.sub (local.get $fuel) (i32.const 7)))
              ;; 0: c.fld fa0, 0(a0)
              (local.set $addr (i64.add (local.get $a0) (i64.const 0)))
              (local.set $translated
                (i64.sub
                  (local.get $addr)
                  (i64.load
                    (i32.add (i32.and (i32.wrap_i64 (i64.shr_u (local.get $addr) (i64.const 9))) (i32.const 32760)) (local.get $tlb)))))
              (local.set $info (i32.const 404488192))
              (br_if $2 (i64.ge_u (i64.rotr (local.get $translated) (i64.const 3)) (i64.const 2096640)))
              (local.set $fa0 (f64.reinterpret_i64 (i64.load align=1 (i32.wrap_i64 (local.get $translated)))))
              ;; 2: c.fld fa1, 8(a0)
              (local.set $addr (i64.add (local.get $a0) (i64.const 8)))
              (local.set $translated
                (i64.sub
                  (local.get $addr)
                  (i64.load
                    (i32.add (i32.and (i32.wrap_i64 (i64.shr_u (local.get $addr) (i64.const 9))) (i32.const 32760)) (local.get $tlb)))))
              (local.set $info (i32.const 404226050))
              (br_if $3 (i64.ge_u (i64.rotr (local.get $translated) (i64.const 3)) (i64.const 2096640)))
              (local.set $fa1 (f64.reinterpret_i64 (i64.load align=1 (i32.wrap_i64 (local.get $translated)))))
              ;; 4: fmul.d fa2, fa0, fa1
              (local.set $info (i32.const 806617092))
              (local.set 33 (i32.and (i32.load offset=4616 (;fcsr;) (i32.const 0)) (i32.const 225)))
              (local.set 16 (local.get $fa0))
              (local.set 17 (local.get $fa1))
              (local.set 19 (f64.mul (local.get 16) (local.get 17)))
              (i32.eqz
                (i32.and
                  (f64.gt (f64.abs (local.get 19)) (f64.const 2.2250738585072014e-308))
                  (f64.lt (f64.abs (local.get 19)) (f64.const inf))))
              if $7
                (br_if $4
                  (i32.eqz
                    (i32.and
                      (f64.eq (local.get 19) (f64.const 0))
                      (i32.or (f64.eq (local.get 16) (f64.const 0)) (f64.eq (local.get 17) (f64.const 0))))))
              end
              (i32.ne (local.get 33) (i32.const 1))
              if $7
                (br_if $4 (i32.and (local.get 33) (i32.const 224)))
                (local.set 30
                  (i64.shr_u
                    (local.tee 32
                      (i64.or
                        (i64.and (i64.reinterpret_f64 (local.get 16)) (i64.const 4503599627370495))
                        (i64.shl
                          (i64.extend_i32_u
                            (i64.ne (i64.shr_u (i64.reinterpret_f64 (f64.abs (local.get 16))) (i64.const 52)) (i64.const 0)))
                          (i64.const 52))))
                    (i64.ctz (local.get 32))))
                (local.set 31
                  (i64.shr_u
                    (local.tee 32
                      (i64.or
                        (i64.and (i64.reinterpret_f64 (local.get 17)) (i64.const 4503599627370495))
                        (i64.shl
                          (i64.extend_i32_u
                            (i64.ne (i64.shr_u (i64.reinterpret_f64 (f64.abs (local.get 17))) (i64.const 52)) (i64.const 0)))
                          (i64.const 52))))
                    (i64.ctz (local.get 32))))
                (br_if $4
                  (i32.eqz
                    (i32.and
                      (i64.ge_u (i64.add (i64.clz (local.get 30)) (i64.clz (local.get 31))) (i64.const 64))
                      (i64.eqz (i64.shr_u (i64.mul (local.get 30) (local.get 31)) (i64.const 53))))))
              end
              (local.set $fa2 (local.get 19))
              ;; 8: fmadd.d fa2, fa0, fa1, fa2
              (local.set $info (i32.const 806354952))
              (local.set 33 (i32.and (i32.load offset=4616 (;fcsr;) (i32.const 0)) (i32.const 225)))
              (local.set 16 (local.get $fa0))
              (local.set 17 (local.get $fa1))
              (local.set 18 (local.get $fa2))
              (i32.or
                (i64.gt_u
                  (i64.sub (i64.shr_u (i64.reinterpret_f64 (f64.abs (local.get 16))) (i64.const 52)) (i64.const 543))
                  (i64.const 960))
                (i64.gt_u
                  (i64.sub (i64.shr_u (i64.reinterpret_f64 (f64.abs (local.get 17))) (i64.const 52)) (i64.const 543))
                  (i64.const 960)))
              if $7
                (br_if $5 (i32.eqz (i32.or (f64.eq (local.get 16) (f64.const 0)) (f64.eq (local.get 17) (f64.const 0)))))
                (local.set 21 (local.tee 19 (f64.add (f64.mul (local.get 16) (local.get 17)) (local.get 18))))
                (local.set 24 (local.tee 23 (f64.const 0)))
              else
                (local.set 20 (f64.mul (local.get 16) (local.get 17)))
                (local.set 22
                  (f64.neg
                    (f64.sub
                      (local.tee 21
                        (f64.sub (local.tee 21 (f64.mul (local.get 16) (f64.const 134217729))) (f64.sub (local.get 21) (local.get 16))))
                      (local.get 16))))
                (local.set 24
                  (f64.neg
                    (f64.sub
                      (local.tee 23
                        (f64.sub (local.tee 23 (f64.mul (local.get 17) (f64.const 134217729))) (f64.sub (local.get 23) (local.get 17))))
                      (local.get 17))))
                (local.set 25
                  (f64.sub
                    (f64.mul (local.get 22) (local.get 24))
                    (f64.sub
                      (f64.sub (f64.sub (local.get 20) (f64.mul (local.get 21) (local.get 23))) (f64.mul (local.get 22) (local.get 23)))
                      (f64.mul (local.get 21) (local.get 24)))))
                (local.set 21 (f64.add (local.get 20) (local.get 18)))
                (local.set 24 (f64.sub (local.get 21) (local.get 20)))
                (local.set 22
                  (f64.add (f64.sub (local.get 20) (f64.sub (local.get 21) (local.get 24))) (f64.sub (local.get 18) (local.get 24))))
                (local.set 23 (f64.add (local.get 22) (local.get 25)))
                (local.set 20 (f64.sub (local.get 23) (local.get 22)))
                (local.set 24
                  (f64.add (f64.sub (local.get 22) (f64.sub (local.get 23) (local.get 20))) (f64.sub (local.get 25) (local.get 20))))
                (f64.ne (local.get 24) (f64.const 0))
                if $8
                  (local.set 23
                    (f64.reinterpret_i64
                      (i64.or
                        (i64.add
                          (i64.reinterpret_f64 (local.get 23))
                          (i64.shr_s (i64.xor (i64.reinterpret_f64 (local.get 23)) (i64.reinterpret_f64 (local.get 24))) (i64.const 63)))
                        (i64.const 1))))
                end
                (local.set 19 (f64.add (local.get 21) (local.get 23)))
              end
              (br_if $5 (i32.eqz (f64.lt (f64.abs (local.get 19)) (f64.const inf))))
              (i32.ne (local.get 33) (i32.const 1))
              if $7
                (br_if $5 (i32.and (local.get 33) (i32.const 224)))
                (br_if $5
                  (i32.eqz
                    (i32.and
                      (i32.and (f64.eq (local.get 24) (f64.const 0)) (f64.eq (f64.sub (local.get 19) (local.get 21)) (local.get 23)))
                      (f64.eq (f64.sub (local.get 19) (local.get 23)) (local.get 21)))))
              end
              (local.set $fa2 (local.get 19))
              ;; c: flt.d a1, fa0, fa2
              (local.set $info (i32.const 806092812))
              (local.set 16 (local.get $fa0))
              (local.set 17 (local.get $fa2))
              (br_if $5 (i32.eqz (i32.and (f64.eq (local.get 16) (local.get 16)) (f64.eq (local.get 17) (local.get 17)))))
              (local.set $a1 (i64.extend_i32_u (f64.lt (local.get 16) (local.get 17))))
              ;; 10: c.fsd fa2, 16(a0)
              (i64.add (local.get $a0) (i64.const 16))
              (local.set $value (i64.reinterpret_f64 (local.get $fa2)))
              (local.set $addr)
              (local.set $translated
                (i64.sub
                  (local.get $addr)
                  (i64.load offset=32768
                    (i32.add (i32.and (i32.wrap_i64 (i64.shr_u (local.get $addr) (i64.const 9))) (i32.const 32760)) (local.get $tlb)))))
              (local.set $info (i32.const 537395216))
              (br_if $6 (i64.ge_u (i64.rotr (local.get $translated) (i64.const 3)) (i64.const 2096640)))
              (i64.store align=1 (i32.wrap_i64 (local.get $translated)) (local.get $value))
              ;; 12: c.jr ra
              (local.set 34 (i64.add (local.get $ra) (i64.const 0)))
              (drop (i64.add (local.get $page) (i64.const 20)))
              (local.set $pc (i64.and (local.get 34) (i64.const -2)))
              (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
              (f64.store offset=4432 (;fa0;) (i32.const 0) (local.get $fa0))
              (f64.store offset=4440 (;fa1;) (i32.const 0) (local.get $fa1))
              (f64.store offset=4448 (;fa2;) (i32.const 0) (local.get $fa2))
              (return (local.get $fuel) (local.get $pc))
              (unreachable)
            end
            (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
            (br $5)
          end
          (f64.store offset=4448 (;fa2;) (i32.const 0) (local.get $fa2))
          (br $4)
        end
        (f64.store offset=4440 (;fa1;) (i32.const 0) (local.get $fa1))
        (br $3)
      end
      (f64.store offset=4432 (;fa0;) (i32.const 0) (local.get $fa0))
      (br $2)
    end
    (br $1)
  end
  (i64.store offset=4608 (;pc;)
    (i32.const 0)
    (i64.add (local.get $page) (i64.extend_i32_s (i32.shr_s (i32.shl (local.get $info) (i32.const 14)) (i32.const 14)))))
  (i64.store offset=4640 (;address;) (i32.const 0) (local.get $addr))
  (i32.store offset=4668 (;exit;) (i32.const 0) (i32.shr_u (local.get $info) (i32.const 27)))
  (return (i32.add (local.get $fuel) (i32.and (i32.shr_u (local.get $info) (i32.const 18)) (i32.const 511))) (i64.const -1)))
