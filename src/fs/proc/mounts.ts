// /proc/PID/mounts, mountinfo, mountstats: the mount tree as seen from a process' root (proc_pid_mounts(5), proc_pid_mountinfo(5), mounts(5)).
import { isErr } from '../../abi/errno.ts';
import {
  MS_DIRSYNC, MS_LAZYTIME, MS_MANDLOCK, MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID, MS_NOSYMFOLLOW, MS_RDONLY, MS_RELATIME,
  MS_SYNCHRONOUS,
} from '../../abi/mount.ts';
import { major, minor } from '../../abi/stat.ts';
import type { Task } from '../../kernel/task/task.ts';
import { renderCwd, renderWithin } from '../../kernel/vfs/d-path.ts';
import { type Mount, Path } from '../../kernel/vfs/mount.ts';
import type { Entries } from '../pseudo/entry.ts';
import { escapeOctal } from './format.ts';

const MOUNT_OPTIONS: readonly (readonly [flag: number, name: string])[] = [
  [MS_NOSUID, 'nosuid'], [MS_NODEV, 'nodev'], [MS_NOEXEC, 'noexec'], [MS_NOATIME, 'noatime'], [MS_NODIRATIME, 'nodiratime'],
  [MS_RELATIME, 'relatime'], [MS_NOSYMFOLLOW, 'nosymfollow'],
];
const SUPER_OPTIONS: readonly (readonly [flag: number, name: string])[] = [
  [MS_SYNCHRONOUS, 'sync'], [MS_DIRSYNC, 'dirsync'], [MS_MANDLOCK, 'mand'], [MS_LAZYTIME, 'lazytime'],
];

/** The three files; all can be polled for changes. */
export const MOUNT_FILES: Entries<Task> = {
  mountinfo: { mode: 0o444, version: generation, show: (_t, of) => eachMount(of, infoLine) },
  mounts: { mode: 0o444, version: generation, show: (_t, of) => eachMount(of, mountsLine) },
  mountstats: { mode: 0o400, show: (_t, of) => eachMount(of, statsLine) },
};

function generation(t: Task): number { return t.kernel.mounts.generation; }

/** Mounts that cannot be reached from the process' root are left out. */
function eachMount(of: Task, line: (m: Mount, at: string) => string): string {
  if (of.state === 'Z' || of.state === 'X') return '';
  let out = '';
  for (const mount of of.kernel.mounts.all) {
    const at = renderCwd(new Path(mount, mount.root), of.fs.root);
    if (!isErr(at) && at.startsWith('/')) out += line(mount, escapeOctal(at));
  }
  return out;
}

function mountsLine(m: Mount, at: string): string {
  const options = access(m.flags | m.sb.flags) + names(SUPER_OPTIONS, m.sb.flags) + names(MOUNT_OPTIONS, m.flags) + m.sb.showOptions();
  return `${source(m)} ${at} ${m.sb.fsType} ${options} 0 0\n`;
}

function infoLine(m: Mount, at: string): string {
  const { dev } = m.sb;
  return `${m.id} ${m.parent?.id ?? m.id} ${major(dev)}:${minor(dev)} ${escapeOctal(renderWithin(m.root))} ${at} `
    + `${access(m.flags)}${names(MOUNT_OPTIONS, m.flags)} - ${m.sb.fsType} ${source(m)} `
    + `${access(m.sb.flags)}${names(SUPER_OPTIONS, m.sb.flags)}${m.sb.showOptions()}\n`;
}

const statsLine = (m: Mount, at: string): string => `device ${source(m)} mounted on ${at} with fstype ${m.sb.fsType}\n`;
const source = (m: Mount): string => (m.sb.source === '' ? 'none' : escapeOctal(m.sb.source, ' \t\n\\#'));
const access = (flags: number): string => ((flags & MS_RDONLY) !== 0 ? 'ro' : 'rw');
const names = (table: typeof MOUNT_OPTIONS, flags: number): string =>
  table.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => `,${name}`).join('');
