// The kernel's audit of itself: silent on machines that run, with and without the translator; each kind of tampering (a page table, a counter, a TLB
// entry, a page that holds decoded or translated code, the table of system calls, a class) is found, and ends the machine with a report.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PROT_READ } from '../../src/abi/mman.ts';
import { ACTIVE_FILE } from '../../src/kernel/mm/lru.ts';
import { UserMemory } from '../../src/kernel/mm/user.ts';
import { ptePfn } from '../../src/kernel/mm/page-table.ts';
import { syscalls } from '../../src/kernel/syscall/table.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { PTE_W } from '../../src/machine/machine.ts';
import type { RamImpl } from '../../src/machine/ram.ts';
import { Computer } from '../../src/system/computer.ts';
import { bootGuests, guestFile, runIn } from '../guest/run-guest.ts';
import { TestMachine } from '../kernel/machine.ts';

const LOOP = '_start: addi s0, s0, 1\nsd s0, -16(sp)\nj _start';

/** A machine in the middle of a program. */
function running(translator: 'off' | 'eager' = 'off'): { m: TestMachine; t: Task; pte: () => number; at: () => number } {
  const m = new TestMachine({ translator }), t = m.startSource(LOOP);
  m.run(20_000_000);
  const at = (): number => t.mm!.table.walk(0x10);
  return { m, t, at, pte: () => m.kernel.machine.ram.u32[at()]! };
}

function findings(m: TestMachine): string {
  const { kernel } = m, before = kernel.log.nextSeq;
  kernel.selfAudit.run();
  return kernel.log.lines.filter(l => l.seq >= before).map(l => l.text).join('\n');
}

test('machines that run programs have nothing to find, in either tier', () => {
  for (const translator of ['off', 'eager'] as const) {
    const m = new TestMachine({ translator });
    for (const name of ['mmap-file-shared', 'fork-memory', 'futex-basics', 'signal-stop-continue', 'riscv-code-churn', 'mprotect']) m.startGuest(name);
    for (let i = 0; i < 12; i++) {
      m.run(2_000_000);
      assert.equal(findings(m), '');
    }
    assert.ok(m.kernel.hart.mmu.cached!().length > 0, 'the TLB is looked at');
    assert.equal(m.kernel.halted, 'running');
  }
});

test('a page table that allows more than its mapping, or leads to a table of the kernel', () => {
  const { m, t } = running();
  const v = t.mm!.vmas().find(x => x.name === '[stack]')!;
  v.prot = PROT_READ;
  assert.match(findings(m), /memory: page [0-9a-f]+ of space \d+: entry [0-9a-f]+ allows more than its mapping/);
  assert.equal(m.kernel.halted, 'panic');
  const other = running();
  const words = other.m.kernel.machine.ram.u32;
  words[other.at()] = words[other.at()]! & 0x3ff | other.t.mm!.rootPfn << 10;
  assert.match(findings(other.m), /memory: page 10000 of space \d+: maps frame \d+ of kind/);
});

test('a counter that is not conserved', () => {
  const { m, pte } = running();
  m.kernel.frames.refs[ptePfn(pte())]!++;
  assert.match(findings(m), /memory: frame \d+ .*references, found/);
});

for (const translator of ['off', 'eager'] as const) {
  test(`one bit of a page that holds ${translator === 'off' ? 'decoded' : 'translated'} code`, () => {
    const { m, pte } = running(translator), { u8 } = m.kernel.machine.ram;
    assert.equal(findings(m), '');
    for (const byte of [0, 0x78, 0x7b, 4095]) {
      const at = ptePfn(pte()) * 4096 + byte;
      u8[at]! ^= 0x10;
      assert.deepEqual(m.kernel.hart.staleCode!(), [ptePfn(pte())]);
      u8[at]! ^= 0x10;
    }
    u8[ptePfn(pte()) * 4096 + 0x78]! ^= 1;
    assert.match(findings(m), /caches: code of frame \d+ .* was decoded from other contents/);
  });
}

test('any bit of a TLB entry that makes it lead elsewhere', () => {
  const { m } = running(), ram = m.kernel.machine.ram as RamImpl;
  const { cached } = m.kernel.hart.mmu, entries = cached!.call(m.kernel.hart.mmu);
  assert.ok(entries.some(e => e.writable) && entries.some(e => !e.writable));
  const page = entries.find(e => e.writable)!;
  const slot = (page.vaddr / 4096) % ram.layout.tlbEntries;
  // Another frame in RAM, one page further: a window into memory that no page table gives.
  for (let space = 0; space < 8; space++) ram.i32[(ram.layout.tlb + space * ram.layout.tlbEntries * 16 + ram.layout.tlbEntries * 8 + slot * 8) >>> 2]! += 4096;
  assert.match(findings(m), /caches: TLB: space \d+ has a writable entry 0x[0-9a-f]+ -> frame \d+, its table says/);
});

test('the table of system calls and the classes that decide', t => {
  assert.throws(() => { (syscalls as unknown[])[63] = undefined; }, TypeError);
  assert.throws(() => { (syscalls[63] as { run: unknown }).run = () => 0; }, TypeError);
  const { m } = running(), proto = UserMemory.prototype as unknown as Record<string, unknown>, original = proto['copyOut'];
  t.after(() => { proto['copyOut'] = original; });
  proto['copyOut'] = () => 0;
  assert.match(findings(m), /tables: class UserMemory was changed/);
});

test('W^X: a page that is writable and executable although the policy holds', () => {
  // The segment of these programs is both; the policy comes too late for them.
  const { m, at } = running();
  m.kernel.security.wx.enforce([]);
  m.kernel.machine.ram.u32[at()]! |= PTE_W;
  assert.match(findings(m), /executable: space \d+: page 0x10000 \(frame \d+\) is writable and executable/);
});

test('a panic: a report, no task runs any more, and it cannot be talked away', () => {
  const { m, pte } = running(), { refs } = m.kernel.frames, pfn = ptePfn(pte());
  refs[pfn]!++;
  const report = findings(m);
  assert.match(report, /^Kernel panic - not syncing: self-audit: 2 findings\n {2}memory: page 10000 .*\n {2}memory: frame \d+ \(kind \d\): 2 references, found 1\ntask .*not tainted\n---\[ end Kernel panic/);
  refs[pfn]!--;
  const { instret } = m.kernel.hart;
  assert.equal(m.loop.run(m.kernel.now() + 1e8), 'idle');
  assert.equal(m.kernel.hart.instret, instret);
});

test('the machine of a panic is over for who waits for its processes', async () => {
  const machine = await bootGuests({ test: readFileSync(guestFile('bin/fork-many')) }, 64 << 20);
  assert.ok(machine instanceof Computer);
  const { frames, selfAudit, log } = machine.kernel;
  frames.lru.counts[ACTIVE_FILE]!++;
  selfAudit.request();
  const { status } = await runIn(machine, ['/guest/world', '/guest/test'], 20_000);
  assert.deepEqual([status, machine.kernel.halted], [125, 'panic']);
  assert.ok(log.lines.some(l => l.level === 0 && l.text.startsWith('Kernel panic - not syncing: self-audit')));
  await machine.stop();
});
