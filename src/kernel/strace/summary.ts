// The table of `strace -c`: calls, errors and time per system call, most expensive first.
import { syscallName } from '../../abi/syscall-numbers.ts';

export class Summary {
  private readonly rows = new Map<number, { calls: number; errors: number; ns: number }>();

  add(nr: number, ns: number, failed: boolean): void {
    let row = this.rows.get(nr);
    if (row === undefined) this.rows.set(nr, (row = { calls: 0, errors: 0, ns: 0 }));
    row.calls++;
    row.ns += ns;
    if (failed) row.errors++;
  }

  /** The finished table, a line each. */
  lines(): string[] {
    const RULE = '------ ----------- ----------- --------- --------- ----------------';
    const rows = [...this.rows].sort((a, b) => b[1].ns - a[1].ns || b[1].calls - a[1].calls);
    const total = rows.reduce((s, [, r]) => ({ calls: s.calls + r.calls, errors: s.errors + r.errors, ns: s.ns + r.ns }), { calls: 0, errors: 0, ns: 0 });
    return [
      '% time     seconds  usecs/call     calls    errors syscall', RULE,
      ...rows.map(([nr, r]) => line(total.ns === 0 ? 0 : (100 * r.ns) / total.ns, r, syscallName(nr))),
      RULE, line(100, total, 'total'),
    ];
  }
}

function line(share: number, r: { calls: number; errors: number; ns: number }, name: string): string {
  const perCall = r.calls === 0 ? 0 : Math.round(r.ns / r.calls / 1000);
  return `${share.toFixed(2).padStart(6)} ${(r.ns / 1e9).toFixed(6).padStart(11)} ${String(perCall).padStart(11)} `
    + `${String(r.calls).padStart(9)} ${(r.errors === 0 ? '' : String(r.errors)).padStart(9)} ${name}`;
}
