// What maintainer scripts would have done, as data: users and groups, defaults copied into /etc, alternatives, the shell, certificates, PAM's common files; what single
// packages do besides is in maintainer-scripts.ts.
// Every step looks at what the image has and adds only what is missing; a package's own file always wins.
import { S_IFLNK } from '../host/image-tree.ts';
import type { ImageTree } from '../host/image-tree.ts';
import { addSysusers, baseAccounts } from './accounts.ts';
import { putText } from './debian.ts';
import type { Unpacked } from './debian.ts';
import type { ImageBuilder } from './builder.ts';
import { runScripts, scriptedAccounts } from './maintainer-scripts.ts';
import { configurePam } from './pam.ts';

export function settle(builder: ImageBuilder, packages: readonly Unpacked[]): void {
  const { tree } = builder;
  const readBack: ReadBack = path => builder.read(path);
  const missing = (path: string, text: string | Uint8Array, mode = 0o644, gid = 0) => {
    if (tree.find(path, 'follow') === undefined) putText(builder, path, text, mode, gid);
  };
  const names = packages.map(p => p.name);
  accounts(tree, missing, readBack, scriptedAccounts(names));
  baseFiles(tree, missing, readBack);
  alternatives(builder, packages);
  shell(tree, missing);
  certificates(tree, missing, readBack);
  configurePam(builder);
  runScripts(builder, names);
}

/** Contents of a file already in the pack. */
type ReadBack = (path: string) => Uint8Array | undefined;
type Missing = (path: string, text: string | Uint8Array, mode?: number, gid?: number) => void;

const SHADOW_GID = 42;

/** Accounts of the base system and those that packages declare. */
function accounts(tree: ImageTree, missing: Missing, readBack: ReadBack, scripted: string): void {
  const all = baseAccounts(readBack('/usr/share/base-passwd/passwd.master'), readBack('/usr/share/base-passwd/group.master'));
  const dir = '/usr/lib/sysusers.d';
  for (const name of [...tree.find(dir, 'follow')?.children?.keys() ?? []].sort()) addSysusers(all, Buffer.from(readBack(`${dir}/${name}`) ?? []).toString('utf8'));
  addSysusers(all, scripted);
  missing('/etc/passwd', all.users.map(f => f.join(':') + '\n').join(''));
  missing('/etc/group', all.groups.map(f => f.join(':') + '\n').join(''));
  missing('/etc/shadow', all.users.map(f => `${f[0]}:*:20089:0:99999:7:::\n`).join(''), 0o640, SHADOW_GID);
  missing('/etc/gshadow', all.groups.map(f => `${f[0]}:*::\n`).join(''), 0o640, SHADOW_GID);
}

function baseFiles(tree: ImageTree, missing: Missing, readBack: ReadBack): void {
  for (const [from, to] of [['profile', '/etc/profile'], ['motd', '/etc/motd'], ['dot.profile', '/root/.profile'], ['dot.bashrc', '/root/.bashrc']] as const) {
    const text = readBack(`/usr/share/base-files/${from}`);
    if (text !== undefined) missing(to, text);
  }
  missing('/etc/profile', PROFILE);
  missing('/etc/nsswitch.conf', readBack('/usr/share/libc-bin/nsswitch.conf') ?? NSSWITCH);
  missing('/etc/hostname', 'kspace\n');
  missing('/etc/hosts', '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\tkspace\n');
  missing('/etc/os-release', OS_RELEASE);
  if (tree.find('/etc/mtab') === undefined) tree.put('/etc/mtab', { mode: S_IFLNK | 0o777, target: '../proc/self/mounts' });
  for (const dir of ['/etc/opt', '/var/opt', '/media', '/var/local', '/usr/local/bin', '/usr/local/lib', '/usr/local/sbin', '/usr/local/share']) tree.mkdirp(dir);
}

const PROFILE = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
if [ "\${PS1-}" ]; then
  if [ "$(id -u)" -eq 0 ]; then PS1='\\w # '; else PS1='\\w $ '; fi
fi
`;
const NSSWITCH = 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n';
const OS_RELEASE = 'NAME="kspace"\nPRETTY_NAME="kspace (Debian packages)"\nID=kspace\nID_LIKE=debian\n';

interface Alternative { readonly link: string; readonly name: string; readonly path: string; readonly priority: number; readonly slaves: readonly string[][] }

/**
 * The literal `update-alternatives --install` commands of the packages' postinst scripts (those without shell variables), best priority first
 * come; manual pages are left out where the page is not in the image.
 */
function alternatives(builder: ImageBuilder, packages: readonly Unpacked[]): void {
  const best = new Map<string, Alternative>();
  for (const { scripts } of packages) {
    for (const a of parseAlternatives(Buffer.from(scripts.get('postinst') ?? []).toString('utf8'))) {
      if (a.priority > (best.get(a.name)?.priority ?? -Infinity) && builder.tree.find(a.path, 'follow') !== undefined) best.set(a.name, a);
    }
  }
  const link = (at: string, name: string, path: string) => {
    if (builder.tree.find(path, 'follow') === undefined || builder.tree.find(at) !== undefined) return;
    builder.tree.put(`/etc/alternatives/${name}`, { mode: S_IFLNK | 0o777, target: path });
    builder.tree.put(at, { mode: S_IFLNK | 0o777, target: `/etc/alternatives/${name}` });
  };
  for (const a of best.values()) {
    link(a.link, a.name, a.path);
    for (const [at, name, path] of a.slaves) link(at!, name!, path!);
    putText(builder, `/var/lib/dpkg/alternatives/${a.name}`, alternativeRecord(a));
  }
}

/** Commands of the form update-alternatives(1): --install LINK NAME PATH PRIORITY [--slave LINK NAME PATH]… */
export function parseAlternatives(script: string): Alternative[] {
  return script.replaceAll(/\\\n\s*/g, ' ').split('\n').flatMap(line => {
    const words = line.replace(/#.*$/, '').trim().split(/[\s;]+/);
    const at = words.indexOf('--install');
    if (!words.includes('update-alternatives') || at < 0 || line.includes('$')) return [];
    const [link, name, path, priority] = words.slice(at + 1);
    if (priority === undefined || !/^-?\d+$/.test(priority)) return [];
    const slaves = words.flatMap((w, i) => (w === '--slave' ? [words.slice(i + 1, i + 4)] : []));
    return [{ link: link!, name: name!, path: path!, priority: Number(priority), slaves }];
  });
}

/** The administrative file of dpkg's update-alternatives: mode, link, slaves, a blank line, then each choice with its slaves. */
function alternativeRecord(a: Alternative): string {
  const slaves = a.slaves.flatMap(([link, name]) => [name!, link!]);
  return ['auto', a.link, ...slaves, '', a.path, String(a.priority), ...a.slaves.map(s => s[2]!), '', ''].join('\n');
}

/** /bin/sh must exist: system(3), #! scripts and popen(3) name it. dash is only in an image that asked for it. */
function shell(tree: ImageTree, missing: Missing): void {
  const here = ['dash', 'bash', 'busybox', 'mksh', 'ksh93', 'zsh'].filter(name => tree.find(`/usr/bin/${name}`, 'follow') !== undefined);
  if (tree.find('/usr/bin/sh') === undefined && here.length > 0) tree.put('/usr/bin/sh', { mode: S_IFLNK | 0o777, target: here[0]! });
  const shells = ['sh', ...here.filter(n => n !== 'busybox')].flatMap(n => [`/bin/${n}`, `/usr/bin/${n}`]);
  missing('/etc/shells', shells.join('\n') + '\n');
}

/** update-ca-certificates(8) without the hashed links: the bundle is what OpenSSL, curl, Python and Go read. */
function certificates(tree: ImageTree, missing: Missing, readBack: ReadBack): void {
  const dir = tree.find('/usr/share/ca-certificates/mozilla', 'follow');
  if (dir === undefined) return;
  const names = [...dir.children!.keys()].filter(n => n.endsWith('.crt')).sort();
  missing('/etc/ssl/certs/ca-certificates.crt', Buffer.concat(names.map(n => readBack(`/usr/share/ca-certificates/mozilla/${n}`) ?? Buffer.alloc(0))));
}
