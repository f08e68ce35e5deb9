// Records what each guest test prints on a real Linux: test/guest/expected/NAME.{out,status}. Oracles: the test built for this x86-64 host,
// run by the host's own kernel (default); the riscv64 ELF under qemu-riscv64 (`// oracle: qemu`, riscv64-only behaviour); a hand-written
// expectation (`// oracle: man`, never touched). `--qemu` reports where qemu-user disagrees with Linux. Needs root (name spaces, tmpfs).
//   node tools/guest-record.mjs [--show] [--twice] [--qemu] [PATTERN…]     --show prints instead of writing
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUEST, headerOf, testNames } from './guest-build.mjs';

const args = process.argv.slice(2);
const flag = name => args.includes(name);
const names = testNames(args.filter(a => !a.startsWith('--')));
const native = mkdtempSync('/var/tmp/guest-native-');
const build = spawnSync('node', [new URL('guest-build.mjs', import.meta.url).pathname, '--native', native, ...names], { stdio: 'inherit' });
if (build.status !== 0) process.exit(1);

/** Name spaces of its own, no core files; the rest of the world is made by test/guest/world.c. */
const WORLD = `ulimit -c 0; "$WORLD" $EMULATOR "$ELF" 2>&1; exit $?`;
function runIn(elf, emulator) {
  const r = spawnSync('unshare', ['-m', '-p', '-i', '-u', '-n', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', WORLD],
    { env: { PATH: process.env.PATH, ELF: elf, EMULATOR: emulator, WORLD: join(native, 'world') }, timeout: 10_000, killSignal: 'SIGKILL', encoding: 'latin1', maxBuffer: 1 << 24 });
  return { out: r.stdout ?? '', status: r.status ?? `timeout or ${r.signal}` };
}

let bad = 0;
const differs = [];
for (const name of names) {
  const { oracle = 'linux' } = headerOf(name);
  const path = join(GUEST, 'expected', name);
  const emulated = () => runIn(join(GUEST, 'bin', name), '/usr/bin/qemu-riscv64');
  const first = oracle === 'linux' ? runIn(join(native, name), '') : oracle === 'qemu' ? emulated()
    : { out: readFileSync(`${path}.out`, 'latin1'), status: Number(readFileSync(`${path}.status`, 'utf8')) };
  if (flag('--show')) console.log(`== ${name} (${oracle}, ${first.status})\n${first.out}`);
  if (flag('--twice') && oracle !== 'man') {
    const again = oracle === 'linux' ? runIn(join(native, name), '') : emulated();
    if (again.out !== first.out || again.status !== first.status) { bad++; console.error(`${name}: not deterministic`); diff(first, again); }
  }
  if (typeof first.status === 'string' || first.status === 99) { bad++; console.error(`${name}: ${first.status}\n${first.out}`); continue; }
  if (flag('--qemu') && oracle !== 'qemu') {
    const second = emulated();
    if (second.out !== first.out || second.status !== first.status) { differs.push(name); console.log(`${name}: Linux / qemu-user`); diff(first, second); }
  }
  if (!flag('--show') && oracle !== 'man') {
    writeFileSync(`${path}.out`, first.out, 'latin1');
    writeFileSync(`${path}.status`, `${first.status}\n`);
  }
}
rmSync(native, { recursive: true });
console.log(`${names.length} tests${flag('--qemu') ? `, qemu-user differs in ${differs.length}` : ''}, ${bad} to look at`);
process.exit(bad === 0 ? 0 : 1);

function diff(a, b) {
  if (a.status !== b.status) console.error(`  status ${a.status} / ${b.status}`);
  const x = a.out.split('\n'), y = b.out.split('\n');
  let shown = 0;
  for (let i = 0; i < Math.max(x.length, y.length) && shown < 12; i++) if (x[i] !== y[i]) { shown++; console.error(`  - ${x[i]}\n  + ${y[i]}`); }
}
