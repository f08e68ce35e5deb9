// Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002): the smallest case that shows the same finding.
import type { Action, Case, Round } from './action.ts';

/** The finding of a case that is done again on a fresh machine; '' for none. */
export type Trial = (rounds: readonly Round[]) => string;

/** What makes two findings the same: their words without the numbers. An oops is where it was thrown. */
export function signature(finding: string): string {
  if (!finding.startsWith('oops')) return finding.split('\n')[0]!.split(';')[0]!.replace(/[0-9a-f]*\d[0-9a-f]*/g, 'N').split(',')[0]!;
  const lines = finding.split('\n').map(l => l.replace(/^.*?\] /, ''));
  if (lines[1]?.startsWith('RangeError: Maximum') === true) return lines[1];
  return lines.slice(1, 3).join(' ').replace(/:\d+:\d+\)/, ')').replace(/-?\d+/g, 'N');
}

/** Fewer rounds, then fewer actions of the last one, then fewer bytes that come with them. */
export function minimise(found: Case, trial: Trial, say: (text: string) => void): Case {
  const wanted = signature(found.finding);
  const shows = (rounds: readonly Round[]): boolean => signature(trial(rounds)) === wanted;
  let { rounds } = found;
  if (!shows(rounds)) {
    say('it does not happen again');
    return found;
  }
  rounds = fewer(rounds, shows);
  for (let i = rounds.length - 1; i >= 0; i--) {
    const round = rounds[i]!;
    const put = (actions: readonly Action[]): Round[] => rounds.map((r, j) => (j === i ? { ...round, actions } : r));
    rounds = put(fewer(round.actions, actions => shows(put(actions)), n => say(`${n} actions`)));
    rounds = put(plainer(rounds[i]!.actions, actions => shows(put(actions))));
  }
  return { ...found, rounds };
}

/** ddmin: takes parts away, smaller and smaller ones, as long as `shows` holds. */
export function fewer<T>(all: readonly T[], shows: (some: readonly T[]) => boolean, progress: (n: number) => void = () => { /* nobody wants to know */ }): readonly T[] {
  let now = all;
  for (let parts = 2; now.length > 1;) {
    const size = Math.ceil(now.length / parts);
    let smaller: readonly T[] | null = null;
    for (let at = 0; at < now.length && smaller === null; at += size) {
      const rest = [...now.slice(0, at), ...now.slice(at + size)];
      if (shows(rest)) smaller = rest;
    }
    if (smaller !== null) {
      now = smaller;
      progress(now.length);
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return now;
    else parts = Math.min(now.length, parts * 2);
  }
  return now;
}

/** Without the stores that do not matter. */
function plainer(actions: readonly Action[], shows: (some: readonly Action[]) => boolean): readonly Action[] {
  let now = actions;
  actions.forEach((a, i) => {
    for (let s = a.stores.length - 1; s >= 0; s--) {
      const without = now.map((b, j) => (j === i ? { ...b, stores: b.stores.filter((_, k) => k !== s) } : b));
      if (shows(without)) now = without;
    }
  });
  return now;
}
