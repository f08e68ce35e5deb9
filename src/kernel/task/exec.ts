// execve(2): find and check the program first (scripts through their interpreter), then, past the point of no return, build the new image.
import { type Errno, type Fallible, E2BIG, EAGAIN, ELOOP, ENOEXEC, ENOENT, isErr } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import { SIGKILL, SIG_IGN, SIGSEGV } from '../../abi/signal.ts';
import { CTX_F, CTX_PC, CTX_SIZE } from '../../machine/machine.ts';
import { RLIMIT_STACK } from '../../abi/resource.ts';
import { releaseFutexes } from '../ipc/futex-exit.ts';
import { mmapBase } from '../mm/aslr.ts';
import { inheritedMdwe } from '../mm/mdwe.ts';
import { execCredentials } from '../security/exec-credentials.ts';
import { releaseProcessRing, releaseThreadRing } from '../security/keyrings.ts';
import { changeCredentials, isOverNproc } from './credentials.ts';
import { unlink } from '../ptrace/relation.ts';
import { traceExec } from '../ptrace/stop.ts';
import { SignalHandlers } from '../signal/state.ts';
import { closeOnExec } from '../vfs/close.ts';
import { openForExec } from '../vfs/open.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { Path } from '../vfs/mount.ts';
import { releasePosixTimers } from '../time/process-timers.ts';
import { exitThread, releaseMemory } from './exit.ts';
import { type ElfImage, readAt, readElf, isElf } from './elf.ts';
import { loadImage } from './load.ts';
import { buildStack, stackBytes } from './stack.ts';
import type { Task } from './task.ts';
import { mapVdso } from './vdso/vdso.ts';

const MAX_SCRIPTS = 5;
const BANG_LINE = 256;
/** What a new image costs, in instructions (Kernel.work). */
const EXEC_WORK = 60_000;

export interface ExecRequest { dirfd: number; path: string; argv: string[]; envp: string[]; flags: number }

interface Program { image: ElfImage; interp: ElfImage | null; path: Path; argv: string[]; execfn: string }

/** Replaces the program of `t`. 0: registers point at the new entry. Errors leave the old program untouched, except when memory ran out halfway (SIGKILL). */
export function execve(t: Task, req: ExecRequest): 0 | Errno {
  const program = findProgram(t, req);
  if (isErr(program)) return program;
  t.process.overNproc &&= isOverNproc(t);
  if (t.process.overNproc) {
    closeProgram(program);
    return EAGAIN;
  }
  const change = execCredentials(t, program.path);
  if (isErr(change)) {
    closeProgram(program);
    return change;
  }
  const fits = argumentsFit(t, program.argv, req.envp, program.execfn);
  const mm = fits ? t.kernel.newAddressSpace() : E2BIG;
  if (isErr(mm)) {
    closeProgram(program);
    return mm;
  }
  const oldTid = t.tid;
  if (t.mm !== null) mm.mdwe = inheritedMdwe(t.mm);
  leaveOldImage(t);
  mm.mmapBase = mmapBase(t, t.process.rlimits[RLIMIT_STACK]!.soft);
  t.mm = mm;
  t.kernel.enterSpace(mm);
  t.process.exe = program.path.get();
  t.name = basename(program.execfn);
  changeCredentials(t, change.cred);
  t.kernel.security.programStarts(t, program.path);
  const loaded = mapVdso(t) || loadImage(t, program.image, program.interp);
  const sp = isErr(loaded) ? loaded : buildStack(t, { ...loaded, argv: program.argv, envp: req.envp, execfn: program.execfn, secure: change.secure });
  closeProgram(program);
  if (isErr(loaded) || isErr(sp)) {
    t.process.groupExit = isErr(loaded) ? SIGKILL : SIGSEGV;
    t.signalPending = true;
    t.killed = true;
    return 0;
  }
  enterUser(t, loaded.entry, sp);
  if (t.traced !== null) traceExec(t, oldTid);
  return 0;
}

/** Follows #! lines to a binary; every file on the way must be executable. */
function findProgram(t: Task, req: ExecRequest): Fallible<Program> {
  let { argv } = req;
  let file = openExecutable(t, req.dirfd, req.path, req.flags);
  const execfn = req.path === '' || (req.path[0] !== '/' && req.dirfd !== AT_FDCWD) ? `/dev/fd/${req.dirfd}${req.path === '' ? '' : `/${req.path}`}` : req.path;
  let script = execfn;
  for (let depth = 0; ; depth++) {
    if (isErr(file)) return file;
    const denied = t.kernel.security.bprmCheck(t, file);
    if (denied !== 0) return putAnd(file, denied);
    const head = readAt(t, file, 0, BANG_LINE);
    if (isErr(head)) return putAnd(file, head);
    if (isElf(head)) return loadable(t, file, argv, execfn);
    const bang = parseBang(head);
    if (bang === null) return putAnd(file, ENOEXEC);
    file.put();
    if (depth >= MAX_SCRIPTS) return ELOOP;
    argv = [bang.interpreter, ...(bang.argument === '' ? [] : [bang.argument]), script, ...argv.slice(1)];
    script = bang.interpreter;
    file = openExecutable(t, AT_FDCWD, bang.interpreter, 0);
  }
}

function loadable(t: Task, file: OpenFile, argv: string[], execfn: string): Fallible<Program> {
  const image = readElf(t, file, 'program');
  if (isErr(image)) return putAnd(file, image);
  let interp: ElfImage | null = null;
  if (image.interp !== '') {
    const ld = openExecutable(t, AT_FDCWD, image.interp, 0);
    if (isErr(ld)) return putAnd(file, ld);
    const parsed = readElf(t, ld, 'interpreter');
    if (isErr(parsed)) {
      ld.put();
      return putAnd(file, parsed);
    }
    interp = parsed;
  }
  const tails = fetchTails(t, image) || (interp === null ? 0 : fetchTails(t, interp));
  if (tails !== 0) {
    interp?.file.put();
    return putAnd(file, tails);
  }
  return { image, interp, path: file.path!, argv: argv.length === 0 ? [''] : argv, execfn };
}

/** Brings in the pages whose rest loadImage will zero: past the point of no return nothing may have to wait for a slow back end. */
function fetchTails(t: Task, { file, segments }: ElfImage): 0 | Errno {
  for (const s of segments) {
    if (s.filesz === 0 || s.memsz <= s.filesz) continue;
    const r = readAt(t, file, s.offset + s.filesz - 1, 1);
    if (isErr(r)) return r;
  }
  return 0;
}

function openExecutable(t: Task, dirfd: number, path: string, flags: number): Fallible<OpenFile> {
  if (path === '' && (flags & AT_EMPTY_PATH) === 0) return ENOENT;
  return openForExec(t, dirfd, path, (flags & AT_SYMLINK_NOFOLLOW) === 0 ? 'follow' : 'nofollow', (flags & AT_EMPTY_PATH) !== 0 ? 'empty-ok' : 'named');
}

/** `#!interpreter [argument]`; null: not a script that can be run. */
function parseBang(head: Uint8Array): { interpreter: string; argument: string } | null {
  if (head[0] !== 0x23 || head[1] !== 0x21) return null;
  let line = '';
  for (let i = 2; i < head.length && head[i] !== 10 && head[i] !== 0; i++) line += String.fromCharCode(head[i]!);
  const truncated = line.length === head.length - 2 && head.length === BANG_LINE;
  const m = /^[ \t]*([^ \t]+)(?:[ \t]+(.*?))?[ \t]*$/.exec(line);
  if (m === null || (truncated && m[2] === undefined)) return null;
  return { interpreter: m[1]!, argument: m[2] ?? '' };
}

/** Strings and pointers may take a quarter of the stack limit (execve(2), "Limits on size of arguments"). */
function argumentsFit(t: Task, argv: string[], envp: string[], execfn: string): boolean {
  const MAX_STRING = 131_072;
  for (const s of argv) if (s.length >= MAX_STRING) return false;
  for (const s of envp) if (s.length >= MAX_STRING) return false;
  const limit = Math.min(Math.max(t.process.rlimits[3]!.soft / 4, 131_072), 6 * 1024 * 1024);
  return stackBytes(argv, envp, execfn) <= limit;
}

/** The point of no return: other threads die, and what exec does not keep is dropped (execve(2), "Effect on process attributes"). */
function leaveOldImage(t: Task): void {
  const p = t.process;
  t.kernel.work += EXEC_WORK;
  for (const other of [...p.threads]) if (other !== t) exitThread(other);
  if (p.leader !== t) {
    if (p.leader.traced !== null) unlink(p.leader); // its number is the caller's now: there is no end to report
    t.kernel.becomeLeader(t);
  }
  releaseFutexes(t);
  releaseMemory(t);
  p.exe?.put();
  p.didExec = true;
  releasePosixTimers(p);
  p.dumpable = 1;
  p.keepCaps = false;
  releaseThreadRing(t);
  releaseProcessRing(t);
  t.clearChildTid = 0;
  t.robustList = 0;
  t.rseqAddr = 0;
  t.altStack = { sp: 0, size: 0, flags: 2 };
  const actions = t.handlers.actions.map(a => ({ handler: a.handler === SIG_IGN ? SIG_IGN : 0, flags: 0, maskLo: 0, maskHi: 0 }));
  t.handlers.refs--;
  t.handlers = new SignalHandlers(actions);
  closeOnExec(t);
}

function enterUser(t: Task, entry: number, sp: number): void {
  const { hart, machine } = t.kernel;
  machine.ram.u8.fill(0, hart.base, hart.base + CTX_F + 256);
  machine.ram.u8.fill(0, hart.base + CTX_PC, hart.base + CTX_SIZE);
  const REG_SP = 2;
  hart.x[2 * REG_SP] = sp | 0;
  hart.x[2 * REG_SP + 1] = Math.floor(sp / 2 ** 32);
  hart.x[CTX_PC >> 2] = entry | 0;
  hart.x[(CTX_PC >> 2) + 1] = Math.floor(entry / 2 ** 32);
}

function closeProgram(p: Program): void {
  p.image.file.put();
  p.interp?.file.put();
}

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1).slice(0, 15);

function putAnd(file: OpenFile, e: Errno): Errno {
  file.put();
  return e;
}
