// A network card that lies to its driver: registers that read as anything, rings scribbled over, interrupts for nothing, in both placements. The kernel does not
// stumble, the interface comes back when the card tells the truth again, and everything is given back when it is pulled out. KSPACE_DEVICE_FUZZ as in device-fuzz.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ETH_P_ALL, PACKET_MR_MULTICAST } from '../../src/abi/packet.ts';
import { Hub } from '../../src/host/hub.ts';
import { setAddress } from '../../src/kernel/net/device/settings.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { Rng } from '../../src/lib/rng.ts';
import { LyingBus } from './lying-bus.ts';
import { frame, NetWorld } from './net-world.ts';
import { PLACEMENTS, testIsolates } from './placements.ts';

const STEPS = Number(process.env['KSPACE_DEVICE_FUZZ'] ?? 3000);
const SEED = Number(process.env['KSPACE_SEED'] ?? 1);
const PROTOCOL = 0x88b5, GROUP = new Uint8Array([1, 0, 94, 0, 0, 1]);

for (const placement of PLACEMENTS) {
  // Every access of an isolated core crosses threads.
  const steps = placement === 'kernel' ? STEPS : Math.ceil(STEPS / 10);
  test(`${placement}: ${steps} steps with a card that lies`, () => {
    const rng = new Rng(SEED);
    const hub = new Hub();
    let bus: LyingBus | null = null;
    const w = new NetWorld([], placement, placement === 'isolated' ? testIsolates() : undefined, board => (bus = new LyingBus(board, rng, firstSlot(board))).machine());
    const lying = bus! as LyingBus;
    const before = w.kernel.frames.counts[KIND_KERNEL]!;
    let sent = 0, heard = 0, rounds = 0;
    for (let step = 0; step < steps; rounds++) {
      const wire = hub.port(new Uint8Array([2, 0, 0, 0, 1, 1]));
      assert.ok(w.board.plugNet('net', wire));
      w.settle();
      const card = w.up();
      const s = w.socket(ETH_P_ALL, 'eth0');
      for (let i = 0; i < 150; i++, step++) {
        lying.odds = i > 100 ? 0 : 20;
        if (w.send(s, frame(GROUP, card.address, PROTOCOL, 14 + rng.below(1500))) > 0) sent++;
        if (rng.below(2) === 0) hub.send(frame(rng.below(2) === 0 ? card.address : GROUP, [2, 0, 0, 0, 0, 9], PROTOCOL, 14 + rng.below(1500)));
        if (rng.below(20) === 0) s.memberships.add(card.index, PACKET_MR_MULTICAST, GROUP);
        if (rng.below(20) === 0) s.memberships.drop(card.index, PACKET_MR_MULTICAST, GROUP);
        if (rng.below(40) === 0) setAddress(w.kernel, card, new Uint8Array([2, 0, 0, 0, 2, rng.below(256)]));
        w.wait(rng.below(3) === 0 ? 20_000_000 : 1000);
        while (typeof w.receive(s) !== 'number') heard++;
      }
      lying.odds = 0;
      w.wait(10e9);
      // Lies that lie in the rings still may cost a few frames and a restart.
      let works = w.kernel.net.devices.find('eth0') !== card;
      for (let tries = 0; tries < 10 && !works; tries++) {
        while (typeof w.receive(s) !== 'number');
        const isSent = w.send(s, frame(GROUP, card.address, PROTOCOL)) === 60;
        hub.send(frame(card.address, [2, 0, 0, 0, 0, 9], PROTOCOL));
        w.settle();
        works = isSent && typeof w.receive(s) === 'object';
        w.wait(10e9);
      }
      assert.ok(works, 'it tells the truth again');
      s.put();
      w.board.unplugNet('net')!.close();
      w.settle();
      assert.equal(w.kernel.net.devices.find('eth0'), undefined);
      assert.equal(w.kernel.frames.counts[KIND_KERNEL], before);
    }
    assert.equal(w.kernel.oopses, 0);
    assert.ok(lying.lies > steps / 20 && sent > steps / 10 && heard > steps / 20, `${lying.lies} lies, ${sent} sent, ${heard} heard in ${rounds} rounds`);
  });
}

/** Where a card that is plugged in comes to be. */
function firstSlot(board: NetWorld['board']): number {
  for (let base = 0x1_1000_0000; ; base += 0x1000) if (board.bus.read32(base + 8) === 0) return base;
}
