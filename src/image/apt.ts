// Resolving and downloading Debian packages with the host's apt-get in a private directory: nothing of the host's package state is read or
// changed, no root is needed, signatures and hashes are checked by apt. Only the mirror, the proxies and the key rings are the host's.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { debianMirror, readAptSources } from './apt-sources.ts';
import type { AptSource } from './apt-sources.ts';
import type { Progress } from './progress.ts';
import { ImageError } from './store.ts';

/** One package file, in dependency order: what it needs comes before it, cycles apart. */
export interface Download { readonly name: string; readonly version: string; readonly arch: string; readonly path: string }

export interface AptRequest {
  readonly packages: readonly string[];
  readonly suite: string;
  /** Overrides the mirror of the host's sources. */
  readonly mirror?: string | undefined;
  /** Directory for lists and archives; shared by all builds, which take turns (lock.ts). */
  readonly dir: string;
  readonly progress: Progress;
}

const ARCH = 'riscv64';
/** Package lists younger than this are not asked for again. */
const FRESH_MS = 10 * 60_000;

/** Essential packages are nobody's dependency, for every Debian system has them. Those that libraries read their data from come along with the library. */
const COMPANIONS = [['libc6', 'libc-bin'], ['libtinfo6', 'ncurses-base']] as const;

/** Resolves `packages` with Depends and Pre-Depends (no Recommends) and downloads them all. */
export async function aptDownload(request: AptRequest): Promise<Download[]> {
  requireApt();
  const apt = await open(request);
  request.progress.step('resolving', request.packages.join(' '));
  let packages = request.packages;
  let list = await plan(apt, request, packages);
  const has = (name: string): boolean => list.some(d => d.name === name);
  const companions = COMPANIONS.filter(([of, data]) => has(of) && !has(data)).map(([, data]) => data);
  if (companions.length > 0) {
    packages = [...packages, ...companions];
    list = await plan(apt, request, packages);
  }
  const missing = list.filter(d => !existsSync(d.path)).length;
  if (missing > 0) request.progress.step(`downloading ${missing} of ${list.length} packages`);
  const got = await apt.run(['install', '-d', '--no-install-recommends', '--', ...packages],
    percent => request.progress.step(`downloading ${missing} of ${list.length} packages`, percent));
  if (got.status !== 0) throw new ImageError(explain(got.err, request));
  for (const d of list) if (!existsSync(d.path)) throw new ImageError(`apt did not download ${d.name} ${d.version}`);
  return list;
}

/** What apt would install. */
async function plan(apt: Apt, request: AptRequest, packages: readonly string[]): Promise<Download[]> {
  const planned = await apt.run(['install', '-s', '--no-install-recommends', '--', ...packages]);
  if (planned.status !== 0) throw new ImageError(explain(planned.err, request));
  return parsePlan(planned.out, join(request.dir, 'archives'));
}

/** True when this host has apt-get at all. */
export function haveApt(): boolean {
  return spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
}

function requireApt(): void {
  if (!haveApt()) throw new ImageError('building images needs apt-get, which this host does not have (kspace image import takes a directory or a tar)');
}

interface Apt {
  run(args: readonly string[], percent?: (text: string) => void): Promise<{ status: number; out: string; err: string }>;
}

/** Lays out the private directory and its configuration. */
function prepare({ dir, suite, mirror }: AptRequest): Apt {
  const state = stateDir(dir, suite, mirror);
  for (const d of [join(state, 'lists', 'partial'), join(dir, 'archives', 'partial'), join(state, 'etc')]) mkdirSync(d, { recursive: true });
  writeFileSync(join(state, 'status'), '');
  writeFileSync(join(state, 'sources.list'), sourcesList(suite, mirror));
  writeFileSync(join(state, 'apt.conf'), configuration(dir, state));
  const env = { ...process.env, APT_CONFIG: join(state, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return {
    run: (args, percent) => new Promise((resolve, reject) => {
      const child = spawn('apt-get', ['-q=2', '-y', '-o', 'APT::Status-Fd=3', ...args], { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
      let out = '', err = '';
      child.stdout!.setEncoding('utf8').on('data', s => { out += s; });
      child.stderr!.setEncoding('utf8').on('data', s => { err += s; });
      (child.stdio[3] as Readable).setEncoding('utf8').on('data', (s: string) => {
        const last = /dlstatus:[^:]*:([\d.]+):/.exec(s.trimEnd().split('\n').at(-1)!);
        if (last !== null) percent?.(`${Math.round(Number(last[1]))}%`);
      });
      child.on('error', reject);
      child.on('close', (status, signal) => {
        if (signal !== null) reject(new ImageError(`apt-get was ended by ${signal}`));
        else resolve({ status: status ?? 1, out, err });
      });
    }),
  };
}

const stateDir = (dir: string, suite: string, mirror: string | undefined) =>
  join(dir, 'apt', mirror === undefined ? suite : `${suite}-${mirror.replaceAll(/[^A-Za-z0-9.]+/g, '_')}`);

function sourcesList(suite: string, mirror: string | undefined): string {
  const sources = readAptSources();
  const host = debianMirror(sources);
  const uri = mirror ?? host?.uri;
  if (uri === undefined) {
    throw new ImageError('no mirror of Debian is named in the apt sources of this host: name one with --mirror URL');
  }
  const options = [`arch=${ARCH}`, ...trust(mirror === undefined ? host : undefined)];
  return `deb [${options.join(' ')}] ${uri} ${suite} main\n`;
}

/** Debian's archive key ring where the host has it, else whatever the host's source is signed by. */
function trust(host: AptSource | undefined): string[] {
  if (host?.trusted) return ['trusted=yes'];
  const rings = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp', host?.signedBy];
  const ring = rings.find(r => r !== undefined && existsSync(r));
  return ring === undefined ? [] : [`signed-by=${ring}`];
}

function configuration(dir: string, state: string): string {
  const own = [
    ['APT::Architecture', ARCH], ['APT::Architectures', ARCH], ['APT::Install-Recommends', 'false'], ['APT::Install-Suggests', 'false'],
    ['Dir::State', state], ['Dir::State::status', join(state, 'status')], ['Dir::Cache', state], ['Dir::Cache::archives', join(dir, 'archives')],
    ['Dir::Etc::sourcelist', join(state, 'sources.list')], ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::Etc::preferences', '/dev/null'], ['Dir::Etc::preferencesparts', '/dev/null'],
    ['Dir::Etc::main', '/dev/null'], ['Dir::Etc::parts', join(state, 'etc')],
    ['Dir::Log', state], ['Acquire::Languages', 'none'], ['APT::Update::Error-Mode', 'any'], ['Acquire::Retries', '2'],
    ['APT::Get::Always-Include-Phased-Updates', 'true'],
  ].map(([k, v]) => `${k} "${v}";`);
  // As root apt would hand downloads to the user _apt, who may not be able to enter this directory.
  if (process.getuid?.() === 0) own.push('APT::Sandbox::User "root";');
  return [...hostNetwork(), ...own].join('\n') + '\n';
}

/** Proxies and transport settings of the host; its hooks and everything else stay behind. */
function hostNetwork(): string[] {
  const dump = spawnSync('apt-config', ['dump'], { encoding: 'utf8' }).stdout ?? '';
  return dump.split('\n').filter(l => /^Acquire::(https?|ftp|socks|tor)[:.]/i.test(l) && !l.endsWith(' "";'));
}

/** apt with the package lists of the suite; while the mirror is being renewed, with those of the same release by its other name. */
async function open(request: AptRequest): Promise<Apt> {
  const { dir, suite, mirror, progress } = request;
  const apt = prepare(request);
  const failure = await update(apt, request);
  if (failure === undefined) return apt;
  // The directory of the codename and that of the suite hold the same release, but a mirror that copies them brings them up to date one after
  // the other. Whichever is whole will do: apt has checked its signature, and it must say that it is the release that was asked for.
  const other = isMidSync(failure) ? releaseNames(release(join(stateDir(dir, suite, mirror), 'lists', 'partial'))).find(n => n !== suite) : undefined;
  if (other !== undefined) {
    const asOther = { ...request, suite: other };
    const again = prepare(asOther);
    if (await update(again, asOther) === undefined && releaseNames(release(join(stateDir(dir, other, mirror), 'lists'))).includes(suite)) {
      progress.say(`the mirror is in the middle of renewing ${suite}: taking the same release by its name ${other}`);
      return again;
    }
  }
  throw new ImageError(explain(failure, { packages: [], suite }));
}

/** Fetches the package lists, unless they are fresh. Returns what apt said if there are none afterwards. */
async function update(apt: Apt, { dir, suite, mirror, progress }: AptRequest): Promise<string | undefined> {
  const stamp = join(stateDir(dir, suite, mirror), 'updated');
  const last = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
  if (last !== undefined && Date.now() - last < FRESH_MS) return undefined;
  progress.step(`fetching the package lists of ${suite}`);
  const { status, err } = await apt.run(['update'], percent => progress.step(`fetching the package lists of ${suite}`, percent));
  if (status === 0) {
    writeFileSync(stamp, '');
    return undefined;
  }
  if (last === undefined) return err;
  progress.say(`the package lists could not be refreshed, going on with those of ${new Date(last).toISOString().slice(0, 10)}`);
  return undefined;
}

/** True when the lists that apt was given are not those that the signed Release file names. */
function isMidSync(err: string): boolean {
  return /File has unexpected size|Hash Sum mismatch/.test(err);
}

/** The signed Release file in a directory of lists, empty where there is none. */
function release(lists: string): string {
  const name = readdirSync(lists).find(f => f.endsWith('_InRelease'));
  return name === undefined ? '' : readFileSync(join(lists, name), 'utf8');
}

/** What a Release file says its release is called in the archive: its suite (stable) and its codename (trixie). */
export function releaseNames(text: string): string[] {
  return [...text.matchAll(/^(?:Suite|Codename): ([a-z][a-z0-9.-]*)$/gm)].map(m => m[1]!);
}

/** "Inst name (version Origin [arch]) …" lines of a simulation, which come in the order of installation. */
export function parsePlan(out: string, archives: string): Download[] {
  return [...out.matchAll(/^Inst (\S+?)(?::\S+)? \((\S+) .*\[(\w+)\]\)/gm)].map(([, name, version, arch]) => ({
    name: name!, version: version!, arch: arch!, path: join(archives, `${name}_${version!.replaceAll(':', '%3a')}_${arch}.deb`),
  }));
}

/** One sentence out of apt's messages. */
export function explain(err: string, { packages, suite }: Pick<AptRequest, 'packages' | 'suite'>): string {
  const unknown = /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate/.exec(err);
  if (unknown !== null) return `Debian ${suite} has no package ${unknown[1] ?? unknown[2]} for ${ARCH}`;
  if (/Temporary failure resolving|Could not (connect|resolve)|Connection (timed out|refused|failed)|Network is unreachable|Unable to connect/i.test(err)) {
    return 'the Debian mirror cannot be reached: no network, or the wrong --mirror';
  }
  if (/does not have a Release file|404\s+Not Found/.test(err)) return `the mirror has no suite ${suite} for ${ARCH}`;
  if (/NO_PUBKEY|not signed|GPG error/.test(err)) return `the signature of Debian ${suite} cannot be checked: install the package debian-archive-keyring`;
  if (isMidSync(err)) return `the mirror is in the middle of renewing Debian ${suite}: try again later, or name another with --mirror`;
  if (/No space left/.test(err)) return 'no space left for the downloads';
  const first = err.split('\n').map(l => l.replace(/^[EW]: /, '').trim()).find(l => l !== '') ?? 'no reason given';
  return `apt-get failed${packages.length > 0 ? ` for ${packages.join(', ')}` : ''}: ${first}`;
}
