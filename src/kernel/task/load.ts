// Mapping an ELF image: segments, bss, the dynamic loader, brk. Runs in the new address space, past the point of no return.
import { type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_WRITE } from '../../abi/mman.ts';
import { heapOffset, programOffset } from '../mm/aslr.ts';
import { PIE_BASE } from '../mm/layout.ts';
import type { ElfImage, Segment } from './elf.ts';
import type { Task } from './task.ts';

const PAGE = 4096;
/** What buildStack tells the program through the auxiliary vector. */
export interface LoadedImage {
  entry: number; programEntry: number; phdr: number; phnum: number; interpBase: number; stackExec: boolean;
}

export function loadImage(t: Task, image: ElfImage, interp: ElfImage | null): Fallible<LoadedImage> {
  const mm = t.mm!;
  const bias = image.type === 'fixed' ? 0 : PIE_BASE - image.start + programOffset(t);
  const failed = mapSegments(t, image, bias);
  if (isErr(failed)) return failed;
  const end = image.end + bias;
  mm.startBrk = mm.brk = end + heapOffset(t);
  describe(t, image, bias);

  let entry = image.entry + bias;
  let interpBase = 0;
  if (interp !== null) {
    const base = reserve(t, interp.end - interp.start);
    if (isErr(base)) return base;
    interpBase = base - interp.start;
    const r = mapSegments(t, interp, interpBase);
    if (isErr(r)) return r;
    entry = interp.entry + interpBase;
  }
  return {
    entry, programEntry: image.entry + bias, phdr: image.phdrAddr === 0 ? 0 : image.phdrAddr + bias, phnum: image.phnum, interpBase, stackExec: image.stackExec,
  };
}

/** A free range for the whole image, so that its segments keep their distances. */
function reserve(t: Task, length: number): number | Errno {
  const base = t.mm!.map(t, { addr: 0, length, prot: 0, flags: MAP_PRIVATE | MAP_ANONYMOUS, file: null, offset: 0 });
  if (isErr(base)) return base;
  const r = t.mm!.unmap(t, base, length);
  return isErr(r) ? r : base;
}

function mapSegments(t: Task, image: ElfImage, bias: number): 0 | Errno {
  for (const s of image.segments) {
    const r = mapSegment(t, image, s, bias);
    if (isErr(r)) return r;
  }
  return 0;
}

/** File pages, then the rest of the last page zeroed if the segment goes on in memory, then anonymous pages. */
function mapSegment(t: Task, image: ElfImage, s: Segment, bias: number): 0 | Errno {
  const mm = t.mm!;
  const start = s.vaddr + bias;
  const pageStart = start - (start % PAGE);
  const fileEnd = start + s.filesz;
  const filePages = Math.ceil(fileEnd / PAGE) * PAGE;
  const memEnd = Math.ceil((start + s.memsz) / PAGE) * PAGE;
  if (s.filesz > 0) {
    const r = mm.map(t, { addr: pageStart, length: filePages - pageStart, prot: s.prot, flags: MAP_PRIVATE | MAP_FIXED, file: image.file, offset: s.offset - (s.offset % PAGE) });
    if (isErr(r)) return r;
    if (s.memsz > s.filesz && (s.prot & PROT_WRITE) !== 0 && fileEnd < filePages) {
      const z = t.user.zero(fileEnd, filePages - fileEnd);
      if (isErr(z)) return z;
    }
  }
  const anonStart = s.filesz > 0 ? filePages : pageStart;
  if (memEnd > anonStart) {
    const r = mm.map(t, { addr: anonStart, length: memEnd - anonStart, prot: s.prot, flags: MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, file: null, offset: 0 });
    if (isErr(r)) return r;
  }
  return 0;
}

/** startCode etc. for /proc/PID/stat. */
function describe(t: Task, image: ElfImage, bias: number): void {
  const mm = t.mm!;
  const PROT_EXEC = 4;
  for (const s of image.segments) {
    const start = s.vaddr + bias;
    if ((s.prot & PROT_EXEC) !== 0) {
      mm.startCode = start;
      mm.endCode = start + s.filesz;
    } else if ((s.prot & PROT_WRITE) !== 0) {
      mm.startData = start;
      mm.endData = start + s.filesz;
    }
  }
}
