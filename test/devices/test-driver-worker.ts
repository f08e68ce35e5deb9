// The module of isolated drivers in tests: all cores, each able to fail (faulty-core.ts), and the guide's.
import { workerData } from 'node:worker_threads';
import { type CoreSeat, serveCore } from '../../src/drivers/core/serve.ts';
import { CORES, type CoreTable } from '../../src/drivers/core/table.ts';
import { ThermometerCore } from '../../examples/drivers/thermometer-core.ts';
import { faulty } from './faulty-core.ts';

const TABLE: CoreTable = Object.fromEntries(Object.entries({ ...CORES, thermometer: ThermometerCore }).map(([name, core]) => [name, faulty(core)]));

serveCore(workerData as CoreSeat, TABLE);
