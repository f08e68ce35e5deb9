// What happened to this kernel that a bug report must say (Documentation/admin-guide/tainted-kernels.rst). Bits are only ever added.

export const TAINT_DIE = 7, TAINT_OUT_OF_TREE_MODULE = 12, TAINT_UNSIGNED_MODULE = 13;

/** Letters by bit, as an oops shows them. */
export const TAINTS = 'PFSRMBUDAWCIOELKXTNJ';

/** 'OE'; the letters of all bits that are set. */
export function taintLetters(mask: number): string {
  let text = '';
  for (let bit = 0; bit < TAINTS.length; bit++) if ((mask >>> bit & 1) !== 0) text += TAINTS[bit];
  return text;
}
