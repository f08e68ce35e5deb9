// /proc/keys and /proc/key-users (keyrings(7)): the keys that the reader may view, and what each user has of his quota.
import { KEY_VIEW } from '../../abi/keyctl.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { allows } from '../../kernel/security/keyrings.ts';
import type { Key } from '../../kernel/security/keys.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Entries } from '../pseudo/entry.ts';

export const KEY_FILES: Entries<Kernel> = {
  'keys': { mode: 0o444, show: showKeys },
  'key-users': { mode: 0o444, show: (_t, k) => showUsers(k) },
};

function showKeys(t: Task, k: Kernel): string {
  const now = k.now();
  return k.security.keys.list().filter(key => allows(t, key, KEY_VIEW)).map(key => line(key, now)).join('');
}

/** Serial, state (instantiated, revoked, counted in the quota), usage, timeout, permissions, ids, type, description. Here every key counts in a quota. */
function line(key: Key, nowNs: number): string {
  const state = `I${key.revoked ? 'R' : '-'}-Q---`;
  const size = key.type !== 'keyring' ? String(key.payload.length) : key.links.length === 0 ? 'empty' : String(key.links.length);
  return `${hex(key.serial)} ${state} ${String(key.users).padStart(5)} ${timeout(key.expiresNs, nowNs).padStart(4)} ${hex(key.perm)} `
    + `${String(key.uid).padStart(5)} ${String(key.gid | 0).padStart(5)} ${key.type.padEnd(9)} ${key.description}: ${size}\n`;
}

function timeout(expiresNs: number, nowNs: number): string {
  if (expiresNs === Infinity) return 'perm';
  if (expiresNs <= nowNs) return 'expd';
  const s = Math.floor((expiresNs - nowNs) / 1e9);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h`;
  return s < 604_800 ? `${Math.floor(s / 86_400)}d` : `${Math.floor(s / 604_800)}w`;
}

/** uid: structures, keys/instantiated keys, keys/quota, bytes/quota. */
function showUsers(k: Kernel): string {
  const { keys } = k.security;
  const uids = [...new Set(keys.list().map(key => key.uid))].sort((a, b) => a - b);
  return uids.map(uid => {
    const { count, bytes, maxKeys, maxBytes } = keys.quota(uid);
    return `${String(uid).padStart(5)}: ${String(count).padStart(5)} ${count}/${count} ${count}/${maxKeys} ${bytes}/${maxBytes}\n`;
  }).join('');
}

const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
