// How far a long transfer has come while its call is parked: bytes that the server has confirmed (or delivered) are not moved again by the next run.
import { LateReply } from '../../kernel/task/late-reply.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';

export class Progress extends LateReply {
  readonly file: OpenFile;
  /** Where the transfer began: O_APPEND looks at the size once. */
  readonly pos: number;
  done = 0;

  constructor(file: OpenFile, pos: number) {
    super();
    this.file = file;
    this.pos = pos;
  }

  override abandon(): void {}
}

/** What an earlier run of this call has done to `file`. */
export function progressOf(t: Task, file: OpenFile): Progress | null {
  if (t.restart === null) return null;
  for (const r of t.restart.replies) if (r instanceof Progress && r.file === file) return r;
  return null;
}

/** The transfer is parked: the next run goes on at `done`. */
export function keepProgress(t: Task, file: OpenFile, pos: number, done: number): void {
  let p = progressOf(t, file);
  if (p === null) t.record().replies.push(p = new Progress(file, pos));
  p.done = done;
}

/** The transfer is over; the same call may begin another one (sendfile(2)). */
export function dropProgress(t: Task, p: Progress): void {
  const { replies } = t.restart!;
  replies.splice(replies.indexOf(p), 1);
  t.restart!.replayed = 0;
}
