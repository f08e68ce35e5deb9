(func $r0 (param $page i64) (param $fuel i32) (param $depth i32) (result i32 i64)
  (local $tlb i32)
  (local $addr i64) (local $pc i64)
  (local $info i32)
  (local $ra i64) (local $sp i64) (local $a0 i64)
  (local $host i32)
  (local $value i64)
  (local $value32 i32)
  (local $translated i64)
  (local $host.sp i32) (local $what i32)
  (local.set $tlb (i32.load offset=4624 (;tlb;) (i32.const 0)))
  (local.set $ra (i64.load offset=4104 (;ra;) (i32.const 0)))
  (local.set $sp (i64.load offset=4112 (;sp;) (i32.const 0)))
  (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
  block $1
    block $2
      block $3
        block $4
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 5)))
          ;; 0: c.addi sp, -16
          (local.set $sp (i64.add (local.get $sp) (i64.const -16)))
          ;; 2: c.sdsp ra, 8(sp)
          (local.set $info (i32.const 589))
          (br_if $4
            (i64.ge_u
              (local.tee $translated
                (i64.add
                  (local.tee $addr (i64.add (local.get $sp) (i64.const 8)))
                  (i64.load offset=32768
                    (local.tee $value32
                      (i32.add (i32.and (i32.shr_u (i32.wrap_i64 (local.get $addr)) (i32.const 9)) (i32.const 32760)) (local.get $tlb))))))
              (i64.const 16769024)))
          (i32.gt_u (i32.and (local.tee $host.sp (i32.wrap_i64 (local.get $translated))) (i32.const 4095)) (i32.const 4088))
          if $5
            (br_if $4 (i64.ne (i64.load offset=32776 (local.get $value32)) (i64.sub (local.get $translated) (local.get $addr))))
          end
          (i64.store align=1 (local.get $host.sp) (local.get $ra))
          ;; 4: c.addi a0, 1
          (local.set $a0 (i64.add (local.get $a0) (i64.const 1)))
          ;; 6: auipc ra, 0x0
          (local.set $ra (i64.add (local.get $page) (i64.const 6)))
          ;; a: jalr ra, 16(ra)
          (local.set $pc (i64.and (i64.add (local.get $ra) (i64.const 16)) (i64.const -2)))
          (local.set $ra (i64.add (local.get $page) (i64.const 14)))
          (i64.store offset=4104 (;ra;) (i32.const 0) (local.get $ra))
          (i64.store offset=4112 (;sp;) (i32.const 0) (local.get $sp))
          (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
          block $5
            block $6
              (br_if $6 (i32.le_s (local.get $fuel) (i32.const 0)))
              (br_if $6 (i32.eqz (local.get $depth)))
              (br_if $6
                (i64.ne
                  (i64.load offset=73728
                    (local.tee $info (i32.and (i32.shl (i32.wrap_i64 (local.get $pc)) (i32.const 3)) (i32.const 65520))))
                  (local.get $pc)))
              (br_if $6 (i32.ne (i32.load offset=73736 (local.get $info)) (i32.load offset=4688 (i32.const 0))))
              (local.set $what (i32.load offset=73740 (local.get $info)))
              (br_if $6 (i32.lt_s (local.get $what) (i32.const 0)))
              (call_indirect (type 0)
                (i64.and (local.get $pc) (i64.const -4096))
                (local.get $fuel)
                (i32.sub (local.get $depth) (i32.const 1))
                (local.get $what))
              (local.set $pc)
              (local.set $fuel)
              (br_if $5 (i32.and (i64.eq (local.get $pc) (local.get $ra)) (i32.gt_s (local.get $fuel) (i32.const 0))))
            end
            (call $go (local.get $pc) (local.get $ra) (local.get $fuel) (local.get $depth))
            (local.set $pc)
            (local.set $fuel)
            (br_if $1 (i64.eq (local.get $pc) (i64.const -1)))
          end
          (local.set $info (i32.const 3615))
          (local.get $sp)
          (local.set $sp (i64.load offset=4112 (;sp;) (i32.const 0)))
          (br_if $3 (i64.ne (local.get $sp)))
          (local.set $a0 (i64.load offset=4176 (;a0;) (i32.const 0)))
          (local.set $fuel (i32.sub (local.get $fuel) (i32.const 4)))
          ;; e: c.addi a0, 2
          (local.set $a0 (i64.add (local.get $a0) (i64.const 2)))
          ;; 10: c.ldsp ra, 8(sp)
          (local.set $ra (i64.load align=1 (local.get $host.sp)))
          ;; 12: c.addi sp, 16
          (local.set $sp (i64.add (local.get $sp) (i64.const 16)))
          ;; 14: c.jr ra
          (local.set $pc (i64.and (local.get $ra) (i64.const -2)))
          (i64.store offset=4104 (;ra;) (i32.const 0) (local.get $ra))
          (i64.store offset=4112 (;sp;) (i32.const 0) (local.get $sp))
          (i64.store offset=4176 (;a0;) (i32.const 0) (local.get $a0))
          (br $1)
          (unreachable)
        end
        (i64.store offset=4112 (;sp;) (i32.const 0) (local.get $sp))
        (br $3)
      end
      (br $2)
    end
    (call $leave (local.get $page) (local.get $info) (local.get $addr) (local.get $fuel))
    (return)
  end
  (return (local.get $fuel) (local.get $pc)))
