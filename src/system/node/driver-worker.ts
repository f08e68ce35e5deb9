// The module that an isolated driver's worker runs: cores, a mailbox, and nothing of the kernel.
import { workerData } from 'node:worker_threads';
import { type CoreSeat, serveCore } from '../../drivers/core/serve.ts';
import { CORES } from '../../drivers/core/table.ts';

serveCore(workerData as CoreSeat, CORES);
