// machine REPORT RUNS IMAGE DATA SRC PROGRAM ARGS…: an image of the store, DATA at /data and SRC at /src, and the program so many times in this one machine, as users of
// the library run programs. What the last run prints is printed, and `cpu-ms wall-ms`, medians of the last three runs, go to REPORT: CPU time is that of all threads, user and system.
import { writeFileSync } from 'node:fs';
import { buffer, text } from 'node:stream/consumers';
import { boot, type Machine } from '../../../src/system/api.ts';

const [report, runs, image, data, src, ...argv] = process.argv.slice(2) as [string, string, string, string, string, ...string[]];
const machine = await boot({ image, mounts: { '/data': { path: data, readOnly: true }, '/src': { path: src, readOnly: true } } });
const cpus: number[] = [], walls: number[] = [];
for (let i = 1; i <= Number(runs); i++) {
  const cpu = process.cpuUsage(), wall = performance.now();
  const { stdout, stderr, code } = await run(machine);
  const used = process.cpuUsage(cpu), took = performance.now() - wall;
  if (code !== 0) {
    console.error(`run ${i} of ${argv[0]} ended with status ${code}, not 0: ${stderr}`);
    process.exitCode = 1;
    break;
  }
  cpus.push((used.user + used.system) / 1000);
  walls.push(took);
  if (i < Number(runs)) continue;
  process.stdout.write(stdout);
  writeFileSync(report, `${median(cpus.slice(-3))} ${median(walls.slice(-3))}\n`);
}
await machine.stop();

function median(values: readonly number[]): number { return values.toSorted((a, b) => a - b)[values.length >> 1]!; }

/** Machine.run() with the bytes of its output, which need not be text. */
async function run(machine: Machine): Promise<{ stdout: Buffer; stderr: string; code: number }> {
  const p = machine.spawn(argv);
  const [stdout, stderr, { code }] = await Promise.all([buffer(p.stdout), text(p.stderr), p.status, p.stdin.close()]);
  return { stdout, stderr, code };
}
