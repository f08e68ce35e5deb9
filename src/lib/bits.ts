// Bitmaps as bytes, least significant bit first: the layout that ioctls and virtio devices use.

export const hasBit = (map: Uint8Array, n: number): boolean => n >= 0 && n >>> 3 < map.length && (map[n >>> 3]! >>> (n & 7) & 1) !== 0;

export function setBit(map: Uint8Array, n: number, value: boolean): void {
  const bit = 1 << (n & 7);
  if (value) map[n >>> 3]! |= bit;
  else map[n >>> 3]! &= ~bit;
}

/** Numbers of the bits that are set. */
export function bitsOf(map: Uint8Array): number[] {
  const out: number[] = [];
  for (let n = 0; n < 8 * map.length; n++) if (hasBit(map, n)) out.push(n);
  return out;
}
