// What `--driver-stats` prints when the machine stops: each device with its driver, where that ran, what it did, and what a request took.
import { CoreLink } from '../drivers/placement/link.ts';
import type { Kernel } from '../kernel/kernel.ts';

const HEAD = ['DEVICE', 'DRIVER', 'PLACEMENT', 'STATE', 'REQUESTS', 'RESTARTS', 'NS/REQUEST'] as const;

/** A table, a line a device. Times are the machine's: under a seed a request takes none. */
export function driverTable(kernel: Kernel): string {
  const rows = (kernel.hardware?.devices ?? []).flatMap(d => (d.handler instanceof CoreLink ? [rowOf(d.child?.name ?? d.name, d.handler)] : []));
  const widths = HEAD.map((_, i) => Math.max(...[HEAD, ...rows].map(r => r[i]!.length)));
  return [HEAD, ...rows].map(r => `${r.map((cell, i) => (i < 4 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ').trimEnd()}\n`).join('');
}

function rowOf(device: string, link: CoreLink): readonly string[] {
  const { requests, requestNs, restarts } = link;
  return [device, link.front.name, link.placement, link.state, String(requests), String(restarts), requests === 0 ? '-' : String(Math.round(requestNs / requests))];
}
