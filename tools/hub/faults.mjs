/** What can go wrong, by kind; the fields that it needs. `path`: `*` stands for any characters; matched against the
 *  whole path of a request without its query, where `/cdn/…` is named after the file it stands for:
 *  `/cdn/Owner/name/model.safetensors`. `times`: how often, for ever where it is not said.
 *  @typedef {{ at?: number, after?: number, by?: number, rate?: number, status?: number, retryAfter?: number | string,
 *    code?: string, silent?: boolean }} Fields
 *  @typedef {Fields & { kind: keyof typeof KINDS, path?: string, times?: number }} Fault
 *  @typedef {Fields & { pattern: RegExp, kind: string, times: number }} Awaiting */
const KINDS = {
  /** The connection ends before byte `at` of the file, or after `after` bytes of an answer. */
  cut: ['at', 'after'],
  /** The same, but the connection stays open without another byte. */
  stall: ['at', 'after'],
  /** Content-Length is wrong by `by`. */
  length: ['by'],
  /** `rate` bytes a second. */
  slow: ['rate'],
  /** `status`; with `retryAfter` in seconds, and `code` as X-Error-Code. */
  status: ['status', 'retryAfter', 'code'],
  /** The byte at `at` of the file is another one. */
  alter: ['at'],
  /** Ranges are ignored: 200 and the whole file. */
  whole: [],
  /** The answer is of a place `by` bytes further on, and says so unless `silent`. */
  shift: ['by', 'silent'],
  /** A login page of the network, with status 200. */
  page: [],
  /** Content-Range is not sent, as a host that does not expose it looks like. */
  hidden: [],
};

export class Faults {
  #list = /** @type {Awaiting[]} */ ([]);

  /** Throws RangeError for an unknown kind or field: a misspelt fault would prove nothing. */
  add(/** @type {Fault} */ fault) {
    const { path = '*', kind, times = Number.POSITIVE_INFINITY, ...fields } = fault;
    const known = Object.hasOwn(KINDS, kind) ? /** @type {string[]} */ (KINDS[kind]) : null;
    const unknown = Object.keys(fields).filter((field) => !known?.includes(field));
    if (!known || unknown.length) throw new RangeError(`no fault ${JSON.stringify(fault)}`);
    const pattern = new RegExp(`^${path.split('*').map(escaped).join('.*')}$`, 's');
    this.#list.push({ pattern, kind, times, ...fields });
  }

  clear() {
    this.#list = [];
  }

  /** The fault of this kind that this path meets now, where `meets` agrees; each time counts.
   *  @param {Fault['kind']} kind
   *  @param {string} path
   *  @param {(fault: Awaiting) => boolean} meets */
  take(kind, path, meets = () => true) {
    const fault = this.#list.find(
      (each) => each.kind === kind && each.times > 0 && each.pattern.test(path) && meets(each),
    );
    if (fault) fault.times--;
    return fault ?? null;
  }
}

function escaped(/** @type {string} */ text) {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
