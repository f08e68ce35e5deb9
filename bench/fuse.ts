// Suite fuse: files of the host through virtio-fs, from the inode down to the back end, without a hart. Wall time of the best of five.
import { must, World } from '../test/devices/world.ts';
import { memoryFs } from '../src/host/memory-fs.ts';
import { KernelBuffer } from '../src/kernel/vfs/io-buffer.ts';
import type { Report, Suite } from './suite.ts';

const SIZE = 1_600_000;

export const suite: Suite = {
  name: 'fuse',
  run(report) {
    const w = new World(memoryFs({ '/bin/busybox': { content: new Uint8Array(SIZE).fill(7), mode: 0o755 } }));
    const bin = must(w.mount().root.inode!.lookup(w.task, 'bin')).get();
    const box = must(bin.lookup(w.task, 'busybox')).get();
    const into = new Uint8Array(SIZE);
    best(report, 'lookup', 10_000, () => { must(bin.lookup(w.task, 'busybox')); });
    best(report, 'open and close', 10_000, () => { must(box.open(w.task, 0)).put(); });
    best(report, 'open, read 1.6 MB not cached, close', 10, () => {
      box.pages!.invalidate();
      const file = must(box.open(w.task, 0));
      if (file.read(w.task, new KernelBuffer(into), 0) !== SIZE) throw new Error('short read');
      file.put();
    });
    best(report, 'open, read 1.6 MB cached, close', 10, () => {
      const file = must(box.open(w.task, 0));
      file.read(w.task, new KernelBuffer(into), 0);
      file.put();
    });
  },
};

function best(report: Report, what: string, count: number, work: () => void): void {
  let ms = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    for (let k = 0; k < count; k++) work();
    ms = Math.min(ms, performance.now() - start);
  }
  report(what, ms * 1e3 / count, 'us');
}
