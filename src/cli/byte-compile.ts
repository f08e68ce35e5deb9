// Byte code for Python's library: Debian's packages make it in a maintainer script (py3compile), which we do not run. Without it every program
// compiles what it imports, every time. Here the new image's own Python does it, in our own machine, for the modules that programs import most.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { S_IFREG } from '../host/image-tree.ts';
import { DirFs } from '../host/node/dir-fs.ts';
import { NullPort } from '../host/node/stdio.ts';
import type { ImageBuilder } from '../image/builder.ts';
import type { Progress } from '../image/progress.ts';
import { boot } from './boot.ts';

/** Modules whose import compiles them and what they import. A fixed list: two builds of the same packages are alike. */
const MODULES = `argparse ast base64 bisect calendar codecs collections concurrent.futures configparser contextlib copy csv ctypes dataclasses datetime
  decimal difflib email.message enum fnmatch fractions functools getopt getpass glob gzip hashlib heapq html http.client importlib.metadata inspect io
  itertools json locale logging math multiprocessing numbers operator os pathlib pickle platform pprint queue random re runpy sched select selectors
  shlex shutil signal site socket sqlite3 ssl stat statistics string struct subprocess sysconfig tarfile tempfile textwrap threading time timeit
  tokenize traceback types typing unittest urllib.parse urllib.request uuid venv warnings weakref xml.etree.ElementTree zipfile asyncio`.split(/\s+/);

const OUT = '/run/pycache';
const SCRIPT = `import importlib, sys
for name in sys.argv[1:]:
    try: importlib.import_module(name)
    except Exception: pass # not in this image: part of another package`;
/** Under heavy load the image is finished without. */
const LIMIT_MS = 300_000;

/** Adds __pycache__ directories to an image under construction that has Python; says so when that fails, which harms nothing but speed. */
export async function byteCompile(builder: ImageBuilder, progress: Progress): Promise<void> {
  const { tree } = builder;
  if (tree.find('/usr/bin/python3', 'follow') === undefined) return;
  progress.step('compiling the Python library, once');
  const out = mkdtempSync(join(tmpdir(), 'kspace-pycache-'));
  try {
    const failed = await runPython(builder, out).catch((e: unknown) => (e as Error).message);
    if (failed !== undefined) progress.say(`the Python library was not compiled to its end (${failed}): some programs start more slowly`);
    for (const path of readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(p => p.endsWith('.pyc')).sort()) {
      const bytes = readFileSync(join(out, path));
      const place = `/${dirname(path)}/__pycache__/${basename(path)}`;
      const source = tree.find(`/${dirname(path)}`, 'follow');
      if (source?.isDirectory) tree.put(place, { mode: S_IFREG | 0o644, mtimeSec: source.mtimeSec, ...builder.store(bytes) });
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Undefined when all went well, else what went wrong. */
async function runPython(builder: ImageBuilder, out: string): Promise<string | undefined> {
  const root = builder.view();
  const cache = new DirFs(out, { access: 'read-write' });
  const machine = await boot({
    memoryBytes: 256 << 20, hostname: 'build', seed: undefined, root: root.fs, rootAccess: 'overlay',
    mounts: [{ target: OUT, fs: cache, access: 'read-write' }], console: undefined, trace: undefined,
  });
  try {
    const quiet = { kind: 'streams', stdin: new NullPort(), stdout: new NullPort(), stderr: new NullPort() } as const;
    const started = machine.spawn({
      argv: ['/usr/bin/python3', '-c', SCRIPT, ...MODULES], env: [`PYTHONPYCACHEPREFIX=${OUT}`, 'PATH=/usr/bin', 'HOME=/root'], cwd: '/', uid: 0, gid: 0, stdio: quiet,
    });
    if (typeof started === 'number') return 'it could not be started';
    const timer = setTimeout(() => started.signal(9), LIMIT_MS);
    const ending = await started.wait();
    clearTimeout(timer);
    return ending.kind === 'exited' && ending.status === 0 ? undefined : ending.kind === 'exited' ? `status ${ending.status}` : `signal ${ending.signal}`;
  } finally {
    await machine.stop();
    cache.close();
    root.close();
  }
}
