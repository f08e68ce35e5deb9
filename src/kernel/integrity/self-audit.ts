// The kernel looks at itself: on demand (/sys/kernel/security/self_audit) and every so often. What it finds is a breach of what everything else rests
// on, so a finding is a panic. Nothing wakes an idle machine for an audit: where nothing runs, nothing changes.
import { type Errno, EINVAL } from '../../abi/errno.ts';
import type { Kernel } from '../kernel.ts';
import { auditKernel } from '../mm/audit.ts';
import { panic } from '../panic.ts';
import { auditCaches } from './audit-caches.ts';
import { auditExecutable } from './audit-executable.ts';

/** Findings in words, none if all is well. Plain objects, so that a kernel can be saved. */
export abstract class AuditCheck {
  abstract readonly name: string;
  abstract findings(k: Kernel): string[];
}

class MemoryCheck extends AuditCheck {
  override readonly name = 'memory';
  override findings(k: Kernel): string[] { return auditKernel(k); }
}

class CachesCheck extends AuditCheck {
  override readonly name = 'caches';
  override findings(k: Kernel): string[] { return auditCaches(k); }
}

class ExecutableCheck extends AuditCheck {
  override readonly name = 'executable';
  override findings(k: Kernel): string[] { return auditExecutable(k); }
}

class ContentsCheck extends AuditCheck {
  override readonly name = 'contents';
  override findings(k: Kernel): string[] {
    const wrong = k.security.verity.recheck(k.current);
    return wrong === 0 ? [] : [`${wrong} page${wrong === 1 ? '' : 's'} of sealed, verity or measured files changed in memory`];
  }
}

const MAX_SECONDS = 86_400;

export class SelfAudit {
  /** memory: tables, frames, counters. caches: TLB and decoded code say what tables and memory say. executable: W^X. contents: verified pages. Others add theirs. */
  readonly checks: AuditCheck[] = [new MemoryCheck(), new CachesCheck(), new ExecutableCheck(), new ContentsCheck()];
  /** When the trap loop runs the next one. */
  nextNs = Infinity;
  private periodNs = 0;
  private runs = 0;
  private lastNs = 0;
  private readonly kernel: Kernel;
  constructor(kernel: Kernel) { this.kernel = kernel; }

  /** An audit now; panics unless nothing is found. The number of findings. */
  run(): number {
    const k = this.kernel;
    this.runs++;
    this.lastNs = k.now();
    this.nextNs = this.periodNs === 0 ? Infinity : this.lastNs + this.periodNs;
    const findings = this.checks.flatMap(c => c.findings(k).map(f => `${c.name}: ${f}`));
    if (findings.length > 0) panic(k, `self-audit: ${findings.length} finding${findings.length === 1 ? '' : 's'}`, findings.slice(0, 20));
    return findings.length;
  }

  /** As soon as no call and no fault is in the middle of something: before a program runs again. */
  request(): void {
    this.nextNs = 0;
    this.kernel.sched.needResched = true;
  }

  /** Every so many seconds; 0: only on demand. */
  setPeriod(seconds: number): void {
    this.periodNs = seconds * 1e9;
    this.nextNs = seconds === 0 ? Infinity : this.kernel.now() + this.periodNs;
  }

  /** /sys/kernel/security/self_audit: `now`, or a period in seconds. */
  store(text: string): 0 | Errno {
    const word = text.trim();
    if (word === 'now') this.request();
    else if (/^\d{1,5}$/.test(word) && Number(word) <= MAX_SECONDS) this.setPeriod(Number(word));
    else return EINVAL;
    return 0;
  }

  get text(): string {
    return `period ${this.periodNs / 1e9}\nruns ${this.runs}\nlast ${(this.lastNs / 1e9).toFixed(6)}\nchecks ${this.checks.map(c => c.name).join(' ')}\n`;
  }
}
