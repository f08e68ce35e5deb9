// The hardened realm, tried by code that runs in it: a policy module that attempts to change what the kernel relies on. Each attempt that fails here
// succeeds with --hardening none. And the sources: code is made at run time by the machine only.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noImage, ROOT, run } from '../cli/images.ts';

const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 120_000 };

/** A policy whose module makes its attempts when it is loaded, and writes down which of them did something. */
const ATTACKS = `
import { writeFileSync } from 'node:fs';
const report = [];
const attempt = (name, change, didIt) => { try { change(); } catch { /* refused */ } let done; try { done = didIt(); } catch { done = false; } report.push(name + ': ' + (done ? 'done' : 'refused')); };
const TypedArray = Object.getPrototypeOf(Uint8Array);
attempt('replace push', () => { const old = Array.prototype.push; Array.prototype.push = function (...a) { return old.apply(this, a); }; Array.prototype.push.mine = 1; }, () => Array.prototype.push.mine === 1);
attempt('pollute Object.prototype', () => { Object.prototype.polluted = 1; }, () => ({}).polluted === 1);
attempt('pollute by __proto__', () => { ({}).__proto__.viaProto = 1; }, () => ({}).viaProto === 1);
attempt('define on Object.prototype', () => { Object.defineProperty(Object.prototype, 'mode', { value: 7 }); }, () => ({}).mode === 7);
attempt('replace Object.prototype.toString', () => { Object.prototype.toString = () => 'mine'; }, () => String({}) === 'mine');
attempt('replace Map.get', () => { const old = Map.prototype.get; Map.prototype.get = function (k) { return old.call(this, k); }; Map.prototype.get.mine = 1; }, () => Map.prototype.get.mine === 1);
attempt('replace subarray', () => { const old = TypedArray.prototype.subarray; TypedArray.prototype.subarray = function (...a) { return old.apply(this, a); }; TypedArray.prototype.subarray.mine = 1; }, () => TypedArray.prototype.subarray.mine === 1);
attempt('pollute typed arrays', () => { Uint8Array.prototype.extra = 1; }, () => new Uint8Array(1).extra === 1);
attempt('replace array iteration', () => { const p = Object.getPrototypeOf([][Symbol.iterator]()); const old = p.next; p.next = function () { return old.call(this); }; p.next.mine = 1; }, () => Object.getPrototypeOf([][Symbol.iterator]()).next.mine === 1);
attempt('replace Math.floor', () => { const old = Math.floor; Math.floor = x => old(x); Math.floor.mine = 1; }, () => Math.floor.mine === 1);
attempt('replace JSON.parse', () => { const old = JSON.parse; JSON.parse = x => old(x); JSON.parse.mine = 1; }, () => JSON.parse.mine === 1);
attempt('replace the name Map', () => { const old = globalThis.Map; globalThis.Map = class extends old {}; globalThis.Map.mine = 1; }, () => Map.mine === 1);
attempt('replace the name Uint8Array', () => { const old = globalThis.Uint8Array; globalThis.Uint8Array = class extends old {}; globalThis.Uint8Array.mine = 1; }, () => Uint8Array.mine === 1);
attempt('replace WebAssembly.Module', () => { const old = WebAssembly.Module; WebAssembly.Module = class extends old {}; WebAssembly.Module.mine = 1; }, () => WebAssembly.Module.mine === 1);
attempt('a species for arrays', () => { Array.prototype.constructor = { [Symbol.species]: class extends Array {} }; }, () => Array.prototype.constructor !== Array);
attempt('replace Promise.then', () => { const old = Promise.prototype.then; Promise.prototype.then = function (...a) { return old.apply(this, a); }; Promise.prototype.then.mine = 1; }, () => Promise.prototype.then.mine === 1);
attempt('Error.prototype.name', () => { Error.prototype.name = 'Mine'; }, () => new Error().name === 'Mine');
let made = 0;
globalThis.made = () => { made = 1; };
const makes = f => () => { made = 0; f(); };
attempt('eval', makes(() => { (0, eval)('made()'); }), () => made === 1);
attempt('Function', makes(() => { new Function('made()')(); }), () => made === 1);
attempt('Function by a function', makes(() => { (() => {}).constructor('made()')(); }), () => made === 1);
attempt('AsyncFunction', makes(() => { (async () => {}).constructor('made()')(); }), () => made === 1);
attempt('GeneratorFunction', makes(() => { (function* () {}).constructor('made()')().next(); }), () => made === 1);
attempt('AsyncGeneratorFunction', makes(() => { (async function* () {}).constructor('made()')().next(); }), () => made === 1);
// What programs do all the time goes on working.
class Mine extends Error { constructor(m) { super(m); this.name = 'Mine'; this.message = m + '!'; } }
const o = {}; o.toString = () => 'o'; o.constructor = 1; o.hasOwnProperty = () => false;
function Old() {} Old.prototype = Object.create(Error.prototype); Old.prototype.constructor = Old;
const own = Object.keys(o).join() === 'toString,constructor,hasOwnProperty' && String(o) === 'o';
report.push('harmless: ' + (new Mine('x').name === 'Mine' && new Mine('x').message === 'x!' && own && new Old() instanceof Error && (() => 0) instanceof Function && [...'ab'].length === 2));
writeFileSync(process.env.REPORT, report.join('\\n') + '\\n');
export default { calls: ['mkdirat'], decide: () => 'allow' };
`;

function attack(t: { after(f: () => void): void }, ...options: string[]): { lines: string[]; r: ReturnType<typeof run> } {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-realm-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'policy.mjs'), ATTACKS);
  const r = run(['run', '--policy', join(dir, 'policy.mjs'), ...options, '--', 'sh', '-c', 'mkdir /tmp/x && echo now >/sys/kernel/security/self_audit && cat /sys/kernel/security/self_audit'], { env: { REPORT: join(dir, 'report') } });
  return { lines: readFileSync(join(dir, 'report'), 'utf8').trim().split('\n'), r };
}

test('nothing of the language can be changed and no text becomes code; what programs do goes on working; the audit agrees', opts, t => {
  const { lines, r } = attack(t);
  assert.equal(lines.length, 24);
  assert.deepEqual(lines.filter(l => !l.endsWith(': refused')), ['harmless: true']);
  assert.deepEqual([r.status, r.err], [0, '']);
  assert.match(r.out, /^runs 1\n[^]*checks .* realm$/m);
});

test('--hardening none leaves the realm alone, and every attempt succeeds', opts, t => {
  const { lines, r } = attack(t, '--hardening', 'none');
  assert.deepEqual(lines.filter(l => !l.endsWith(': done')), ['harmless: true']);
  assert.doesNotMatch(r.out, / realm$/m);
  assert.equal(run(['run', '--hardening', 'some', '--', 'true']).status, 2);
});

test('the library leaves the realm of a program alone unless it is told otherwise; a worker has one of its own', opts, () => {
  const r = spawnSync(process.execPath, [join(ROOT, 'examples/own-worker.mjs')], { encoding: 'utf8', cwd: ROOT });
  assert.deepEqual([r.status, r.stdout], [0, 'worker: hardened true, hello from the guest\nthis program: hardened false\n'], r.stderr);
});

test('the sources make code at run time in the machine only', () => {
  const r = spawnSync(process.execPath, [join(ROOT, 'tools/layers.mjs')], { encoding: 'utf8' });
  assert.deepEqual([r.status, r.stderr], [0, '']);
});
