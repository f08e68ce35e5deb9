// Loads a bundle with the code that V8 has compiled of it before (BUNDLE.cache, made by tools/code-cache.cjs): nothing is parsed, and what a former run
// called is compiled already. One that does not fit, or is damaged, is left aside, and the bundle loaded as Node loads any file.
'use strict';
const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { cachedDataVersionTag } = require('node:v8');
const { Script } = require('node:vm');

/**
 * A cache: V8's tag of its version, flags and processor (8 bytes), the stamp of the bundle, the SHA-256 of the data, the data. The stamp is the SHA-256
 * that the build ends a bundle with. V8 itself compares no more than the length of the source, and trusts the data.
 */
const TAG = 8, STAMP = 64, HEAD = TAG + STAMP + 32;

/** Runs the bundle, from its cache if that fits. */
exports.start = function start(bundle) {
  const cache = readCache(bundle);
  if (cache === undefined) {
    // Node 22 and newer keep the compiled code for the next start.
    Module.enableCompileCache?.();
    require(bundle);
    return;
  }
  const source = readFileSync(bundle, 'latin1');
  const fits = cache.toString('latin1', TAG, TAG + STAMP) === source.slice(-STAMP);
  evaluate(compile(bundle, source, fits ? cache.subarray(HEAD) : undefined), bundle);
};

/** Runs the bundle from its source, and keeps the code as it is when the process ends. `before`: undoes what the run has done to V8's flags, which the tag is of. */
exports.record = function record(bundle, before) {
  const source = readFileSync(bundle, 'latin1'), tag = Buffer.alloc(TAG), script = compile(bundle, source, undefined);
  tag.writeUInt32LE(cachedDataVersionTag());
  process.on('exit', () => {
    before();
    const data = script.createCachedData();
    writeFileSync(cacheOf(bundle), Buffer.concat([tag, Buffer.from(source.slice(-STAMP), 'latin1'), sha256(data), data]));
  });
  evaluate(script, bundle);
};

const cacheOf = bundle => bundle.replace(/\.cjs$/, '.cache');

const sha256 = bytes => createHash('sha256').update(bytes).digest();

/** Undefined where there is none for this V8. */
function readCache(bundle) {
  try {
    const cache = readFileSync(cacheOf(bundle));
    return cache.readUInt32LE(0) === cachedDataVersionTag() && sha256(cache.subarray(HEAD)).equals(cache.subarray(TAG + STAMP, HEAD)) ? cache : undefined;
  } catch {
    return undefined;
  }
}

/** Bundles are ASCII (esbuild's charset), so that a byte is a character; as a script, one is a function (tools/build.mjs). */
function compile(filename, source, cachedData) {
  return new Script(source, { filename, cachedData });
}

function evaluate(script, bundle) {
  script.runInThisContext()(Module.createRequire(bundle), bundle, name => import(name));
}
