// Audit records: what security modules, seccomp and policies decided, as plain objects. Who collects them (a file of JSON lines, a test) is attached
// from outside, as a tracer is; without a collector a record costs one test.

export interface AuditRecord {
  readonly event: 'seccomp' | 'policy' | 'landlock' | 'yama' | 'lockdown' | 'capability' | 'integrity' | 'wx';
  readonly pid: number;
  readonly uid: number;
  readonly comm: string;
  readonly [detail: string]: string | number | boolean | readonly (string | number)[];
}

/** A name that a process gave itself, fit for a line of the kernel's log: no control characters, no quotes. */
export const printable = (name: string): string => name.replace(/[^ !#-~]/g, '?');

/** Takes records in the order of their making. Must not call into the kernel. */
export abstract class AuditSink {
  abstract record(r: AuditRecord): void;
}
