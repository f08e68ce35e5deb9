// Where translations are kept between runs: a directory for each build of kspace, engine and kind of machine, below $KSPACE_HOME or the user's cache directory.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nativeCode } from '../../host/node/native-code.ts';
import { DirTranslations } from '../../host/node/translation-store.ts';
import type { TranslationStore } from '../../machine/jit/store.ts';
import type { Measured } from '../contract.ts';

/**
 * `asked`, or else $KSPACE_TRANSLATIONS: a directory, or `off`. By default $KSPACE_HOME/translations, else $XDG_CACHE_HOME/kspace/translations (XDG Base Directory
 * Specification), ~/.cache if that is not set; but none for code that runs from its sources, which change.
 */
export function translationsOf(asked: string | undefined, kernel: Measured, isBuild: boolean, env: NodeJS.ProcessEnv = process.env): ((machine: string) => TranslationStore) | undefined {
  const named = asked ?? env['KSPACE_TRANSLATIONS'];
  if (named === 'off' || !named && !isBuild) return undefined;
  const home = env['KSPACE_HOME'] ? env['KSPACE_HOME'] : join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kspace');
  const build = `${Buffer.from(kernel.digest).toString('hex', 0, 8)}-v8-${process.versions.v8}-${process.arch}`;
  return machine => new DirTranslations(join(named || join(home, 'translations'), `${build}-${machine}`), nativeCode());
}
