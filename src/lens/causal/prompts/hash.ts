import { PromptSetError } from '../../api/errors';
import { sha256 } from '../../formats/sha256';

/** SHA-256 of a text's UTF-8, in hex. Throws PromptSetError where the platform gives no hash. */
export async function hashText(text: string): Promise<string> {
  const hash = await sha256(new TextEncoder().encode(text));
  if (hash === null)
    throw new PromptSetError(
      'Prompts are named by their SHA-256, which this page cannot take: open it over https or from localhost.',
    );
  return hash;
}
