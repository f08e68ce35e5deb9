// Audit records as JSON lines: one object a line, numbered, so that a gap shows.
import { type AuditRecord, AuditSink } from '../../kernel/security/audit.ts';

/** Takes whole lines, newline included. */
export type LineWriter = (line: string) => void;

export class AuditLog extends AuditSink {
  readonly #write: LineWriter;
  #seq = 0;
  constructor(write: LineWriter) {
    super();
    this.#write = write;
  }
  override record(r: AuditRecord): void { this.#write(`${JSON.stringify({ seq: this.#seq++, ...r })}\n`); }
}
