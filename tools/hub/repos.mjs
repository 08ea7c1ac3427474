import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Files that the Hub keeps outside of git: stated with their SHA-256 and answered by a redirect to another host. */
const LARGE = /\.(safetensors|pt|bin|gz|zip|onnx|gguf)$/;
const LARGE_FROM = 10e6;

/** Repositories of a folder ROOT/Owner/name, with branches and commits: a commit is a folder as it was when it was
 *  first seen.
 *  @typedef {{ path: string, file: string, size: number, mtimeMs: number, lfs: boolean }} Entry
 *  @typedef {Map<string, Entry>} Files By path.
 *  @typedef {{ branches: Map<string, string>, commits: Map<string, Files> }} Repo `branches`: the commit of each. */
export class Repos {
  #root;
  /** @type {Map<string, Repo>} */
  #repos = new Map();
  /** @type {Map<string, Promise<string>>} */
  #hashes = new Map();

  constructor(/** @type {string} */ root) {
    this.#root = root;
  }

  /** `name` at `revision`; null if there is no such repository, `{ commit: null }` if it has no such revision.
   *  @returns {Promise<{ commit: string, files: Files } | { commit: null, files?: undefined } | null>} */
  async at(/** @type {string} */ name, /** @type {string} */ revision) {
    if (!this.#repos.has(name)) {
      const [owner, repo] = name.split('/');
      const directory = join(this.#root, owner, repo);
      const found = name.includes('..') ? null : await stat(directory).catch(() => null);
      if (!found?.isDirectory()) return null;
      await this.publish(name, directory, 'main');
    }
    const { branches, commits } = /** @type {Repo} */ (this.#repos.get(name));
    const commit = branches.get(revision === 'HEAD' ? 'main' : revision) ?? revision;
    const files = commits.get(commit);
    return files ? { commit, files } : { commit: null };
  }

  /** Moves a branch to what `directory` holds now. Older commits are served as before. */
  async publish(/** @type {string} */ name, /** @type {string} */ directory, /** @type {string} */ branch) {
    const files = /** @type {Files} */ (new Map());
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath ?? entry.path, entry.name);
      const path = file
        .slice(directory.length + 1)
        .split(sep)
        .join('/');
      const { size, mtimeMs } = await stat(file);
      files.set(path, { path, file, size, mtimeMs, lfs: LARGE.test(path) || size >= LARGE_FROM });
    }
    const sorted = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
    const listing = Array.from(sorted.values(), ({ path, size, mtimeMs }) => `${path}\0${size}\0${mtimeMs}\n`);
    const commit = createHash('sha1')
      .update([name, directory, ...listing].join('\n'))
      .digest('hex');
    const repo = this.#repos.get(name) ?? { branches: new Map(), commits: new Map() };
    repo.branches.set(branch, commit);
    repo.commits.set(commit, sorted);
    this.#repos.set(name, repo);
    return commit;
  }

  /** SHA-256 of a large file, as git-lfs names it; taken once. */
  sha256(/** @type {Entry} */ { file, size, mtimeMs }) {
    return this.#once(`sha256 ${file} ${size} ${mtimeMs}`, async () => {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(file, { highWaterMark: 4 << 20 })) hash.update(chunk);
      return hash.digest('hex');
    });
  }

  /** git's name of a blob; for a large file, the name of its pointer. */
  oid(/** @type {Entry} */ entry) {
    return this.#once(`oid ${entry.file} ${entry.size} ${entry.mtimeMs}`, async () => {
      const content = entry.lfs
        ? Buffer.from(pointer(await this.sha256(entry), entry.size))
        : await readFile(entry.file);
      return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    });
  }

  /** As the Hub says it: `license` and `license_name` of the README's front matter. */
  async card(/** @type {Files} */ files) {
    const readme = files.get('README.md');
    const text = readme ? await readFile(readme.file, 'utf8') : '';
    const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
    return Object.fromEntries(
      [...front.matchAll(/^(license|license_name):\s*(\S+)\s*$/gm)].map(([, key, value]) => [key, value]),
    );
  }

  #once(/** @type {string} */ key, /** @type {() => Promise<string>} */ take) {
    const taken = this.#hashes.get(key) ?? take();
    this.#hashes.set(key, taken);
    return taken;
  }
}

export function pointer(/** @type {string} */ sha256, /** @type {number} */ size) {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
}

/** Bytes [begin, end) of a file in pieces, never the whole file.
 *  @param {string} file
 *  @param {number} begin
 *  @param {number} end */
export async function* fileBytes(file, begin, end, piece = 256 << 10) {
  const handle = await open(file);
  try {
    for (let at = begin; at < end; ) {
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(Math.min(piece, end - at)),
        0,
        Math.min(piece, end - at),
        at,
      );
      if (!bytesRead) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
