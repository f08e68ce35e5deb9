// The log and its registers: what is in the log leads to the registers, in no other order, and the binary form says the same.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { toHex } from '../../lib/sha256.ts';
import { BootLog, EV_IPL, EV_S_CRTM_VERSION, EV_SEPARATOR, replay } from './boot-log.ts';
import { PCR_COUNT, Registers } from './registers.ts';

const sha = (...parts: (Uint8Array | string)[]): Buffer => parts.reduce<ReturnType<typeof createHash>>((h, p) => h.update(p), createHash('sha256')).digest();

function sample(): BootLog {
  const log = new BootLog();
  log.addText(0, EV_S_CRTM_VERSION, 'version 1');
  log.add(9, EV_IPL, sha('some image'), 'image busybox');
  log.add(9, EV_IPL, sha('another'), 'image \xe4');
  log.close();
  return log;
}

test('registers begin as a TPM without dynamic launch has them, and extend as it does', () => {
  const r = new Registers();
  assert.equal(toHex(r.read(0)), '00'.repeat(32));
  assert.equal(toHex(r.read(17)), 'ff'.repeat(32));
  assert.equal(toHex(r.read(23)), '00'.repeat(32));
  r.extend(3, sha('a'));
  r.extend(3, sha('b'));
  assert.equal(toHex(r.read(3)), sha(sha(new Uint8Array(32), sha('a')), sha('b')).toString('hex'));
  r.read(3).fill(0);
  assert.notEqual(toHex(r.read(3)), '00'.repeat(32));
});

test('the log leads to the registers; any change of order or contents leads elsewhere', () => {
  const { registers, events } = sample();
  const values = (r: Registers): string[] => Array.from({ length: PCR_COUNT }, (_, i) => toHex(r.read(i)));
  assert.deepEqual(values(replay(events)), values(registers));
  assert.notDeepEqual(values(replay([events[0]!, events[2]!, events[1]!, ...events.slice(3)])), values(registers));
  assert.notDeepEqual(values(replay(events.slice(0, -1))), values(registers));
});

test('the end of boot is marked once in the registers of the platform', () => {
  const log = sample(), { length } = log.events;
  log.close();
  assert.equal(log.events.length, length);
  assert.deepEqual(log.events.filter(e => e.type === EV_SEPARATOR).map(e => e.register), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('the binary form is a crypto-agile log: header, then events that lead to the same registers', () => {
  const log = sample(), bytes = Buffer.from(log.binary, 'latin1');
  assert.equal(bytes.readUInt32LE(4), 3);
  assert.equal(bytes.toString('latin1', 32, 48), 'Spec ID Event03\0');
  let at = 32 + bytes.readUInt32LE(28);
  const events: { register: number; digest: Uint8Array; text: string }[] = [];
  while (at < bytes.length) {
    assert.deepEqual([bytes.readUInt32LE(at + 8), bytes.readUInt16LE(at + 12)], [1, 0x0b]);
    const size = bytes.readUInt32LE(at + 46);
    events.push({ register: bytes.readUInt32LE(at), digest: bytes.subarray(at + 14, at + 46), text: bytes.toString('latin1', at + 50, at + 50 + size) });
    at += 50 + size;
  }
  assert.equal(at, bytes.length);
  assert.deepEqual(events.map(e => e.text), log.events.map(e => e.text));
  assert.equal(toHex(replay(events).read(9)), toHex(log.registers.read(9)));
});

test('the text form has a line for each event and no control characters', () => {
  const lines = sample().ascii.split('\n');
  assert.equal(lines.length, 12);
  assert.match(lines[0]!, /^ 0 sha256:[0-9a-f]{64} 08 \[version\] version 1$/);
  assert.match(lines[2]!, /image \\xe4$/);
  assert.match(lines[3]!, / 04 \[separator\] (\\x00){4}$/);
});
