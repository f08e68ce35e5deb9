// Shares of CPU time by nice value (sched(7), "The nice value"): each step is a factor of about 1.25. The numbers are Linux's, so that shares are, too.
import { SCHED_IDLE } from '../../abi/sched.ts';

/** The weight of nice 0, in which virtual time is counted. */
export const NICE_0_WEIGHT = 1024;

const NICE_WEIGHTS = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
  1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];
const IDLE_WEIGHT = 3;

export function weightOf(policy: number, nice: number): number { return policy === SCHED_IDLE ? IDLE_WEIGHT : NICE_WEIGHTS[nice + 20]!; }
