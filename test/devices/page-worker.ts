// A worker of a page, on a thread of Node: the two globals that the browser's module uses.
import { parentPort } from 'node:worker_threads';

const scope = globalThis as unknown as { onmessage?: (event: { data: unknown }) => void; postMessage: (message: unknown) => void };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin.
scope.postMessage = message => { parentPort!.postMessage(message); };
await import('../../src/system/browser/driver-worker.ts');
// Not before: a message that nobody takes is lost.
parentPort!.on('message', data => { scope.onmessage?.({ data }); });
