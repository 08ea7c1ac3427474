import { useStore } from 'zustand';
import type { ViewState } from '../../state/base/view';
import { lockedChip } from '../../state/reading/select';
import { entryAt } from '../../state/words/state';
import { Choice } from '../../ui/Choice';
import { spoken } from '../../ui/token-pieces';
import { countRender } from '../render-count';
import { useBench, useReading, useStale, useView } from '../use-workbench';
import { LogitLens } from './LogitLens';
import { Verbalizer } from './Verbalizer';
import './words.css';

const VIEWS = [
  { value: 'words', label: 'Verbalizer', title: 'What the residual at the token says, in sentences, with their score' },
  { value: 'lens', label: 'Logit lens', title: 'What the residual at the token says about the next one' },
] as const;

const empty: Record<ViewState['words'], string> = {
  words: 'No trace. The residual at a token is put into words here.',
  lens: 'No trace. The site’s residual is read out here, token by token.',
};

/** Says that the token's words are of a recording. They stay so marked beside a live model, until it writes its own. */
function RecordedTag({ position }: { position: number }) {
  const recorded = useStore(useBench().verbal.store, (s) => Boolean(entryAt(s.entries, position)?.recorded));
  return (
    recorded && (
      <>
        {' · '}
        <span className="recorded" data-testid="words-recorded" title="Written once on another machine">
          recorded
        </span>
      </>
    )
  );
}

/** What the residual at a token says: in sentences, or as the next token. */
export function Words() {
  countRender('words');
  const bench = useBench();
  const found = useReading();
  const stale = useStale();
  const locked = useView((s) => s.locked);
  const shown = useView((s) => s.words);
  const chip = found && (lockedChip(found.reading, { locked }) ?? found.reading.chips.at(-1));
  return (
    <section className="region words" aria-labelledby="words-title" data-testid="words">
      <div className="region-head">
        <h2 id="words-title">Words</h2>
        <Choice
          name="words"
          label="What is read out"
          testId="words-view"
          options={VIEWS}
          value={shown}
          onChange={(words) => bench.view.set({ words })}
        />
      </div>
      {!chip && <p className="empty">{empty[shown]}</p>}
      {chip && (
        <p className={stale ? 'caption stale' : 'caption'}>
          {shown === 'lens' ? 'After ' : 'At '}
          <span className="mono">“{spoken(chip.text)}”</span>, position {chip.to}
          {locked === null && ', the last token'}
          {shown === 'words' && <RecordedTag position={chip.to} />}
        </p>
      )}
      {chip && (shown === 'lens' ? <LogitLens /> : <Verbalizer found={found} chip={chip} />)}
    </section>
  );
}
