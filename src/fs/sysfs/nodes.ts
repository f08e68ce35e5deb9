// What the tree of sysfs is made of: lines, links and directories by path, and for the few files that can be written to, what writing does.

import type { Errno } from '../../abi/errno.ts';

/** What a write means; who carries it out is control.ts. */
export interface SysWrite { readonly action: 'uevent' | 'bind' | 'unbind' | 'net-flags' | 'net-mtu' | 'net-queue' | 'io-timeout'; readonly name: string }

/** A file with its line, or with what reading it fails with; a symbolic link with its target; or a directory. */
export type SysNode = { readonly text: string; readonly write?: SysWrite; readonly error?: Errno } | { readonly link: string } | 'directory';

/** Directories above come along. */
export function addDirectory(tree: Map<string, SysNode>, path: string): void {
  if (tree.has(path)) return;
  addDirectory(tree, path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  tree.set(path, 'directory');
}

export function addText(tree: Map<string, SysNode>, path: string, line: string, write?: SysWrite): void {
  addDirectory(tree, path.slice(0, path.lastIndexOf('/')));
  tree.set(path, write === undefined ? { text: `${line}\n` } : { text: `${line}\n`, write });
}

/** A link at `path` to another place of the tree, relative as in sysfs. */
export function linkTo(tree: Map<string, SysNode>, path: string, to: string): void { addLink(tree, path, `${'../'.repeat(path.split('/').length - 1)}${to}`); }

export function addLink(tree: Map<string, SysNode>, path: string, target: string): void {
  addDirectory(tree, path.slice(0, path.lastIndexOf('/')));
  tree.set(path, { link: target });
}

/** A file that cannot be read now. */
export function addError(tree: Map<string, SysNode>, path: string, error: Errno): void {
  addDirectory(tree, path.slice(0, path.lastIndexOf('/')));
  tree.set(path, { text: '', error });
}
