// The two images of Debian packages in which test/debian runs everyday programs, and how a script is run in them.
import { join } from 'node:path';
import { ROOT, noImage, run } from '../cli/images.ts';

/** One image for everything but Node: made once, in less than a minute. */
const PACKAGES = [
  'bash', 'dash', 'zsh', 'coreutils', 'findutils', 'tar', 'gzip', 'xz-utils', 'zstd', 'diffutils', 'grep', 'sed', 'perl', 'lua5.4', 'python3', 'sqlite3', 'redis-server', 'redis-tools',
  'gcc', 'libc6-dev', 'make', 'git', 'openssl', 'less', 'vim-tiny', 'tmux', 'strace',
];
/** The folder that the guest sees as /test. */
export const HERE = join(ROOT, 'test/debian/programs');

export const noPrograms = (): Promise<string | false> => noImage('programs', PACKAGES);
export const noNode = (): Promise<string | false> => noImage('node', ['nodejs', 'bash', 'coreutils']);

/** Runs `script` with bash in /tmp of a fresh machine: what it printed (errors included), and a last line with its status. */
export function inGuest(script: string, { image = 'programs', volumes = [] }: { image?: string; volumes?: readonly string[] } = {}): string {
  const mounts = [`${HERE}:/test:ro`, ...volumes].flatMap(v => ['-v', v]);
  const { out, status } = run(['run', '-w', '/tmp', ...mounts, image, '--', 'bash', '-c', `exec 2>&1; ${script}`], { seconds: 600 });
  return `${out}status ${status}\n`;
}
