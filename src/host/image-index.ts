// Opening an image's index on the host: what is wrong with it becomes a sentence for the user. The format is lib/image-index.ts.
import { damage, ImageIndex } from '../lib/image-index.ts';
import { UserError } from './user-error.ts';

/** Why an image cannot be used; the message names no file, the caller knows it. */
export class BadImage extends UserError {}

/** The index that `bytes` are; throws BadImage. */
export function openIndex(bytes: Uint8Array<ArrayBuffer>): ImageIndex {
  const why = damage(bytes);
  if (why !== null) throw new BadImage(why);
  return new ImageIndex(bytes);
}
