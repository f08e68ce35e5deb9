// Users and groups of an image: base-passwd's master files or Debian's numbers, and what packages declare in sysusers.d(5).

/** passwd(5) and group(5) as rows of fields, password fields 'x'. */
export interface Accounts { readonly users: string[][]; readonly groups: string[][] }

export function baseAccounts(passwdMaster: Uint8Array | undefined, groupMaster: Uint8Array | undefined): Accounts {
  return { users: rows(passwdMaster ?? Buffer.from(PASSWD)), groups: rows(groupMaster ?? Buffer.from(GROUP)) };
}

/** Adds the users and groups of one sysusers.d file. Ids that are not fixed are taken from 999 downwards, as systemd-sysusers(8) does. */
export function addSysusers(accounts: Accounts, file: string): void {
  for (const line of file.split('\n')) {
    const f = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(m => m[1] ?? m[2]!);
    const [type, name, id = '-', gecos = '', home = '/', shell = '/usr/sbin/nologin'] = f;
    if (name === undefined || name.includes('%') || type!.startsWith('#')) continue;
    if (type === 'g') group(accounts, name, id);
    else if (type === 'u' || type === 'u!') user(accounts, name, id, gecos === '-' ? '' : gecos, home === '-' ? '/' : home, shell === '-' ? '/usr/sbin/nologin' : shell);
    else if (type === 'm') member(accounts, name, id);
  }
}

function user(a: Accounts, name: string, id: string, gecos: string, home: string, shell: string): void {
  if (a.users.some(u => u[0] === name)) return;
  const [uidText, gidText] = id.split(':') as [string, string | undefined];
  const uid = /^\d+$/.test(uidText) ? uidText : free(a);
  const gid = gidText !== undefined ? (/^\d+$/.test(gidText) ? gidText : a.groups.find(g => g[0] === gidText)?.[2] ?? uid) : group(a, name, uid);
  a.users.push([name, 'x', uid, gid, gecos, home, shell]);
}

/** The group's id; made when it is not there. */
function group(a: Accounts, name: string, id: string): string {
  const there = a.groups.find(g => g[0] === name);
  if (there !== undefined) return there[2]!;
  const gid = /^\d+$/.test(id) && !a.groups.some(g => g[2] === id) ? id : free(a);
  a.groups.push([name, 'x', gid, '']);
  return gid;
}

function member(a: Accounts, name: string, groupName: string): void {
  group(a, groupName, '-');
  const g = a.groups.find(x => x[0] === groupName)!;
  const members = (g[3] ?? '').split(',').filter(m => m !== '');
  if (!members.includes(name)) g[3] = [...members, name].join(',');
}

function free(a: Accounts): string {
  let id = 999;
  while ([...a.users, ...a.groups].some(r => r[2] === String(id))) id--;
  return String(id);
}

function rows(file: Uint8Array): string[][] {
  return Buffer.from(file).toString('utf8').split('\n').filter(l => l !== '').map(l => {
    const f = l.split(':');
    f[1] = 'x';
    return f;
  });
}

const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;
const GROUP = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mail:x:8:
man:x:12:
kmem:x:15:
dialout:x:20:
cdrom:x:24:
tape:x:26:
sudo:x:27:
audio:x:29:
www-data:x:33:
shadow:x:42:
utmp:x:43:
video:x:44:
staff:x:50:
users:x:100:
nogroup:x:65534:
`;
