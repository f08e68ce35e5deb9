// What the maintainer scripts of single packages do that their files do not say, as a table: modes that are set after unpacking, files and directories that are made,
// accounts that adduser(8) makes. Each row was read off the package's postinst of Debian trixie; a package that is missing here gets what settle.ts does for all.
import { S_IFDIR, S_IFMT } from '../host/image-tree.ts';
import type { ImageBuilder } from './builder.ts';
import { putText } from './debian.ts';

interface Row {
  /** Lines of sysusers.d(5). */
  readonly accounts?: string;
  /** Files that are there empty, as touch(1) makes them, and with which mode. */
  readonly empty?: Readonly<Record<string, number>>;
  /** Mode, owner and group of what is there; directories that end with a slash are made. */
  readonly modes?: Readonly<Record<string, readonly [mode: number, owner?: string, group?: string]>>;
}

const ROWS: Readonly<Record<string, Row>> = {
  'base-passwd': { empty: { '/etc/subuid': 0o644, '/etc/subgid': 0o644 } },
  fuse3: { modes: { '/usr/bin/fusermount3': [0o4755] } },
  'libpam-modules': { empty: { '/etc/security/opasswd': 0o600, '/etc/environment': 0o644 } },
  'redis-server': { modes: { '/etc/redis/redis.conf': [0o640, 'redis', 'redis'] } },
  'redis-tools': {
    accounts: 'u redis - - /var/lib/redis\n',
    modes: { '/var/log/redis/': [0o2750, 'redis', 'adm'], '/var/lib/redis/': [0o750, 'redis', 'redis'], '/etc/redis/': [0o2770, 'redis', 'redis'] },
  },
  sudo: { modes: { '/etc/sudoers': [0o440] } },
  tcpdump: { accounts: 'u tcpdump - - /nonexistent\n' },
};

/** Lines of sysusers.d(5) that stand for the accounts which these packages' scripts make. */
export const scriptedAccounts = (packages: readonly string[]): string => packages.map(p => ROWS[p]?.accounts ?? '').join('');

/** Files, directories and modes. Accounts must be in /etc already. */
export function runScripts(builder: ImageBuilder, packages: readonly string[]): void {
  const { tree } = builder;
  const ids = { passwd: idsOf(builder, '/etc/passwd'), group: idsOf(builder, '/etc/group') };
  for (const row of packages.flatMap(p => ROWS[p] ?? [])) {
    for (const [path, mode] of Object.entries(row.empty ?? {})) if (tree.find(path, 'follow') === undefined) putText(builder, path, '', mode);
    for (const [path, [mode, owner = 'root', group = 'root']] of Object.entries(row.modes ?? {})) {
      const there = tree.find(path.replace(/\/$/, ''), 'follow');
      const node = there ?? (path.endsWith('/') ? tree.put(path.slice(0, -1), { mode: S_IFDIR }) : undefined);
      if (node === undefined) continue;
      node.mode = (node.mode & S_IFMT) | mode;
      node.uid = ids.passwd.get(owner) ?? 0;
      node.gid = ids.group.get(group) ?? 0;
    }
  }
}

/** Third fields by first, of passwd(5) or group(5). */
function idsOf(builder: ImageBuilder, path: string): ReadonlyMap<string, number> {
  const lines = Buffer.from(builder.read(path) ?? []).toString('utf8').split('\n');
  return new Map(lines.map(l => l.split(':')).map(f => [f[0]!, Number(f[2])]));
}
