// Suite devices: what a request costs with the core of its driver inside the kernel (kspace) and beside it, in a worker of its own (isolated), next to a loop device of this host.
// Every row makes the same number of requests; shown is the CPU time of one, all threads counted, less what starting costs.
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { out, program } from './bench-build.mjs';

export const startup = 'start';
/** The first is the reference. */
export const contenders = ['kspace', 'isolated', 'native'];
const COUNT = 4096, SIZE = 64 << 20;
const DIR = `${out}devices/`, DISK = `${DIR}disk`, SHARED = `${DIR}shared`;

/** Rows: what is done, and the arguments of bench/src/devices.c; `on`: whose device. */
const KINDS = [
  ...[4096, 65536].flatMap(size => ['read', 'write'].flatMap(op => ['seq', 'rand'].map(order => ({
    name: `${op}, ${size / 1024} KiB, ${order === 'seq' ? 'in order' : 'anywhere'}, O_DIRECT`, args: [op, order, 'direct', String(size)], on: 'disk',
  })))),
  { name: 'read, 64 KiB, in order, through the cache', args: ['read', 'seq', 'cached', '65536'], on: 'disk' },
  { name: 'read, 4 KiB, anywhere, through the cache', args: ['read', 'rand', 'cached', '4096'], on: 'disk' },
  { name: 'write, 64 KiB, in order, through the cache, fsync', args: ['write', 'seq', 'cached', '65536'], on: 'disk' },
  { name: 'stream out, 64 bytes', args: ['stream', '64'], on: 'stream' },
  { name: 'stream out, 4 KiB', args: ['stream', '4096'], on: 'stream' },
  { name: 'file of the host, read, 64 KiB, in order', args: ['read', 'seq', 'cached', '65536'], on: 'host' },
];

/** The loop device of the native rows; where there is none, the file itself. */
let loop = DISK;

export function prepare() {
  mkdirSync(SHARED, { recursive: true });
  const fd = openSync(DISK, 'w');
  ftruncateSync(fd, SIZE);
  closeSync(fd);
  const filled = Buffer.alloc(SIZE, 'z');
  writeFileSync(DISK, filled);
  writeFileSync(`${SHARED}/file`, filled);
  const r = spawnSync('losetup', ['-f', '--show', DISK], { encoding: 'utf8' });
  if (r.status !== 0) return;
  loop = r.stdout.trim();
  process.on('exit', () => spawnSync('losetup', ['-d', loop]));
}

export function rows({ commands, only }) {
  const start = { name: startup, unit: 'us', value: micros, command: contender => command(commands, contender, ['start'], 'disk') };
  return [start, ...KINDS.filter(k => only === undefined || k.name.includes(only)).map(({ name, args, on }) => ({
    name, unit: 'us', value: micros, command: contender => command(commands, contender, [...args, String(COUNT)], on),
  }))];
}

const micros = run => run.cpu * 1000 / COUNT;

function command(commands, contender, args, on) {
  const file = program('devices', contender === 'native' ? 'native' : 'riscv64');
  if (file.skip) return file;
  if (contender === 'native') {
    if (on === 'stream') return { skip: 'a pipe of the host is no device' };
    return { argv: [file, ...args, on === 'host' ? `${SHARED}/file` : loop] };
  }
  const options = ['--disk', DISK, '-v', `${SHARED}:/shared`, '--drivers', contender === 'isolated' ? 'hybrid' : 'monolithic'];
  return { argv: commands.kspace('exec', ...options, file, ...args, ...on === 'stream' ? [] : [on === 'host' ? '/shared/file' : '/dev/vda']), env: { KSPACE_JIT: '0' }, seconds: 120 };
}
