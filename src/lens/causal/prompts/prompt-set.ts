import type { InferOutput } from 'valibot';
import { CorruptFileError, PromptSetError } from '../../api/errors';
import { read, readJson } from '../../exchange/schemas';
import { type Exclusion, type PromptItem, type PromptSet, promptId } from './prompt';
import { promptFile } from './schema';
import { filled, MOST_PROMPTS } from './template';

const MOST_BYTES = 12_000_000;

/** An item as a file has it: its id may be missing. */
export type WrittenItem = Omit<PromptItem, 'id'> & { id?: string };

/** Gives every item its id. Throws CorruptFileError for an id of another text, and for a prompt that stands there
 *  twice. */
export async function identified(items: readonly WrittenItem[], file: string): Promise<PromptItem[]> {
  const seen = new Set<string>();
  const out: PromptItem[] = [];
  for (const [i, item] of items.entries()) {
    const id = await promptId(item);
    if (item.id !== undefined && item.id !== id)
      throw new CorruptFileError(
        `${file}: item ${i + 1} has the id ${item.id}, but its text and what it expects have ${id}: it was changed. Leave the id out to have it made again.`,
        { file, key: 'id' },
      );
    if (seen.has(id))
      throw new CorruptFileError(`${file}: item ${i + 1} stands there twice: leave one out.`, { file, key: 'items' });
    seen.add(id);
    const { id: _, ...rest } = item;
    out.push({ id, ...rest });
  }
  return out;
}

/** A prompt file as a set: its items, then what its templates make. A prompt that a template makes a second time is left
 *  out, and said to be. Throws CorruptFileError, and PromptSetError for a template that cannot be filled. */
export async function readPromptFile(bytes: Uint8Array, file: string): Promise<PromptSet & { name: string }> {
  if (bytes.length > MOST_BYTES)
    throw new CorruptFileError(`${file} has ${bytes.length} bytes; at most ${MOST_BYTES} are read.`, { file });
  return promptSetOf(readJson(promptFile, bytes, file), file);
}

/** The same for an object of such a file. */
export async function promptSetFrom(value: unknown, file: string): Promise<PromptSet & { name: string }> {
  return promptSetOf(read(promptFile, value, file), file);
}

async function promptSetOf(
  { name, source, split, items, templates }: InferOutput<typeof promptFile>,
  file: string,
): Promise<PromptSet & { name: string }> {
  const kept = await identified(items, file);
  const known = new Set(kept.map(({ id }) => id));
  const excluded: Exclusion[] = [];
  for (const made of templates.flatMap(filled)) {
    const normal = { ...made, text: made.text.normalize('NFC') };
    const id = await promptId(normal);
    if (known.has(id)) {
      excluded.push({ id, reason: 'duplicate', note: 'A template made this prompt a second time.' });
      continue;
    }
    known.add(id);
    kept.push({ id, ...normal });
    if (kept.length > MOST_PROMPTS)
      throw new PromptSetError(`“${name}” has more than ${MOST_PROMPTS} prompts: take a sample.`, { set: name });
  }
  if (kept.length === 0)
    throw new PromptSetError(`“${name}” holds no prompt: write items, or a template.`, { set: name });
  return { name, items: kept, split, source, excluded };
}
