#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { run } from './main';

/** The package's bin `lenslet`, built into one file beside package.json. */

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());

process.exitCode = await run(process.argv.slice(2), {
  home: fileURLToPath(new URL('.', import.meta.url)),
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
  signal: ended.signal,
});
