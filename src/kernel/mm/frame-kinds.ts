// Words about page frames: what a frame is used for and what is known of it. Kept in the typed arrays of frames.ts.

/** What a frame is used for. Frames of the machine itself, the dtb and holes are RESERVED. */
export const KIND_FREE = 0, KIND_RESERVED = 1, KIND_KERNEL = 2, KIND_TABLE = 3, KIND_ANON = 4, KIND_FILE = 5, KIND_SHMEM = 6;
export type FrameKind = 0 | 1 | 2 | 3 | 4 | 5 | 6;
export const KINDS = 7;

/** Was mapped executable since it was allocated: the hart may hold decoded code of it. */
export const FRAME_CODE = 1;
/** Page cache: newer than what lies behind it. */
export const FRAME_DIRTY = 2;
/** Used since reclaim last looked, or found used by it once. */
export const FRAME_REFERENCED = 4;
/** Page cache: fetched, not used yet. The first use clears this instead of setting FRAME_REFERENCED: what is read once is not kept. */
export const FRAME_FRESH = 8;
/** Anonymous: a swap slot (Frames.index) holds the same bytes. Such a frame is mapped nowhere for writing. */
export const FRAME_SWAPPED = 16;
/** Contents are not known to be zero (RAM is zero at power-on). */
export const FRAME_STALE = 128;
