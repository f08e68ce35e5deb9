// Mount options of `fuse` and `fuseblk` (fuse.rst, "Mount options"): most are the server's own words about who mounts, checked before by fusermount3(1).
import { EINVAL, type Fallible } from '../../abi/errno.ts';
import { S_IFMT } from '../../abi/stat.ts';

export interface DaemonOptions {
  fd: number; rootMode: number; userId: number; groupId: number;
  defaultPermissions: boolean; allowOther: boolean;
  maxRead: number; blockSize: number;
}

const NUMBERS = { fd: 10, rootmode: 8, user_id: 10, group_id: 10, max_read: 10, blksize: 10 } as const;
const DIGITS = { 8: /^[0-7]+$/, 10: /^[0-9]+$/ } as const;
const MAX_READ = 131_072;

/** EINVAL for what is unknown, malformed or missing. */
export function parseOptions(data: string, type: 'fuse' | 'fuseblk'): Fallible<DaemonOptions> {
  const found = new Map<string, number>();
  let defaultPermissions = false, allowOther = false;
  for (const word of data.split(',')) {
    const [name, value] = split(word);
    if (word === '') continue;
    if (word === 'default_permissions') defaultPermissions = true;
    else if (word === 'allow_other') allowOther = true;
    else if (name in NUMBERS) {
      const base = NUMBERS[name as keyof typeof NUMBERS];
      if (!DIGITS[base].test(value)) return EINVAL;
      found.set(name, parseInt(value, base));
    } else if (name !== 'subtype') {
      return EINVAL;
    }
  }
  const get = (name: keyof typeof NUMBERS, otherwise: number): number => found.get(name) ?? otherwise;
  const needed = ['fd', 'rootmode', 'user_id', 'group_id'].every(n => found.has(n));
  const blockSize = get('blksize', 512);
  if (!needed || (get('rootmode', 0) & S_IFMT) === 0 || (found.has('blksize') && (type !== 'fuseblk' || blockSize < 512 || blockSize > 4096))) return EINVAL;
  return {
    fd: get('fd', -1), rootMode: get('rootmode', 0), userId: get('user_id', 0), groupId: get('group_id', 0), defaultPermissions, allowOther,
    maxRead: Math.max(4096, Math.min(MAX_READ, get('max_read', MAX_READ))), blockSize,
  };
}

/** As /proc/mounts has them; umount(8) and fusermount3(1) look for user_id there. */
export function showOptions(o: DaemonOptions, type: string): string {
  return `,user_id=${o.userId},group_id=${o.groupId}${o.defaultPermissions ? ',default_permissions' : ''}${o.allowOther ? ',allow_other' : ''}`
    + `${o.maxRead === MAX_READ ? '' : `,max_read=${o.maxRead}`}${type.startsWith('fuseblk') && o.blockSize !== 512 ? `,blksize=${o.blockSize}` : ''}`;
}

function split(word: string): [name: string, value: string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}
