import type { Snippet, SnippetToken } from '../../lens/api/feature';
import { shade } from '../../state/base/shade';
import { type Chip, chipsOf } from '../../state/reading/chips';

/** A chip of a snippet: its latent, the largest of its tokens', and how it is filled. */
export interface Mark extends Chip {
  value: number;
  fill: number;
}

/** A snippet as a line of a concordance: what stands before the peak, the peak, what follows. */
interface SnippetLine {
  text: string;
  before: Mark[];
  peak: Mark;
  after: Mark[];
}

/** Filled on the scale of the tokens above, up to `maximum`. */
export function lineOf({ tokens, peak }: Pick<Snippet, 'tokens' | 'peak'>, maximum: number): SnippetLine {
  const marks = chipsOf(tokens).map((chip): Mark => {
    const value = tokens
      .slice(chip.from, chip.to + 1)
      .reduce((most: number, token: SnippetToken) => Math.max(most, token.value), 0);
    return { ...chip, value, fill: shade(value, maximum) };
  });
  const at = marks.findIndex(({ from, to }) => from <= peak && peak <= to);
  return {
    text: marks.map(({ text }) => text).join(''),
    before: marks.slice(0, at),
    peak: marks[at]!,
    after: marks.slice(at + 1),
  };
}

/** Snippets of one band and one source. */
export interface SnippetGroup {
  band: number;
  source: Snippet['source'];
  snippets: Snippet[];
}

/** In the snippets' order, band by band; within a band what the model wrote comes first. */
export function groupsOf(snippets: readonly Snippet[]): SnippetGroup[] {
  const groups: SnippetGroup[] = [];
  for (const snippet of snippets) {
    const group = groups.find(({ band, source }) => band === snippet.band && source === snippet.source);
    if (group) group.snippets.push(snippet);
    else groups.push({ band: snippet.band, source: snippet.source, snippets: [snippet] });
  }
  return groups.sort(
    (a, b) => a.band - b.band || Number(a.source === 'arithmetic') - Number(b.source === 'arithmetic'),
  );
}
