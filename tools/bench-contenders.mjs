// Who runs a program, and how: native, qemu-riscv64 (user mode), Node's WASI, kspace interpreting, translating, translating a program that it has run before, and that in a machine
// that stays up.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { out, root } from './bench-build.mjs';

/** Whom --against may name. */
export const PEERS = ['native', 'qemu', 'wasm'];

/** The contenders of a run, the reference first: those of --against that are here, then kspace. */
export function contenders(against) {
  const wanted = against ?? PEERS;
  const hasQemu = !spawnSync('qemu-riscv64', ['--version'], { stdio: 'ignore' }).error;
  const hasTranslator = existsSync(`${root}src/machine/jit/translator.ts`) && readdirSync(`${root}src/machine/jit`).length > 0;
  return [...PEERS.filter(p => wanted.includes(p) && (p !== 'qemu' || hasQemu)), 'kspace', ...(hasTranslator ? ['kspace-first', 'kspace-jit', 'kspace-up'] : [])];
}

/** What runs of this benchmark leave for later ones. */
export const translations = `${out}translations-${process.pid}`;

/** The environment that chooses kspace's tier. kspace-jit and kspace-up have what earlier runs have translated, as users do; kspace-first does not. */
export const tier = contender => ({ KSPACE_JIT: contender === 'kspace' ? '0' : '1', KSPACE_TRANSLATIONS: contender === 'kspace-first' ? 'off' : translations });

/** How contenders run programs: { node, exec(contender, file, args, env) → command, child(contender, file) → argv from inside, kspace(args) → argv }. */
export function commands({ node, start }) {
  const kspace = (...args) => [node, start, ...args];
  return {
    node,
    kspace,
    exec(contender, file, args = [], env = {}) {
      switch (contender) {
        case 'native': return { argv: [file, ...args], env };
        case 'qemu': return { argv: ['qemu-riscv64', file, ...args], env };
        case 'wasm': return { argv: [node, '--no-warnings', `${root}bench/src/tools/wasi.mjs`, file, ...args], env };
        default: return { argv: kspace('exec', ...Object.keys(env).flatMap(k => ['-e', k]), file, ...args), env: { ...env, ...tier(contender) }, cwd: dirname(file) };
      }
    },
    child: (contender, file) => (contender === 'qemu' ? [which('qemu-riscv64'), file] : [file]),
  };
}

export const which = name => (process.env.PATH ?? '').split(':').map(d => `${d}/${name}`).find(f => existsSync(f)) ?? name;
