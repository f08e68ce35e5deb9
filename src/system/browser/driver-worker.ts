// The module that the workers of isolated drivers run in a browser: tells that it is there, and waits for a core to be.
import { type CoreSeat, serveCore } from '../../drivers/core/serve.ts';
import { CORES } from '../../drivers/core/table.ts';

const scope = globalThis as unknown as { onmessage: ((event: { data: CoreSeat }) => void) | null; postMessage(message: unknown): void };
scope.onmessage = ({ data }) => {
  scope.onmessage = null;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin.
  scope.postMessage('ready');
  serveCore(data, CORES);
};
