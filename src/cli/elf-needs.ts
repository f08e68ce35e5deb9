// What a program file of the host needs to run: elf(5) headers or a #! line, as far as execve(2) would look at them.
import { closeSync, openSync, readSync } from 'node:fs';

const PT_INTERP = 3;

/** The interpreter that execve will look for: PT_INTERP's path, or the word behind #!; undefined when there is none. */
export function interpreterOf(path: string): string | undefined {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(4096);
    const bytes = head.subarray(0, readSync(fd, head, 0, head.length, 0));
    if (bytes.toString('latin1', 0, 2) === '#!') return /^#!\s*(\S+)/.exec(bytes.toString('latin1'))?.[1];
    if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2) return undefined;
    const offset = Number(bytes.readBigUInt64LE(32)), size = bytes.readUInt16LE(54), count = bytes.readUInt16LE(56);
    for (let at = offset; at < offset + count * size && at + 56 <= bytes.length; at += size) {
      if (bytes.readUInt32LE(at) !== PT_INTERP) continue;
      const name = Buffer.alloc(Math.min(4096, Number(bytes.readBigUInt64LE(at + 32))));
      readSync(fd, name, 0, name.length, Number(bytes.readBigUInt64LE(at + 8)));
      return name.toString('latin1').replace(/\0.*$/s, '');
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}
