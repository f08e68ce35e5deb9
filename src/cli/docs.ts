// docs/cli.md, rendered from the tables of commands.ts; a test keeps the file in step (BLESS=1 rewrites it).
import { COMMANDS } from './commands.ts';
import type { Command } from './commands.ts';
import { overview } from './help.ts';
import { helpText } from './options.ts';

export function renderDocs(): string {
  const pages = COMMANDS.flatMap(c => [c, ...c.subcommands ?? []].filter(p => p.subcommands === undefined));
  return `${INTRO}
${code(overview())}
${pages.map(p => `## ${title(p)}\n\n${code(helpText(p))}`).join('\n')}
${NOTES}`;
}

const title = (c: Command) => `kspace ${c.usage.split(/ [[A-Z…]/)[0]}`;
const code = (text: string) => '```text\n' + text.trimEnd() + '\n```\n';

const INTRO = `# The command line

<!-- Made from src/cli/commands.ts: BLESS=1 npm test cli/docs -->

\`bin/kspace\` in a checkout, \`kspace\` where the package is installed. It works after \`npm install\`; nothing needs root.
`;

const NOTES = `## Streams, terminals, signals

With a terminal on both ends the guest gets one of its own: the host's is put into raw mode, so that line editing, Ctrl-C and Ctrl-Z are done
by the guest's terminal driver, and its size follows. It is put back on every way out, after a crash or SIGKILL too. Without a terminal the
three streams are passed on byte for byte, with backpressure both ways. Input is read ahead: in a shell loop that reads a file, give kspace
\`< /dev/null\`. SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2 and SIGTERM sent to kspace go
to the guest.

## Exit status

| status | meaning |
| --- | --- |
| 0–124 | what the command answered |
| 2 | also: a mistake on kspace's own command line |
| 125 | kspace itself failed; one line on standard error says why |
| 126, 127 | the command cannot be executed; is not there |
| 128 + N | signal N ended the command |

## Images

An image is an index (inodes, directory entries, names as bytes) and a pack (contents, page-aligned), so that owners, devices, setuid bits, links
and any name survive on any host file system, and a machine starts by reading the index alone. Images are below \`$KSPACE_HOME\`, else
\`$XDG_DATA_HOME/kspace\`, else \`~/.local/share/kspace\`; downloads are kept in \`archives\` beside them and shared.

\`image build\` asks the host's apt-get, in a private directory, for the packages and what they depend on: mirror and proxy are the host's, signatures
and hashes are checked by apt. While the mirror is in the middle of renewing a release (its package lists are not those that the signed Release file
names), the same release is taken by its other name there: stable for trixie. The packages are unpacked by kspace. No maintainer script is run; what scripts would have done and programs need is
done as data: accounts (sysusers.d too), defaults in /etc, alternatives (vi, awk, pager …), /bin/sh, the bundle of certificates, PAM's common files
(pam-auth-update), dpkg's database, and for a few packages a table of what their own scripts do (src/image/maintainer-scripts.ts: fusermount3's set-user-ID bit, …). Not
done: diversions, scripts of packages that are not in the table, file capabilities, ld.so.cache (glibc finds Debian's directories without it). Where Python is in the image, the
modules that programs import most are compiled by that very Python in a machine of ours.
`;
