// /proc/PID/maps, smaps, smaps_rollup: the mappings of an address space (proc_pid_maps(5), proc_pid_smaps(5)).
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { major, minor } from '../../abi/stat.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import { VM_ACCOUNT, VM_DONTDUMP, VM_DONTFORK, VM_HUGEPAGE, VM_LOCKED, VM_NOHUGEPAGE, VM_NORESERVE, VM_RAND_READ, VM_SEALED, VM_SEQ_READ, VM_UFFD_MISSING, VM_UFFD_WP, VM_WIPEONFORK, type Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';
import { renderFile } from '../../kernel/vfs/d-path.ts';
import { escapeOctal, kbLine, pagesToKb } from './format.ts';
import { Residency, residentIn } from '../../kernel/mm/residency.ts';

/** Device of the kernel's own tmpfs. */
const SHMEM_DEV = 1;
/** Column where the name stands. */
const NAME_COLUMN = 73;

export function showMaps(t: Task, of: Task): string {
  let out = '';
  for (const vma of of.mm?.vmas() ?? []) out += mapLine(t, vma);
  return out;
}

export function showSmaps(t: Task, of: Task): string {
  let out = '';
  for (const vma of of.mm?.vmas() ?? []) {
    const counts = residentIn(of.kernel, vma.mm, vma);
    out += mapLine(t, vma) + kbLine('Size', pagesToKb(vma.sizePages)) + kbLine('KernelPageSize', 4) + kbLine('MMUPageSize', 4)
      + residencyLines(vma, counts) + `THPeligible:    ${'0'.padStart(8)}\nVmFlags: ${vmFlags(vma)}\n`;
  }
  return out;
}

export function showSmapsRollup(_t: Task, of: Task): string {
  const { mm } = of;
  if (mm === null) return '';
  const sum = new Residency();
  let [first, last]: (Vma | null)[] = [null, null];
  for (const vma of mm.vmas()) {
    first ??= vma;
    last = vma;
    const counts = residentIn(of.kernel, mm, vma);
    if ((vma.vmFlags & VM_LOCKED) !== 0) counts.locked = counts.rss;
    sum.add(counts);
  }
  const head = `${hex(first?.start ?? 0)}-${hex(last?.end ?? 0)} ---p 00000000 00:00 0 `.padEnd(NAME_COLUMN) + '[rollup]\n';
  return head + residencyLines(null, sum);
}

/** `start-end perms offset dev inode   name`. */
function mapLine(t: Task, vma: Vma): string {
  const special = vma.file !== null && vma.name !== ''; // [vdso]: a file to the kernel only
  const inode = special ? undefined : vma.file?.inode, pages = special ? null : vma.pages;
  const dev = inode?.sb.dev ?? (pages === null ? 0 : SHMEM_DEV);
  const offset = pages === null ? 0 : vma.offset;
  const line = `${hex(vma.start)}-${hex(vma.end)} ${vma.permissions} ${hex(offset)} ${hex(major(dev), 2)}:${hex(minor(dev), 2)} ${inode?.ino ?? pages?.id ?? 0} `;
  const name = nameOf(t, vma);
  return name === '' ? `${line}\n` : `${line.padEnd(NAME_COLUMN)}${name}\n`;
}

function nameOf(t: Task, vma: Vma): string {
  if (vma.name !== '') return vma.name;
  if (vma.file !== null) return escapeOctal(renderFile(vma.file, t.fs.root), '\n');
  if (vma.pages !== null) return '/dev/zero (deleted)';     // shared anonymous memory is a nameless file of the kernel's own tmpfs
  return specialName(vma.mm, vma);
}

function specialName(mm: AddressSpace, vma: Vma): string {
  if (vma.start < mm.brk && vma.end > mm.startBrk) return '[heap]';
  return vma.start <= mm.startStack && vma.end > mm.startStack ? '[stack]' : '';
}

function residencyLines(vma: Vma | null, n: Residency): string {
  const locked = vma === null ? n.locked : (vma.vmFlags & VM_LOCKED) !== 0 ? n.rss : 0;
  const rows: [name: string, kb: number][] = [
    ['Rss', kb(n.rss)], ['Pss', kb(n.pss)], ['Pss_Dirty', kb(n.pssDirty)],
  ];
  if (vma === null) rows.push(['Pss_Anon', kb(n.anon)], ['Pss_File', kb(n.file)], ['Pss_Shmem', kb(n.shmem)]);
  rows.push(
    ['Shared_Clean', kb(n.sharedClean)], ['Shared_Dirty', kb(n.sharedDirty)], ['Private_Clean', kb(n.privateClean)],
    ['Private_Dirty', kb(n.privateDirty)], ['Referenced', kb(n.referenced)], ['Anonymous', kb(n.anon)], ['KSM', 0], ['LazyFree', 0],
    ['AnonHugePages', 0], ['ShmemPmdMapped', 0], ['FilePmdMapped', 0], ['Shared_Hugetlb', 0], ['Private_Hugetlb', 0], ['Swap', kb(n.swap)], ['SwapPss', kb(n.swapPss)],
    ['Locked', kb(locked)],
  );
  return rows.map(([name, value]) => kbLine(name, value)).join('');
}

/** Two letters a flag, as smaps abbreviates them. */
function vmFlags(vma: Vma): string {
  const flags: [set: boolean, letters: string][] = [
    [(vma.prot & PROT_READ) !== 0, 'rd'], [(vma.prot & PROT_WRITE) !== 0, 'wr'], [(vma.prot & PROT_EXEC) !== 0, 'ex'], [vma.isShared, 'sh'],
    [(vma.maxProt & PROT_READ) !== 0, 'mr'], [(vma.maxProt & PROT_WRITE) !== 0, 'mw'], [(vma.maxProt & PROT_EXEC) !== 0, 'me'], [vma.isShared, 'ms'],
    [vma.growsDown, 'gd'], [(vma.vmFlags & VM_LOCKED) !== 0, 'lo'], [(vma.vmFlags & VM_SEQ_READ) !== 0, 'sr'], [(vma.vmFlags & VM_RAND_READ) !== 0, 'rr'],
    [(vma.vmFlags & VM_DONTFORK) !== 0, 'dc'], [(vma.vmFlags & VM_ACCOUNT) !== 0, 'ac'], [(vma.vmFlags & VM_NORESERVE) !== 0, 'nr'], [(vma.vmFlags & VM_WIPEONFORK) !== 0, 'wf'],
    [(vma.vmFlags & VM_DONTDUMP) !== 0, 'dd'], [(vma.vmFlags & VM_HUGEPAGE) !== 0, 'hg'], [(vma.vmFlags & VM_NOHUGEPAGE) !== 0, 'nh'], [(vma.vmFlags & VM_UFFD_MISSING) !== 0, 'um'], [(vma.vmFlags & VM_UFFD_WP) !== 0, 'uw'],
    [(vma.vmFlags & VM_SEALED) !== 0, 'sl'],
  ];
  return flags.filter(([set]) => set).map(([, letters]) => `${letters} `).join('');
}

const kb = (pages: number): number => Math.floor(pagesToKb(pages));
const hex = (n: number, digits = 8): string => n.toString(16).padStart(digits, '0');
