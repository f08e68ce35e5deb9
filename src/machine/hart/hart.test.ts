// The hart as a kernel sees it: precise traps, page-crossing accesses, coherent code, exact counting.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { assemble } from '../isa/asm/assemble.ts';
import {
  ACCESS_EXEC, ACCESS_READ, ACCESS_WRITE, PTE_A, PTE_D, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, TRAP_BREAKPOINT, TRAP_BUDGET, TRAP_ECALL, TRAP_FETCH_FAULT, TRAP_ILLEGAL,
  TRAP_LOAD_FAULT, TRAP_MISALIGNED, TRAP_STORE_FAULT,
} from '../machine.ts';
import { FlatMachine } from './flat.ts';

const CODE = 0x10000, DATA = 0x20000, HOLE = 0x30000;
const RX = PTE_V | PTE_R | PTE_X | PTE_U, RO = PTE_V | PTE_R | PTE_U, RW = PTE_V | PTE_R | PTE_W | PTE_U;
const A0 = 10, A1 = 11, A2 = 12, A3 = 13;
let m: FlatMachine;
let now = 0;

beforeEach(() => {
  now = 0;
  m = new FlatMachine(16 << 20, { monotonicNs: () => now });
  for (let p = 0; p < 4; p++) m.map(CODE + p * 4096, RX);
  for (let p = 0; p < 4; p++) m.map(DATA + p * 4096, RW);
});

/** Puts a program at `at` and runs it. */
function run(source: string, at = CODE, budget = 1e6): number {
  load(source, at);
  m.setPc(at);
  return m.hart.run(budget);
}

function load(source: string, at: number): ReadonlyMap<string, number> {
  const program = assemble(source, at);
  program.bytes.forEach((b, i) => {
    const host = m.hart.mmu.translate(at + i, ACCESS_EXEC);
    m.ram.u8[host] = b;
    m.hart.invalidateCode(host >>> 12);
  });
  return program.symbols;
}

test('traps: ebreak, illegal words and a jump into nowhere leave pc on the instruction', () => {
  assert.equal(run('nop\nnop\nebreak'), TRAP_BREAKPOINT);
  assert.equal(m.getPc(), CODE + 8);
  assert.equal(run('nop\n.word 0x30200073'), TRAP_ILLEGAL, 'mret');
  assert.equal(m.getPc(), CODE + 4);
  assert.equal(m.hart.tval, 0x30200073);
  assert.equal(run('.half 0'), TRAP_ILLEGAL);
  assert.equal(m.hart.tval, 0);
  for (const word of ['0x10500073', '0x10200073', '0x12000073', '0x7b200073']) assert.equal(run(`.word ${word}`), TRAP_ILLEGAL, 'wfi, sret, sfence.vma, dret');
  assert.equal(run(`li a0, ${HOLE}\njr a0`), TRAP_FETCH_FAULT);
  assert.equal(m.getPc(), HOLE);
  assert.equal(m.hart.tval, HOLE);
  assert.equal(run(`li a0, ${DATA}\njr a0`), TRAP_FETCH_FAULT, 'no X');
});

test('traps: loads and stores fault precisely and without effect', () => {
  assert.equal(run(`li a0, ${HOLE + 8}\nli a1, 7\nlw a1, 4(a0)`), TRAP_LOAD_FAULT);
  assert.equal(m.hart.tval, HOLE + 12);
  assert.equal(m.getX(A1), 7);
  assert.equal(run(`li a0, ${CODE + 2048}\nsw a1, 0(a0)`), TRAP_STORE_FAULT, 'no W');
  assert.equal(m.hart.tval, CODE + 2048);
  assert.equal(run('li a0, -8\nld a1, 0(a0)'), TRAP_LOAD_FAULT);
  assert.equal(m.hart.tval, 2 ** 64 - 8);
  assert.equal(run('li a0, 0x4000000000\nld a1, 0(a0)'), TRAP_LOAD_FAULT, 'bit 38 not extended');
  assert.equal(run(`li a0, ${HOLE}\nlw x0, 0(a0)`), TRAP_LOAD_FAULT, 'rd = x0 loads too');
  assert.equal(run(`li a0, ${HOLE}\namoadd.w a1, a1, (a0)`), TRAP_STORE_FAULT);
  assert.equal(run(`li a0, ${HOLE}\nlr.w a1, (a0)`), TRAP_LOAD_FAULT);
});

test('no address reaches physical memory past the page tables', () => {
  for (const hi of [0xc0000000, 0xffffffff, 0x80000000, 0x7fffffff, 0x40, 1]) {
    for (const lo of [0, 0x1000, DATA, m.ram.firstFreePfn * 4096, m.ram.size - 4096, m.ram.size, 0xfffff000]) {
      assert.equal(run(`li a0, 0x${hi.toString(16)}\nslli a0, a0, 32\nli a1, ${lo}\nadd a0, a0, a1\nlbu a2, 0(a0)\nebreak`), TRAP_LOAD_FAULT, `${hi.toString(16)}:${lo.toString(16)}`);
      assert.equal(run(`li a0, 0x${hi.toString(16)}\nslli a0, a0, 32\nli a1, ${lo}\nadd a0, a0, a1\nsb a2, 0(a0)\nebreak`), TRAP_STORE_FAULT);
    }
  }
});

test('misaligned accesses work, across pages too; the second page is checked before the first is written', () => {
  m.hart.activate(m.root);
  const edge = DATA + 4096 - 3;
  assert.equal(run(`li a0, ${edge}\nli a1, 0x1122334455667788\nsd a1, 0(a0)\nld a2, 0(a0)\nlw a3, 0(a0)\nlhu a4, 2(a0)\nebreak`), TRAP_BREAKPOINT);
  assert.equal(m.getX(A2), m.getX(A1));
  assert.equal(m.getX(A3), 0x55667788);
  assert.equal(m.getX(14), 0x5566);
  const last = DATA + 4 * 4096 - 3;
  assert.equal(run(`li a0, ${last}\nli a1, -1\nsw a1, 0(a0)`), TRAP_STORE_FAULT);
  assert.equal(m.hart.tval, DATA + 4 * 4096, 'address in the second page');
  assert.equal(m.ram.u8[m.hart.mmu.translate(last, ACCESS_READ)], 0);
  assert.equal(run(`li a0, ${last}\nlw a1, 0(a0)`), TRAP_LOAD_FAULT);
  assert.equal(m.hart.tval, DATA + 4 * 4096);
  assert.equal(run(`li a0, ${DATA + 2}\namoadd.w a1, a1, (a0)`), TRAP_MISALIGNED);
  assert.equal(m.hart.tval, DATA + 2);
});

test('an instruction may straddle two pages, and faults on the address of the second', () => {
  const at = CODE + 4094;
  assert.equal(run('li a0, 5\naddi a0, a0, 1\nebreak', at), TRAP_BREAKPOINT);
  assert.equal(m.getX(A0), 6);
  assert.equal(m.hart.instret, 2);
  assert.equal(run(`1: addi a0, a0, 1\nli a1, 100\nbne a0, a1, 1b\nebreak`, at), TRAP_BREAKPOINT);
  assert.equal(m.getX(A0), 100);
  assert.equal(run('j 1f\nebreak\n1: ebreak', at), TRAP_BREAKPOINT);
  assert.equal(m.getPc(), at + 8);
  let calls = 0;
  m.hart.setEcallHandler({ ecall() { calls++; m.setPc(m.getPc() + 4); return 0; } });
  assert.equal(run('ecall\nebreak', at), TRAP_BREAKPOINT);
  assert.equal(calls, 1);
  // Frames behind each other physically, but not virtually.
  const lone = 0x50000;
  m.map(lone, RX);
  m.ram.u16[m.hart.mmu.translate(lone + 4094, ACCESS_EXEC) >>> 1] = 0x0513;
  m.setPc(lone + 4094);
  assert.equal(m.hart.run(10), TRAP_FETCH_FAULT);
  assert.equal(m.hart.tval, lone + 4096);
  assert.equal(m.getPc(), lone + 4094);
});

test('LR/SC: succeeds once, fails after another store or clearReservation', () => {
  const lrsc = `li a0, ${DATA}\nlr.w a1, (a0)\naddi a1, a1, 1\nsc.w a2, a1, (a0)\nsc.w a3, a1, (a0)\nebreak`;
  run(lrsc);
  assert.deepEqual([m.getX(A2), m.getX(A3)], [0, 1]);
  run(`li a0, ${DATA}\nlr.d a1, (a0)\nsd a0, 0(a0)\nsc.d a2, a1, (a0)\nebreak`);
  assert.equal(m.getX(A2), 1);
  load(lrsc, CODE);
  m.setPc(CODE);
  // a0 takes one instruction (lui), lr.w another.
  m.hart.setEcallHandler({ ecall: () => 1 });
  load(`li a0, ${DATA}\nlr.w a1, (a0)\necall\nsc.w a2, a1, (a0)\nebreak`, CODE);
  m.setPc(CODE);
  assert.equal(m.hart.run(100), TRAP_ECALL);
  m.hart.clearReservation();
  m.setPc(m.getPc() + 4);
  assert.equal(m.hart.run(100), TRAP_BREAKPOINT);
  assert.equal(m.getX(A2), 1);
});

test('atomics with rd = x0 keep x0', () => {
  run(`li a0, ${DATA}\nli a1, 3\namoadd.d x0, a1, (a0)\namoadd.d x0, a1, (a0)\nld a2, 0(a0)\nmv a3, x0\nlw x0, 0(a0)\nmv a4, x0\nebreak`);
  assert.deepEqual([m.getX(A2), m.getX(A3), m.getX(14)], [6, 0, 0]);
});

test('A and D: set by the walk, the page becomes writable on the first store only', () => {
  const leaf = leafOf(DATA);
  assert.equal(m.ram.u32[leaf]! & (PTE_A | PTE_D), 0);
  run(`li a0, ${DATA}\nlw a1, 0(a0)\nebreak`);
  assert.equal(m.ram.u32[leaf]! & (PTE_A | PTE_D), PTE_A);
  run(`li a0, ${DATA}\nsw a1, 0(a0)\nebreak`);
  assert.equal(m.ram.u32[leaf]! & (PTE_A | PTE_D), PTE_A | PTE_D);
});

test('translate: permissions, superpages, malformed entries', () => {
  const { mmu } = m.hart, { u32 } = m.ram;
  assert.equal(mmu.translate(HOLE, ACCESS_READ), -1);
  assert.equal(mmu.translate(CODE, ACCESS_WRITE), -1);
  assert.equal(mmu.translate(DATA, ACCESS_EXEC), -1);
  assert.notEqual(mmu.translate(DATA + 5, ACCESS_WRITE), -1);
  assert.equal(mmu.translate(-1, ACCESS_READ), -1);
  assert.equal(mmu.translate(2 ** 64 - 4096, ACCESS_READ), -1);
  const root = m.root * 1024;
  u32[root + 2 * 3] = (512 << 10) | RO;              // 1 GiB page with a misaligned PPN
  assert.equal(mmu.translate(3 * 2 ** 30, ACCESS_READ), -1);
  u32[root + 2 * 3] = RW;                            // frame 0 on: the first GiB
  assert.equal(mmu.translate(3 * 2 ** 30 + 0x123456, ACCESS_READ), 0x123456);
  assert.equal(mmu.translate(3 * 2 ** 30 + m.ram.size, ACCESS_READ), -1, 'beyond RAM');
  for (const bad of [RW & ~PTE_U, RW & ~PTE_V, RW & ~PTE_R]) {
    u32[root + 2 * 3] = bad;
    mmu.flushSpace(m.root);
    assert.equal(mmu.translate(3 * 2 ** 30 + 0x123456, ACCESS_READ), -1);
  }
});

test('flushPage, flushRange and flushSpace make changed entries visible; other spaces keep theirs', () => {
  const { mmu } = m.hart;
  const other = m.frame();
  m.map(DATA, RW, m.frame(), other);
  mmu.translate(DATA, ACCESS_READ);
  m.hart.activate(other);
  const theirs = mmu.translate(DATA, ACCESS_READ);
  m.hart.activate(m.root);
  assert.notEqual(mmu.translate(DATA, ACCESS_READ), theirs);
  for (const flush of [() => mmu.flushPage(m.root, DATA), () => mmu.flushRange(m.root, DATA, DATA + 4096), () => mmu.flushRange(m.root, 0, 2 ** 38), () => mmu.flushSpace(m.root)]) {
    mmu.translate(DATA, ACCESS_WRITE);
    const fresh = m.map(DATA, RW);
    flush();
    assert.equal(mmu.translate(DATA, ACCESS_READ), fresh * 4096);
    m.ram.u32[leafOf(DATA)] = 0;
    flush();
    assert.equal(run(`li a0, ${DATA}\nlw a1, 0(a0)`), TRAP_LOAD_FAULT);
  }
  m.hart.activate(other);
  assert.equal(mmu.translate(DATA, ACCESS_READ), theirs);
});

test('more address spaces than TLB slots', () => {
  const roots = Array.from({ length: 20 }, (_, i) => {
    const root = m.frame(), pfn = m.map(DATA, RW, m.frame(), root);
    m.map(CODE, RX, m.hart.mmu.translate(CODE, ACCESS_EXEC) >>> 12, root);
    m.ram.u32[pfn * 1024] = 1000 + i;
    return root;
  });
  load(`li a0, ${DATA}\nlw a1, 0(a0)\nebreak`, CODE);
  for (let round = 0; round < 3; round++) roots.forEach((root, i) => {
    m.hart.activate(root);
    m.setPc(CODE);
    assert.equal(m.hart.run(100), TRAP_BREAKPOINT);
    assert.equal(m.getX(A1), 1000 + i);
  });
  for (const root of roots) m.hart.mmu.releaseSpace(root);
  m.hart.activate(m.root);
  assert.equal(run(`li a0, ${DATA}\nlw a1, 0(a0)\nebreak`), TRAP_BREAKPOINT);
});

test('self-modifying code: a store to decoded code is seen after fence.i', () => {
  const at = 0x50000;
  m.map(at, RX | PTE_W);
  // Patches `li a0, 1` to `li a0, 2` (one bit of the immediate) and loops.
  assert.equal(run('li a2, 0\n1: li a0, 1\nadd a3, a3, a0\nla a1, 1b\nlw a4, 0(a1)\nli a5, 0x300000\nxor a4, a4, a5\nsw a4, 0(a1)\nfence.i\naddi a2, a2, 1\nli a6, 6\nbne a2, a6, 1b\nebreak', at),
    TRAP_BREAKPOINT);
  assert.equal(m.getX(A3), 1 + 2 + 1 + 2 + 1 + 2);
});

test('kernel writes: translate(WRITE) and invalidateCode drop decoded code', () => {
  const at = 0x50000;
  m.map(at, RX | PTE_W);
  run('li a0, 1\nebreak', at);
  const host = m.hart.mmu.translate(at, ACCESS_WRITE);
  m.ram.u32[host >>> 2] = 0x00200513;                // li a0, 2
  m.setPc(at);
  m.hart.run(10);
  assert.equal(m.getX(A0), 2);
  m.ram.u32[host >>> 2] = 0x00300513;
  m.hart.fenceI();
  m.setPc(at);
  m.hart.run(10);
  assert.equal(m.getX(A0), 3);
  m.ram.u32[host >>> 2] = 0x00500513;
  m.hart.fenceI(at + 4096, at + 8192);
  m.hart.fenceI(0, 0);
  m.hart.fenceI(2 ** 64 - 4096, 2 ** 64);
  assert.deepEqual(m.hart.staleCode(), [host >>> 12]);
  m.hart.fenceI(at, at + 4);
  assert.deepEqual(m.hart.staleCode(), []);
  m.setPc(at);
  m.hart.run(10);
  assert.equal(m.getX(A0), 5);
  m.ram.u32[host >>> 2] = 0x00400513;
  m.hart.invalidateCode(host >>> 12);
  m.setPc(at);
  m.hart.run(10);
  assert.equal(m.getX(A0), 4);
});

test('the budget is exact, and where it stops does not depend on how it is cut', () => {
  const loop = 'li a0, 0\n1: addi a0, a0, 1\naddi a1, a1, 2\nj 1b';
  assert.equal(run(loop, CODE, 10), TRAP_BUDGET);
  assert.equal(m.hart.instret, 10, '1 + 3 * 3: the first jump at or after ten');
  assert.equal(m.getPc(), CODE + 4);
  assert.equal(m.hart.run(1), TRAP_BUDGET);
  assert.equal(m.hart.instret, 13);
  m.hart.run(5_000_000);
  assert.equal(m.hart.instret, 13 + 5_000_001);
});

test('ecall: the hook sees exact counts, may limit the budget, and unwinds', () => {
  const seen: number[] = [];
  m.hart.setEcallHandler({ ecall() {
    seen.push(m.hart.instret);
    m.setPc(m.getPc() + 4);
    if (seen.length === 2) m.hart.limitBudget(0);
    return seen.length === 3 ? 1 : 0;
  } });
  assert.equal(run('nop\necall\nnop\nnop\necall\nnop\necall\nebreak'), TRAP_BUDGET);
  assert.equal(m.getPc(), CODE + 20);
  assert.equal(m.hart.run(100), TRAP_ECALL);
  assert.deepEqual(seen, [1, 3, 4]);
  assert.equal(m.hart.run(100), TRAP_BREAKPOINT);
});

test('CSRs: counters read only, floating-point status read and written, everything else illegal', () => {
  now = 123_456_700;
  assert.equal(run('nop\nrdinstret a0\nrdtime a1\nrdcycle a2\nebreak'), TRAP_BREAKPOINT);
  assert.deepEqual([m.getX(A0), m.getX(A1), m.getX(A2)], [1, 1_234_567, 3]);
  assert.equal(run('fsrmi 3\nfsflagsi 17\nfrcsr a0\nli a1, 0x1e\nfscsr a2, a1\nfrrm a3\nfrflags a4\nebreak'), TRAP_BREAKPOINT);
  assert.deepEqual([m.getX(A0), m.getX(A2), m.getX(A3), m.getX(14)], [3 << 5 | 17, 3 << 5 | 17, 0, 30]);
  assert.equal(run('li a0, 0x3f\nfsflags a0, a0\nfsflags x0, x0\nmv a1, x0\nli a2, 6\ncsrs fflags, a2\ncsrrs a3, fflags, x0\nebreak'), TRAP_BREAKPOINT);
  assert.deepEqual([m.getX(A0), m.getX(A1), m.getX(A3)], [30, 0, 6]);
  assert.equal(run('csrw cycle, a0'), TRAP_ILLEGAL);
  assert.equal(run('csrr a0, 0x100'), TRAP_ILLEGAL, 'sstatus');
  assert.equal(run('csrr a0, 0xc03'), TRAP_ILLEGAL, 'hpmcounter3');
  assert.equal(run('csrwi frm, 5\nfadd.s fa0, fa0, fa0'), TRAP_ILLEGAL, 'reserved dynamic rounding mode');
});

test('fences and hints do nothing', () => {
  assert.equal(run('fence\nfence.tso\npause\nfence.i\nc.nop\nlui x0, 5\naddi x0, x0, 5\nmv a0, x0\nebreak'), TRAP_BREAKPOINT);
  assert.equal(m.getX(A0), 0);
});

test('decoded pages are evicted when the cache is full', () => {
  const pages = m.ram.layout.codeSlots + 10;
  for (let i = 0; i < pages; i++) {
    m.map(0x1000000 + i * 4096, RX);
    load(i === pages - 1 ? 'ebreak' : `addi a0, a0, 1\nj .+4092`, 0x1000000 + i * 4096);
  }
  for (let round = 1; round <= 2; round++) {
    m.setX(A0, 0);
    m.setPc(0x1000000);
    assert.equal(m.hart.run(1e6), TRAP_BREAKPOINT);
    assert.equal(m.getX(A0), pages - 1);
  }
});

/** Index in u32 of the leaf PTE of a mapped address. */
function leafOf(vaddr: number): number {
  let table = m.root;
  for (const shift of [30, 21]) table = m.ram.u32[table * 1024 + (Math.floor(vaddr / 2 ** shift) & 511) * 2]! >>> 10;
  return table * 1024 + (vaddr >>> 12 & 511) * 2;
}
