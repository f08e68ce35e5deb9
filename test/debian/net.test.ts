// Debian's network tools on a card whose wire leads nowhere: iproute2 sees and changes it, tcpdump captures from it (rings of packet(7)), arping sends, and the
// capture file of the host has the same frames.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { noImage, run } from '../cli/images.ts';

const PACKAGES = ['bash', 'coreutils', 'iproute2', 'tcpdump', 'arping'];

describe("Debian's network tools", { skip: await noImage('nettools', PACKAGES) }, () => {
  const work = mkdtempSync(join(tmpdir(), 'kspace-net-'));
  const guest = (script: string, ...options: string[]): string => {
    const { out, err, status } = run(['run', ...options, 'nettools', '--', 'bash', '-c', script]);
    return `${out}${err}status ${status}\n`;
  };

  it('ip link: what is there, and what it can be made', () => {
    const out = guest('ip link show eth0; ip link set eth0 up address 02:00:00:00:00:77 mtu 1400; ip -br link; ip link set eth0 name wan; ip -d -s link show wan; ip link set wan mtu 9000; cat /sys/class/net/wan/mtu',
      '--network', 'null');
    assert.match(out, /2: eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000\n {4}link\/ether 02:6b:73:70:00:01 brd ff:ff:ff:ff:ff:ff\n/);
    assert.match(out, /eth0 +UP +02:00:00:00:00:77 <BROADCAST,MULTICAST,UP,LOWER_UP> \n/);
    assert.match(out, /2: wan: <.*> mtu 1400 .* state UP .*\n.*permaddr 02:6b:73:70:00:01 promiscuity 0 .*minmtu 68 maxmtu 1500 .*parentbus virtio/);
    assert.match(out, /RTNETLINK answers: Invalid argument\n/);
    assert.match(out, /^1400$/m);
  });

  for (const placement of ['kernel', 'isolated']) {
    it(`tcpdump hears what arping sends, and so does the host (${placement})`, () => {
      const file = join(work, `${placement}.pcap`);
      const out = guest('ip link set eth0 up; tcpdump -Z root -i eth0 -c 2 -nn -e -l arp & sleep 2; arping -0 -c 3 -W 0.1 -i eth0 10.0.0.2; wait',
        '--network', `pcap:${file}`, '--driver', `virtio-net=${placement}`);
      assert.equal(out.match(/02:6b:73:70:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP \(0x0806\), length 58: Request who-has 10\.0\.0\.2 tell 0\.0\.0\.0, length 44/g)?.length, 2, out);
      assert.match(out, /2 packets captured\n/);
      assert.match(out, /3 packets transmitted, 0 packets received/);
      const capture = readFileSync(file);
      assert.equal(capture.length, 24 + 3 * (16 + 58));
      assert.equal(capture.subarray(40, 54).toString('hex'), 'ffffffffffff026b737000010806');
    });
  }

  after(() => { rmSync(work, { recursive: true }); });
});
