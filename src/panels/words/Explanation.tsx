import { useMemo } from 'react';
import { score } from '../../lens/maths/figures';
import type { Chip } from '../../state/reading/chips';
import { placesOf, type TextPlace } from '../../state/reading/places';
import type { Confidence } from '../../state/words/confidence';
import { type Quote, quotesOf } from '../../state/words/quotes';
import { isToken, type VerbalRecord, type VerbalSample } from '../../state/words/record';
import { recurrence } from '../../state/words/recurrence';
import { markedLevels, quotesSay } from './explanation-marks';

interface Props {
  record: VerbalRecord;
  shown: number;
  /** What is written in place of the sample's own text, where the reader has edited it. */
  text?: string;
  dropped?: ReadonlySet<string>;
  confidence: Confidence | null;
  /** The text is still being written: what takes all of it is not told yet. */
  writing: boolean;
  chips: readonly Chip[];
}

/** Where the chips stand in the text that is quoted; none where that is a part of theirs. */
type Places = readonly (TextPlace | null)[];

const FORMS: Record<Quote['kind'], string> = {
  verbatim: 'In the text',
  ahead: 'Ahead of the token, which has not read it yet',
  predicted: 'Not in the text',
};

/** One sample's words: its levels in serif, quotes and recurring claims marked; pale and dotted where they are not to
 *  be trusted. */
export function Explanation({ record, shown, text, dropped, confidence, writing, chips }: Props) {
  const sample = record.samples[shown]!;
  const own = text ?? sample.text;
  const { target } = record;
  const quotes = useMemo(
    () => (isToken(target) && target.text !== null ? quotesOf(own, target.text, target.span?.[1] ?? null) : []),
    [own, target],
  );
  const places = useMemo(
    () => (quotes.length && isToken(target) && target.whole ? placesOf(target.text ?? '', chips) : []),
    [quotes, target, chips],
  );
  const counts = useMemo(
    () =>
      writing || record.samples.length < 2 || own !== sample.text
        ? []
        : recurrence(
            record.samples.map((s) => s.text),
            shown,
          ),
    [writing, record, shown, own, sample],
  );
  const levels = useMemo(() => markedLevels(own, quotes, counts, writing), [own, quotes, counts, writing]);
  const of = record.samples.length;
  const classes = confidence === 'low' ? 'explanation explanation-low' : 'explanation';
  if (sample.pieces && own === sample.text) return <Relevant pieces={sample.pieces} />;
  return (
    <div className={classes} data-testid="explanation" data-confidence={confidence ?? undefined}>
      {levels.map(({ title, claims }) => (
        <div key={claims[0]!.from} className="explanation-level">
          {title && <h3>{title}</h3>}
          <p>
            {claims.map((claim) => (
              <span key={claim.from} className={dropped?.has(claim.text) ? 'claim claim-dropped' : 'claim'}>
                {claim.stretches.map(({ text: words, quote }, i) =>
                  quote ? (
                    <span
                      key={quote.from}
                      className="quote"
                      data-kind={quote.kind}
                      title={quoteSays(quote, places, chips)}
                    >
                      {unbroken(words)}
                    </span>
                  ) : (
                    // The space between sentences belongs to a text: on its own it would move to the next line, and
                    // count as what moves.
                    unbroken(i === claim.stretches.length - 1 ? `${words} ` : words)
                  ),
                )}
                {claim.samples > 1 && (
                  <span className="claim-count figures" title={`${claim.samples} of ${of} samples say so`}>
                    <span aria-hidden="true">
                      {claim.samples}/{of}
                    </span>
                    <span className="hidden">{`, in ${claim.samples} of ${of} samples,`}</span>
                  </span>
                )}
                {claim.stretches.at(-1)?.quote && ' '}
              </span>
            ))}
          </p>
        </div>
      ))}
      {!writing && <p className="caption">{quotesSay(quotes)}</p>}
    </div>
  );
}

/** Text of a source without a reconstructor: under each piece, how much of its probability came from the vector. */
function Relevant({ pieces }: { pieces: NonNullable<VerbalSample['pieces']> }) {
  const most = Math.max(...pieces.map(({ relevancy }) => relevancy), 1e-9);
  return (
    <div className="explanation explanation-short" data-testid="explanation">
      <p>
        {pieces.map(({ text, relevancy }, i) => (
          // Pieces have no identity but their place.
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={i}
            className="relevant"
            style={{ '--relevancy': `${((relevancy / most) * 100).toFixed(0)}%` } as React.CSSProperties}
            title={`Relevancy ${score(relevancy)}: change of this token’s probability without the activation`}
          >
            {text}
          </span>
        ))}
      </p>
      <p className="caption">
        Underline: how much of each token’s probability came from the activation, 0 to {score(most)}.
      </p>
    </div>
  );
}

/** A quote that begins with a space must not leave its first mark on the line before, nor move there once it is
 *  closed. */
const unbroken = (text: string): string => text.replaceAll(/([“"「『«]) /g, '$1\u00a0');

function quoteSays({ kind, at }: Quote, places: Places, chips: readonly Chip[]): string {
  const place = at && placeOf(at, places, chips);
  return place ? `${FORMS[kind]}, ${place}.` : `${FORMS[kind]}.`;
}

/** Which tokens a stretch of the text is in. */
function placeOf([from, to]: TextPlace, places: Places, chips: readonly Chip[]): string | null {
  const within = chips.filter((_, i) => places[i] && places[i][1] > from && places[i][0] < to);
  const [first, last] = [within[0]?.from, within.at(-1)?.to];
  if (first === undefined) return null;
  return first === last ? `token ${first}` : `tokens ${first} to ${last}`;
}
