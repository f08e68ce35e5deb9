// What pam-auth-update(8) does when libpam-runtime is installed: the profiles in /usr/share/pam-configs that are on by default become the lines of /etc/pam.d/common-*,
// in the places that the templates in /usr/share/pam keep for them. What was chosen is written to /var/lib/pam, where the program finds it later.
import type { ImageBuilder } from './builder.ts';
import { putText } from './debian.ts';

/** Fields by name; a field of several lines has them in order, without indentation. */
interface Profile { readonly name: string; readonly fields: ReadonlyMap<string, string> }

const PROFILES = '/usr/share/pam-configs', TEMPLATES = '/usr/share/pam', SAVED = '/var/lib/pam';
const TYPES = ['auth', 'account', 'password', 'session', 'session-noninteractive'] as const;
type Block = 'Primary' | 'Additional';

/** Nothing, if the image has no libpam-runtime. */
export function configurePam(builder: ImageBuilder): void {
  const names = [...builder.tree.find(PROFILES, 'follow')?.children?.keys() ?? []];
  const text = (path: string): string | undefined => {
    const bytes = builder.read(path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  };
  const all = sorted(names.map(name => ({ name, fields: parseProfile(text(`${PROFILES}/${name}`) ?? '') })));
  const enabled = all.filter(p => p.fields.get('Default') === 'yes');
  let any = false;
  for (const type of TYPES) {
    const template = text(`${TEMPLATES}/common-${type}`), path = `/etc/pam.d/common-${type}`;
    if (template === undefined || builder.tree.find(path, 'follow') !== undefined) continue;
    putText(builder, path, fill(template, type, enabled));
    putText(builder, `${SAVED}/${type}`, saved(type, enabled));
    any = true;
  }
  if (any) putText(builder, `${SAVED}/seen`, all.map(p => `${p.name}\n`).join(''));
}

/** "Name: value" lines; indented lines belong to the field above (pam-auth-update(8), PROFILES). */
export function parseProfile(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    const head = /^(\S+):(?:\s+(.*))?$/.exec(line);
    if (head !== null) fields.set((name = head[1]!), (head[2] ?? '').trim());
    else if (line.trim() !== '') fields.set(name, `${fields.get(name) ?? ''}\n${line.trim()}`.trimStart());
  }
  return fields;
}

/** Highest priority first; of equals the name that comes last. */
function sorted(profiles: readonly Profile[]): Profile[] {
  const priority = (p: Profile): number => Number(p.fields.get('Priority') ?? 0);
  return profiles.toSorted((a, b) => priority(b) - priority(a) || (a.name < b.name ? 1 : -1));
}

/** The template with its two blocks. `end` of a jump means the end of the primary block. */
function fill(template: string, type: string, profiles: readonly Profile[]): string {
  const service = type.replace('-noninteractive', '');
  return template.split('\n').flatMap(line => {
    const block = /^\$\w+_(primary|additional)$/.exec(line)?.[1];
    if (block === undefined) return [line];
    const modules = linesOf(type, block === 'primary' ? 'Primary' : 'Additional', profiles).flatMap(l => l.lines);
    if (modules.length === 0) return block === 'primary' ? [`${service}\t${NOTHING}`] : [];
    return modules.map((l, i) => `${service}\t${withJump(l, modules.length - i)}`);
  }).join('\n');
}

/** Keeps the stack in order where no module can say yes: over the refusal that follows. */
const NOTHING = '[default=1]\t\t\tpam_permit.so';

/** Module and control with the jump's length; arguments one space apart. */
function withJump(line: string, toEnd: number): string {
  const [, head = line, rest = ''] = /^((?:\[[^\]]+\]|\w+)\s+\S+)\s*(.*)$/.exec(line) ?? [];
  return `${head.replaceAll(/=end\b/g, `=${toEnd}`)} ${rest.split(/\s+/).join(' ')}`;
}

/** Who has something for this block, in order: what the first in a stack says is often different. */
function linesOf(type: string, block: Block, profiles: readonly Profile[]): { readonly name: string; readonly lines: readonly string[] }[] {
  const field = type[0]!.toUpperCase() + type.slice(1).replace('-noninteractive', '');
  const of = profiles.filter(p => p.fields.get(`${field}-Type`) === block && !(type.endsWith('-noninteractive') && p.fields.get('Session-Interactive-Only') === 'yes'));
  return of.map((p, i) => ({ name: p.name, lines: ((i === 0 ? p.fields.get(`${field}-Initial`) : undefined) ?? p.fields.get(field) ?? '').split('\n').filter(l => l !== '') }));
}

/** What pam-auth-update compares with later. */
function saved(type: string, profiles: readonly Profile[]): string {
  const primary = linesOf(type, 'Primary', profiles);
  const entries = [...(primary.length > 0 ? primary : [{ name: 'null', lines: [NOTHING] }]), ...linesOf(type, 'Additional', profiles)];
  return entries.map(e => `Module: ${e.name}\n${e.lines.join('\n')}\n`).join('');
}
