// Which Debian mirror this host uses: read from its own apt sources, both formats of sources.list(5) (one-line and deb822).
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseFields } from './deb.ts';

export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Signed-By as written, a key ring file; undefined when the source relies on apt's trusted keys. */
  readonly signedBy: string | undefined;
  readonly trusted: boolean;
}

/** All enabled binary sources below `etc` (normally /etc/apt), in apt's order. */
export function readAptSources(etc = '/etc/apt'): AptSource[] {
  const out: AptSource[] = [];
  const main = join(etc, 'sources.list');
  if (existsSync(main)) out.push(...parseOneLine(readFileSync(main, 'utf8')));
  const parts = join(etc, 'sources.list.d');
  for (const name of existsSync(parts) ? readdirSync(parts).sort() : []) {
    if (name.endsWith('.list')) out.push(...parseOneLine(readFileSync(join(parts, name), 'utf8')));
    if (name.endsWith('.sources')) out.push(...parseDeb822(readFileSync(join(parts, name), 'utf8')));
  }
  return out;
}

/** The host's mirror of Debian's main archive, not of its security or backports archives and not of anybody else's packages. */
export function debianMirror(sources: readonly AptSource[]): AptSource | undefined {
  return sources.find(s => s.components.includes('main') && /\/debian\/?$/.test(s.uri) && !s.suites.every(x => /security/.test(x)));
}

/** "deb [ option=value … ] uri suite component…" */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap(line => {
    const m = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (m === null) return [];
    const options = new Map((m[1] ?? '').trim().split(/\s+/).map(o => o.split('=', 2) as [string, string]));
    const components = m[4]!.trim().split(/\s+/).filter(c => c !== '');
    return [{ uri: m[2]!, suites: [m[3]!], components, signedBy: options.get('signed-by'), trusted: options.get('trusted') === 'yes' }];
  });
}

/** Paragraphs with Types, URIs, Suites, Components, Signed-By, Enabled. An inline key in Signed-By is not a file and is left out. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap(paragraph => {
    const fields = new Map([...parseFields(paragraph)].map(([k, v]) => [k.toLowerCase(), v]));
    const list = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(w => w !== '');
    if (!list('types').includes('deb') || fields.get('enabled') === 'no') return [];
    const signed = fields.get('signed-by');
    const signedBy = signed?.startsWith('/') ? signed : undefined;
    return list('uris').map(uri => ({ uri, suites: list('suites'), components: list('components'), signedBy, trusted: fields.get('trusted') === 'yes' }));
  });
}
