// A process with web streams: a filter in the guest between two streams of the host. Run: node examples/streams.mjs
import { boot } from 'kspace';

const machine = await boot();
const upper = machine.spawn(['tr', 'a-z', 'A-Z']);

const source = new ReadableStream({
  start(controller) {
    for (const line of ['one\n', 'two\n', 'three\n']) controller.enqueue(new TextEncoder().encode(line));
    controller.close();
  },
});
const copied = source.pipeTo(upper.stdin);

const decoder = new TextDecoder();
for await (const chunk of upper.stdout) process.stdout.write(decoder.decode(chunk, { stream: true }));
await copied;
console.log(await upper.status);
await machine.stop();
