// Job control at the terminal: who may read, write and change settings (credentials(7), tcsetpgrp(3); POSIX XBD 11.1.4).
import { type Errno, EIO, ENOTTY, EPERM, ERESTARTSYS } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { SIGTTIN, SIGTTOU, SIG_IGN, SI_KERNEL } from '../../abi/signal.ts';
import { sendToGroup } from '../../kernel/signal/send.ts';
import { inSet } from '../../kernel/signal/sets.ts';
import { isOrphaned } from '../../kernel/task/job-control.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Tty } from './tty.ts';

/** A background process reads: SIGTTIN stops its group; EIO if it will not be stopped, or nobody could continue it. */
export function mayRead(t: Task, tty: Tty): 0 | Errno {
  if (!isBackground(t, tty)) return 0;
  if (shuns(t, SIGTTIN) || isOrphaned(t.process.group)) return EIO;
  sendToGroup(t.process.group, { signo: SIGTTIN, code: SI_KERNEL });
  return ERESTARTSYS;
}

/** A background process changes the terminal (or writes, with TOSTOP): SIGTTOU, unless it ignores or blocks that. */
export function mayChange(t: Task, tty: Tty): 0 | Errno {
  if (!isBackground(t, tty) || shuns(t, SIGTTOU)) return 0;
  if (isOrphaned(t.process.group)) return EIO;
  sendToGroup(t.process.group, { signo: SIGTTOU, code: SI_KERNEL });
  return ERESTARTSYS;
}

/** TIOCSCTTY: a session leader without a terminal takes one that is free; root may steal it with argument 1. */
export function setControlling(t: Task, tty: Tty, steal: number): 0 | Errno {
  const { session } = t.process;
  if (session.leader === t.process && session.tty === tty) return 0;
  if (session.leader !== t.process || session.tty !== null) return EPERM;
  if (tty.session !== null) {
    if (steal !== 1 || !t.cred.has(CAP_SYS_ADMIN)) return EPERM;
    tty.session.tty = null;
  }
  tty.acquire(t.process);
  return 0;
}

/** TIOCNOTTY: a leader takes the terminal from the whole session, another process only from itself. */
export function giveUp(t: Task, tty: Tty): 0 | Errno {
  const { session } = t.process;
  if (t.process.tty !== tty) return ENOTTY;
  if (session.leader === t.process) tty.disassociate(t.process, 'given up');
  else t.process.ttyGivenUp = tty;
  return 0;
}

const isBackground = (t: Task, tty: Tty): boolean =>
  t.process.tty === tty && tty.foreground !== null && tty.foreground !== t.process.group;

function shuns(t: Task, sig: number): boolean {
  return inSet(t.sigmaskLo, t.sigmaskHi, sig) || t.handlers.actions[sig]!.handler === SIG_IGN;
}
