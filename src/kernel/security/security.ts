// The kernel's security settings and what hangs on them: one object a kernel. The decisions themselves are functions of this folder.
import type { AuditSink } from './audit.ts';

export class Security {
  /** Collects audit records; null: nobody does. */
  audit: AuditSink | null = null;
}
