// The kernel's code in user space (vdso(7)): an ELF image (image.ts, made of vdso.c) with a page of data in front of it, the same frames for the whole
// machine, mapped privately by every process: a debugger that writes to them gets a copy. Signal handlers return through it (riscv has no SA_RESTORER).
// Its clock functions trap: reading the counter from user mode was measured at 1.5 to 2 times a system call, the host's clock being most of either.
import { type Errno, isErr } from '../../../abi/errno.ts';
import { O_RDONLY } from '../../../abi/fcntl.ts';
import { MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ } from '../../../abi/mman.ts';
import { S_IFREG } from '../../../abi/stat.ts';
import type { Kernel } from '../../kernel.ts';
import { ShmemCache } from '../../mm/shmem.ts';
import type { Vma } from '../../mm/vma.ts';
import { anonInode } from '../../vfs/anon-inode.ts';
import { KernelBuffer } from '../../vfs/io-buffer.ts';
import { OpenFile } from '../../vfs/open-file.ts';
import { answerOf } from '../hwprobe.ts';
import type { Task } from '../task.ts';
import { SIGRETURN_OFFSET, VDSO_HEX } from './image.ts';

const PAGE = 4096;

/** Its pages are the kernel's own: no MADV_PAGEOUT takes them to a disk. */
class VdsoPages extends ShmemCache {
  override get staysInMemory(): boolean { return true; }
}

/** What is mapped; the machine keeps one (Kernel.vdso). */
export class VdsoFile extends OpenFile {
  private readonly pages: VdsoPages;

  constructor(k: Kernel) {
    super(anonInode(k, S_IFREG | 0o444), O_RDONLY);
    this.pages = new VdsoPages(k.frames, this.inode);
  }

  store(t: Task, bytes: Uint8Array): number | Errno { return this.pages.write(t, new KernelBuffer(bytes), 0); }
  discard(): void { this.pages.destroy(); }

  override mmap(_t: Task, v: Vma): 0 {
    v.pages = this.pages;
    return 0;
  }
}

/** Maps data and image into the new address space of `t`. */
export function mapVdso(t: Task): 0 | Errno {
  const file = vdsoOf(t), mm = t.mm!;
  if (isErr(file)) return file;
  const data = mm.map(t, { addr: 0, length: 2 * PAGE, prot: PROT_READ, flags: MAP_PRIVATE, file, offset: 0, name: '[vvar]' });
  if (isErr(data)) return data;
  const image = mm.map(t, { addr: data + PAGE, length: PAGE, prot: PROT_READ | PROT_EXEC, flags: MAP_PRIVATE | MAP_FIXED, file, offset: PAGE, name: '[vdso]' });
  if (isErr(image)) return image;
  mm.vdsoBase = image;
  mm.sigreturnAddr = image + SIGRETURN_OFFSET;
  return 0;
}

/** Written when the first program starts. */
function vdsoOf(t: Task): VdsoFile | Errno {
  const k = t.kernel;
  if (k.vdso !== null) return k.vdso;
  const file = new VdsoFile(k);
  const contents = new Uint8Array(2 * PAGE);
  contents.set(vdsoData());
  contents.set(vdsoImage(), PAGE);
  const n = file.store(t, contents);
  if (isErr(n)) {
    file.discard();
    return n;
  }
  return (k.vdso = file);
}

/** The ELF file: profilers take names and call frames from it. */
export function vdsoImage(): Uint8Array {
  const bytes = new Uint8Array(VDSO_HEX.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(VDSO_HEX.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** `vdso_data` of vdso.c: the number of hwprobe keys, then their answers. */
function vdsoData(): Uint8Array {
  const words: number[] = [];
  for (let key = 0, answer = answerOf(0); answer !== null; answer = answerOf(++key)) words.push(answer >>> 0, Math.floor(answer / 2 ** 32));
  return new Uint8Array(new Uint32Array([words.length / 2, 0, ...words]).buffer);
}
