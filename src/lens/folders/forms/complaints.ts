import { UnsupportedModelError } from '../../api/errors';
import { shown } from '../../formats/json';

/** Collects the keys of a configuration that ask for another computation, so that all are named at once. */
export class Complaints {
  private readonly found: { key: string; sentence: string }[] = [];

  constructor(private readonly file: string) {}

  /** `why` continues "which Lenslet does not read: …". */
  add(key: string, value: unknown, why: string): void {
    this.found.push({ key, sentence: `"${key}" is ${shown(value)}: ${why}` });
  }

  /** Throws UnsupportedModelError if there were any, with `fields.keys`. */
  check(): void {
    if (this.found.length === 0) return;
    const keys = this.found.map(({ key }) => key);
    throw new UnsupportedModelError(
      `${this.file} is of a dictionary that Lenslet cannot read. ${this.found.map(({ sentence }) => sentence).join('; ')}. Do not edit the file to have it opened: its codes would be wrong.`,
      { file: this.file, key: keys[0], keys },
    );
  }
}
