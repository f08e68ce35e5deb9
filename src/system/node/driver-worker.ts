// The module that an isolated driver's worker runs: cores, a mailbox, and nothing of the kernel.
import { workerData } from 'node:worker_threads';
import { type CoreSeat, serveCore } from '../../drivers/core/serve.ts';
import { CORES, type CoreName } from '../../drivers/core/table.ts';

const seat = workerData as CoreSeat;
serveCore(seat, CORES[seat.core as CoreName]);
