import { memo, type Ref } from 'react';
import { score as two } from '../../lens/maths/figures';
import { aroundOf, type LogEntry, timeOf } from '../../state/log/record';
import { excerptOf, foundSample } from '../../state/log/search';
import { confidenceOf, confidenceTitle } from '../../state/words/confidence';
import { siteSays, sourceSays, timeSays } from './log-words';
import { Marked } from './Marked';

interface Props {
  id: string;
  entry: LogEntry;
  words: readonly RegExp[];
  chosen: boolean;
  index: number;
  of: number;
  top: number;
  onChoose: (entry: LogEntry) => void;
  ref: Ref<HTMLDivElement>;
}

/** A verbalization in a few lines: where, what it says, how far that holds, and how it was made. */
export const LogRow = memo(function LogRow({ id, entry, words, chosen, index, of, top, onChoose, ref }: Props) {
  const sample = entry.samples[foundSample(entry, words)]!;
  const confidence = confidenceOf(sample.score);
  return (
    // The search line has the focus and the keys; see aria-activedescendant there.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      ref={ref}
      id={id}
      className="log-row"
      role="option"
      aria-selected={chosen}
      aria-posinset={index + 1}
      aria-setsize={of}
      data-testid="log-row"
      data-id={entry.id}
      data-index={index}
      style={{ top }}
      onClick={() => onChoose(entry)}
    >
      <span className="log-place">
        <Place entry={entry} words={words} />
      </span>
      <span className={confidence === 'low' ? 'log-words log-low' : 'log-words'}>
        <span className="log-said">
          <Marked text={excerptOf(sample.text, words)} words={words} />
        </span>
      </span>
      <span className="log-score figures">
        <span className="hidden">score </span>
        <b className="log-strong">{confidence ? confidenceTitle[confidence] : 'No score'}</b>{' '}
        {confidence && two(sample.score?.fve)}
        <span className="caption log-beside">
          {entry.controls?.shuffled ? `shuffled ${two(entry.controls.shuffled.fve)}` : confidence && 'no control'}
        </span>
      </span>
      <span className="log-made caption figures">
        <span className="log-line">
          {entry.layer === null && entry.source === null
            ? 'source not known'
            : `${siteSays(entry.layer)}, ${sourceSays(entry.source)}`}
        </span>
        <span className="log-line">{entry.origin ?? timeSays(timeOf(entry))}</span>
        {entry.pinned && <span className="log-line">pinned</span>}
      </span>
    </div>
  );
});

/** The token in its text, or which decoder row. */
export function Place({ entry, words, room }: { entry: LogEntry; words: readonly RegExp[]; room?: number }) {
  const around = aroundOf(entry, room);
  const { target } = entry;
  if (!around) {
    return (
      <>
        Decoder row{' '}
        <span className="mono">
          <Marked text={target.kind === 'decoder' ? `${target.layer}:${target.feature}` : ''} words={words} />
        </span>
      </>
    );
  }
  // At a line's end a token's own space would be marked, and not the token.
  const [, space = '', token = ''] = /^(\s*(?=\S))?(.*)$/s.exec(around.token) ?? [];
  // A break would stand in for the token itself where that is one.
  const lines = (text: string) => text.replaceAll('\n', '↵');
  return (
    <span className="mono">
      <Marked text={lines(around.before + space)} words={words} />
      <span className="log-token">{token === '' ? '∅' : <Marked text={lines(token)} words={words} />}</span>
      <Marked text={lines(around.after)} words={words} />
    </span>
  );
}
