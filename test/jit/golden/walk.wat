(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $a0 i64) (local $a1 i64) (local $a3 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $floor i32) (local $known.a0 i32) (local $a3.w i32) (local $host.a0 i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  (local.set $a1 (i64.load offset=4184 (;a1;) (i32.const 0)))
  (local.set $a3 (i64.load offset=4200 (;a3;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          (local.set $floor
            (i32.sub
              (local.get $fuel)
              (select (i32.const 0) (i32.const 60) (i64.ge_s (i64.sub (local.get $a1) (i64.const 0)) (i64.const 6)))))
          loop $5
            block $6
              (br_if $6 (i32.gt_s (local.get $fuel) (local.get $floor)))
              (br_if $6 (i32.le_s (local.get $fuel) (i32.const 20)))
              (local.set $value32 (i32.const 65535))
              (br_if $6
                (i64.ge_u
                  (local.tee $translated
                    (i64.add
                      (local.tee $addr (i64.add (local.get $a0) (i64.const 0)))
                      (i64.load offset=32768
                        (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb)))))
                  (i64.const 16769024)))
              (br_if $6
                (i32.gt_u
                  (local.tee $info (i32.and (local.tee $host (i32.wrap_i64 (local.get $translated))) (i32.const 4095)))
                  (i32.const 4080)))
              (local.set $known.a0 (i32.sub (local.get $host) (i32.wrap_i64 (local.get $a0))))
              (local.set $value32
                (select
                  (local.tee $host (i32.div_u (i32.sub (i32.const 4080) (local.get $info)) (i32.const 8)))
                  (local.get $value32)
                  (i32.lt_u (local.get $host) (local.get $value32))))
              (br_if $6 (i32.le_s (local.tee $value32 (i32.sub (local.get $value32) (i32.const 2))) (i32.const 0)))
              (local.set $floor
                (select
                  (local.tee $floor (i32.sub (local.get $fuel) (i32.mul (local.get $value32) (i32.const 5))))
                  (i32.const 20)
                  (i32.gt_s (local.get $floor) (i32.const 20))))
              loop $7
                (local.set $fuel (i32.sub (local.get $fuel) (i32.const 20)))
                ;; 0: c.lw a3, 0(a0)
                (local.set $a3.w (i32.load align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                ;; 2: c.sw a3, 4(a0)
                (i32.store offset=4 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0)) (local.get $a3.w))
                ;; 4: c.addi a0, 8
                (local.set $a0 (i64.add (local.get $a0) (i64.const 8)))
                ;; 6: c.addi a1, -1
                (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
                ;; 8: c.bnez a1, 0x0
                (i64.ne (local.get $a1) (i64.const 0))
                if $8
                  ;; 0: c.lw a3, 0(a0)
                  (local.set $a3.w (i32.load align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                  ;; 2: c.sw a3, 4(a0)
                  (i32.store offset=4 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0)) (local.get $a3.w))
                  ;; 4: c.addi a0, 8
                  (local.set $a0 (i64.add (local.get $a0) (i64.const 8)))
                  ;; 6: c.addi a1, -1
                  (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
                  ;; 8: c.bnez a1, 0x0
                  (i64.ne (local.get $a1) (i64.const 0))
                  if $9
                    ;; 0: c.lw a3, 0(a0)
                    (local.set $a3.w (i32.load align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                    ;; 2: c.sw a3, 4(a0)
                    (i32.store offset=4 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0)) (local.get $a3.w))
                    ;; 4: c.addi a0, 8
                    (local.set $a0 (i64.add (local.get $a0) (i64.const 8)))
                    ;; 6: c.addi a1, -1
                    (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
                    ;; 8: c.bnez a1, 0x0
                    (i64.ne (local.get $a1) (i64.const 0))
                    if $10
                      ;; 0: c.lw a3, 0(a0)
                      (local.set $a3.w (i32.load align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0))))
                      ;; 2: c.sw a3, 4(a0)
                      (i32.store offset=4 align=1 (i32.add (i32.wrap_i64 (local.get $a0)) (local.get $known.a0)) (local.get $a3.w))
                      ;; 4: c.addi a0, 8
                      (local.set $a0 (i64.add (local.get $a0) (i64.const 8)))
                      ;; 6: c.addi a1, -1
                      (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
                      ;; 8: c.bnez a1, 0x0
                      (i64.ne (local.get $a1) (i64.const 0))
                      if $11
                        (i32.gt_s (local.get $fuel) (local.get $floor))
                        if $12
                          (br $7)
                        end
                        (local.set $a3 (i64.extend_i32_s (local.get $a3.w)))
                        (br $5)
                      end
                      (local.set $info (i32.const 2591))
                      (br $4)
                    end
                    (local.set $fuel (i32.add (local.get $fuel) (i32.const 5)))
                    (local.set $info (i32.const 2591))
                    (br $4)
                  end
                  (local.set $fuel (i32.add (local.get $fuel) (i32.const 10)))
                  (local.set $info (i32.const 2591))
                  (br $4)
                end
                (local.set $fuel (i32.add (local.get $fuel) (i32.const 15)))
                (local.set $info (i32.const 2591))
                (br $4)
              end
            end
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 5)))
            ;; 0: c.lw a3, 0(a0)
            (local.set $info (i32.const 93))
            (br_if $3
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
              (br_if $3 (i64.ne (i64.load offset=32776 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
            end
            (local.set $a3.w (i32.load align=1 (local.get $host.a0)))
            ;; 2: c.sw a3, 4(a0)
            (i32.store offset=4 align=1 (local.get $host.a0) (local.get $a3.w))
            ;; 4: c.addi a0, 8
            (local.set $a0 (i64.add (local.get $a0) (i64.const 8)))
            ;; 6: c.addi a1, -1
            (local.set $a1 (i64.add (local.get $a1) (i64.const -1)))
            ;; 8: c.bnez a1, 0x0
            (i64.ne (local.get $a1) (i64.const 0))
            if $6
              (local.set $info (i32.const 0))
              (br_if $4 (i32.le_s (local.get $fuel) (i32.const 0)))
              (local.set $a3 (i64.extend_i32_s (local.get $a3.w)))
              (br $5)
            end
            (local.set $info (i32.const 2591))
            (br $4)
          end
          (unreachable)
        end
        (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
        (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
        (i64.store offset=4200 (;a3;) (i32.const 0) (i64.extend_i32_s (local.get $a3.w)))
        (br $2)
      end
      (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
      (i64.store offset=4184 (;a1;) (i32.const 0) (local.get $a1))
      (i64.store offset=4200 (;a3;) (i32.const 0) (local.get $a3))
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
