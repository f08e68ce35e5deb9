// `kspace image build`: from package names to an image in the store.
import { join } from 'node:path';
import { aptDownload } from './apt.ts';
import { appletNames, linkApplets } from './busybox.ts';
import { layout, unpackAll } from './debian.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { settle } from './settle.ts';
import { ImageBuilder } from './builder.ts';
import { DEFAULT_IMAGE, ImageError, isImageName, storeDir } from './store.ts';
import type { Manifest } from './store.ts';

export const DEFAULT_SUITE = 'trixie';

export interface BuildRequest {
  readonly name: string;
  readonly packages: readonly string[];
  readonly suite?: string;
  readonly mirror?: string | undefined;
  readonly progress: Progress;
  readonly store?: string;
  /** Runs before the image is finished and may add to it. */
  readonly finish?: (builder: ImageBuilder, progress: Progress) => Promise<void>;
}

/** What an image of a given name is made of when nobody says: the default image builds itself on first use. */
export function defaultPackages(name: string): readonly string[] | undefined {
  return name === DEFAULT_IMAGE ? ['busybox-static'] : undefined;
}

/** Builds the image and puts it into the store; throws ImageError with a sentence for the user. */
export async function buildImage({ name, packages, suite = DEFAULT_SUITE, mirror, progress, store = storeDir(), finish }: BuildRequest): Promise<Manifest> {
  if (!isImageName(name)) throw new ImageError(`'${name}' cannot be the name of an image`);
  for (const p of packages) if (!/^[a-z0-9][a-z0-9+.-]+$/.test(p)) throw new ImageError(`'${p}' cannot be the name of a package`);
  if (packages.length === 0) throw new ImageError('an image needs at least one package: --packages a,b,c');
  const builder = new ImageBuilder(store);
  try {
    const downloads = await withLock(join(store, 'apt.lock'), pid => progress.say(`waiting for another kspace (process ${pid}) to finish its downloads`),
      () => aptDownload({ packages, suite, mirror, dir: store, progress }));
    layout(builder.tree);
    const unpacked = await unpackAll(builder, downloads, progress);
    settle(builder, unpacked);
    if (packages.some(p => p.startsWith('busybox'))) linkApplets(builder.tree, appletNames(builder.read('/usr/bin/busybox') ?? new Uint8Array(0)));
    await finish?.(builder, progress);
    const versions = Object.fromEntries(downloads.map(d => [d.name, d.version]).sort());
    const manifest = builder.commit(name, { source: `packages ${packages.join(',')} of Debian ${suite}`, packages: versions });
    progress.say(`image ${name}: ${manifest.files} files, ${Math.ceil(manifest.bytes / 1e6)} MB, ${downloads.length} ${downloads.length === 1 ? 'package' : 'packages'}`);
    return manifest;
  } catch (e) {
    builder.abandon();
    throw e;
  } finally {
    progress.end();
  }
}
