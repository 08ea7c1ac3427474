import type { Lens } from '../lens/api/lens';

/** Fetches the font slices of every Han character that the tokenizer holds, so that the page can write them without a
 *  network. Slices come by range on demand otherwise, and a model that turns to Chinese offline would show blank
 *  boxes. */
export async function precacheHan(lens: Lens): Promise<void> {
  const { han } = lens.info;
  if (han !== '') await document.fonts.load('15px "Noto Sans SC Variable"', han).catch(() => undefined);
}
