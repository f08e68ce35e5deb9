// A capture file on the host. A disk that is full ends the capture with a message, and not the machine.
import { closeSync, openSync, writeSync } from 'node:fs';
import type { CaptureSink } from '../pcap.ts';
import { UserError } from '../user-error.ts';
import { complain } from './print.ts';

export class CaptureFile implements CaptureSink {
  readonly #path: string;
  #fd: number;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'w');
    } catch (e) {
      throw new UserError(`cannot write ${path}: ${(e as Error).message}`);
    }
  }

  write(bytes: Uint8Array): void {
    if (this.#fd < 0) return;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (e) {
      complain(`the capture ends here: cannot write ${this.#path}: ${(e as Error).message}`);
      this.close();
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
