// What the tree of sysfs is made of: lines, links and directories by path, and for the few files that can be written to, what writing does.

/** What a write means; who carries it out is control.ts. */
export interface SysWrite { readonly action: 'uevent' | 'bind' | 'unbind'; readonly name: string }

/** A file with its line, a symbolic link with its target, or a directory. */
export type SysNode = { readonly text: string; readonly write?: SysWrite } | { readonly link: string } | 'directory';

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
