// The software TLB of one space: it holds as many pages as memory has, each is listed once, and a flush forgets them all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PTE_D, PTE_W } from '../machine.ts';
import { createRam } from '../ram.ts';
import { Tlb } from './tlb.ts';

test('fifty thousand pages stay, however often they are entered, until the space is flushed', () => {
  const tlb = new Tlb(createRam(256 << 20));
  const PAGES = 50_000, at = (page: number): number => page * 4096 + 4;
  tlb.activate(7);
  for (let round = 0; round < 3; round++) for (let page = 0; page < PAGES; page++) tlb.fill(0, at(page), 1000 + page % 1000, PTE_W | PTE_D, true);
  assert.equal(tlb.size(tlb.active), PAGES);
  for (let page = 0; page < PAGES; page++) assert.equal(tlb.probe(0, at(page), 'write'), (1000 + page % 1000) * 4096 + 4);
  tlb.flushPage(tlb.active, at(5));
  assert.equal(tlb.probe(0, at(5), 'read'), -1);
  tlb.fill(0, at(5), 1234, 0, true);
  assert.equal(tlb.probe(0, at(5), 'read'), 1234 * 4096 + 4);
  assert.equal(tlb.probe(0, at(5), 'write'), -1);
  for (let round = 0; round < 2; round++) {
    tlb.flush(tlb.active);
    assert.equal(tlb.size(tlb.active), 0);
    for (let page = 0; page < PAGES; page++) assert.equal(tlb.probe(0, at(page), 'read'), -1);
    for (let page = 0; page < PAGES; page++) tlb.fill(0, at(page), 1000, PTE_W | PTE_D, true);
  }
  tlb.protect(1000);
  for (let page = 0; page < PAGES; page += 99) assert.equal(tlb.probe(0, at(page), 'write'), -1);
});
