// /proc/PID/status: the readable summary (proc_pid_status(5)).
import { RLIMIT_SIGPENDING } from '../../abi/resource.ts';
import { codePages } from '../../kernel/mm/residency.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import { filterCount } from '../../kernel/security/seccomp.ts';
import type { Task, TaskState } from '../../kernel/task/task.ts';
import { kbField, pagesToKb, set64, unsignedLimit } from './format.ts';
import { dispositions } from './task-stat.ts';
import { threadCount } from './task-times.ts';

const STATES: Record<TaskState, string> = {
  R: 'R (running)', S: 'S (sleeping)', D: 'D (disk sleep)', T: 'T (stopped)', t: 't (tracing stop)', Z: 'Z (zombie)', X: 'X (dead)',
};

export function showStatus(_t: Task, of: Task): string {
  return identity(of) + (of.mm === null ? '' : memory(of.mm)) + signals(of) + security(of) + scheduling(of);
}

const kb = (name: string, pages: number): string => kbField(name, pagesToKb(pages));
const capabilities = (name: string, [lo, hi]: readonly [number, number]): string => `${name}:\t${set64(lo, hi)}\n`;

function identity(of: Task): string {
  const { process, cred } = of;
  const name = of.name.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return `Name:\t${name}\nUmask:\t${of.fs.umask.toString(8).padStart(4, '0')}\nState:\t${STATES[of.state]}\n`
    + `Tgid:\t${process.pid}\nNgid:\t0\nPid:\t${of.tid}\nPPid:\t${process.parent?.pid ?? 0}\nTracerPid:\t${of.traced?.tracer.tid ?? 0}\n`
    + `Uid:\t${cred.uid}\t${cred.euid}\t${cred.suid}\t${cred.fsuid}\nGid:\t${cred.gid}\t${cred.egid}\t${cred.sgid}\t${cred.fsgid}\n`
    + `FDSize:\t${fdSize(of)}\nGroups:\t${cred.groups.join(' ')} \n`
    + `NStgid:\t${process.pid}\nNSpid:\t${of.tid}\nNSpgid:\t${process.group.id}\nNSsid:\t${process.session.id}\nKthread:\t0\n`;
}

/** Slots of the descriptor table: Linux grows it in powers of two from 64. */
function fdSize(of: Task): number {
  return of.state === 'Z' ? 0 : Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(1, of.files.size))));
}

function memory(mm: AddressSpace): string {
  const exe = codePages(mm);
  return kb('VmPeak', mm.totalPeakPages) + kb('VmSize', mm.totalPages) + kb('VmLck', mm.lockedPages) + kb('VmPin', 0)
    + kb('VmHWM', Math.max(mm.rssPeakPages, mm.rssPages)) + kb('VmRSS', mm.rssPages)
    + kb('RssAnon', mm.rssAnonPages) + kb('RssFile', mm.rssFilePages) + kb('RssShmem', mm.rssShmemPages)
    + kb('VmData', mm.dataPages) + kb('VmStk', mm.stackPages) + kb('VmExe', exe) + kb('VmLib', Math.max(0, mm.execPages - exe))
    + kb('VmPTE', mm.table.tables) + kb('VmSwap', mm.swapPages) + kb('HugetlbPages', 0) + 'CoreDumping:\t0\nTHP_enabled:\t0\n';
}

function signals(of: Task): string {
  const ignored = dispositions(of.handlers, 1);
  const caught = dispositions(of.handlers, 'caught');
  const { pending, process } = of;
  const limit = unsignedLimit(process.rlimits[RLIMIT_SIGPENDING]?.soft ?? Infinity);
  return `Threads:\t${threadCount(of)}\nSigQ:\t${of.kernel.users.of(of.cred.uid).signals}/${limit}\n`
    + `SigPnd:\t${set64(pending.lo, pending.hi)}\nShdPnd:\t${set64(process.pending.lo, process.pending.hi)}\n`
    + `SigBlk:\t${set64(of.sigmaskLo, of.sigmaskHi)}\nSigIgn:\t${set64(ignored.lo, ignored.hi)}\nSigCgt:\t${set64(caught.lo, caught.hi)}\n`;
}

function security(of: Task): string {
  const { inheritable, permitted, effective, bounding, ambient } = of.cred.caps;
  return capabilities('CapInh', inheritable) + capabilities('CapPrm', permitted) + capabilities('CapEff', effective)
    + capabilities('CapBnd', bounding) + capabilities('CapAmb', ambient)
    + `NoNewPrivs:\t${Number(of.noNewPrivs)}\nSeccomp:\t${of.seccompMode}\nSeccomp_filters:\t${filterCount(of)}\n`
    + 'Speculation_Store_Bypass:\tunknown\nSpeculationIndirectBranch:\tunknown\n';
}

function scheduling(of: Task): string {
  return 'Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n'
    + `voluntary_ctxt_switches:\t${of.voluntarySwitches}\nnonvoluntary_ctxt_switches:\t${of.involuntarySwitches}\n`;
}
