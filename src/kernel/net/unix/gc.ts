// Sockets in flight (unix(7), SCM_RIGHTS): a socket that lies in the inbox of a socket that nobody but messages holds can never be received.
// When a close leaves a socket with no references but those in flight, such cycles are looked for and their inboxes emptied.
import type { OpenFile } from '../../vfs/open-file.ts';
import type { Inbox } from '../inbox.ts';
import { Socket } from '../socket.ts';
import type { UnixNames } from './names.ts';

/** A search costs as much as there is in flight: with more than a few, every so many closes only, so that its share per close is constant. */
const FEW = 128, SPARE = 8;

/** These descriptions were put into a message. */
export function tookFlight(names: UnixNames, files: readonly OpenFile[]): void {
  names.filesInFlight += files.length;
  for (const f of files) if (f instanceof Socket) names.inFlight.set(f, (names.inFlight.get(f) ?? 0) + 1);
}

/** They were received, or the message was thrown away. */
export function leftFlight(names: UnixNames, files: readonly OpenFile[]): void {
  names.filesInFlight -= files.length;
  for (const f of files) {
    if (!(f instanceof Socket)) continue;
    const left = (names.inFlight.get(f) ?? 0) - 1;
    if (left > 0) names.inFlight.set(f, left);
    else names.inFlight.delete(f);
  }
}

/** `closed` has lost a reference: if only messages hold it now, throws away what can no longer be reached. */
export function collectGarbage(names: UnixNames, closed: Socket): void {
  if (names.inFlight.get(closed) !== closed.refs) return;
  if (++names.closesSinceGc * SPARE < names.inFlight.size - FEW) return;
  names.closesSinceGc = 0;
  // Suspects are held by messages only; alive is what a message outside their circle holds, and what lies in the inboxes of the living.
  const suspects = new Map<Socket, number>();
  for (const [s, count] of names.inFlight) if (s.refs === count) suspects.set(s, count);
  for (const s of suspects.keys()) for (const f of filesIn(s)) if (suspects.has(f)) suspects.set(f, suspects.get(f)! - 1);
  const alive = [...suspects].filter(([, outside]) => outside > 0).map(([s]) => s);
  while (alive.length > 0) {
    const s = alive.pop()!;
    if (!suspects.delete(s)) continue;
    for (const f of filesIn(s)) if (suspects.has(f)) alive.push(f);
  }
  for (const s of suspects.keys()) for (const inbox of inboxesOf(s)) {
    if (inbox.isEmpty) continue;
    leftFlight(names, inbox.files());
    inbox.dropAll();
  }
}

/** What `s` has received, and what connections have that it has not accepted. */
const inboxesOf = (s: Socket): Inbox[] => [s.inbox, ...s.embryos().map(e => e.inbox)];

/** Sockets in the messages that lie there. */
const filesIn = (s: Socket): Socket[] => inboxesOf(s).flatMap(i => i.files()).filter(f => f instanceof Socket);
