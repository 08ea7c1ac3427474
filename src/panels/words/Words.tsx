import { lazy, Suspense, useEffect } from 'react';
import { useStore } from 'zustand';
import type { ViewState } from '../../state/base/view';
import { lockedChip } from '../../state/reading/selection';
import { entryAt } from '../../state/words/state';
import { Choice } from '../../ui/Choice';
import { whenIdle } from '../../ui/idle';
import { spoken } from '../../ui/token-pieces';
import { countRender } from '../render-count';
import { useBare, useBench, useReading, useStale, useView } from '../use-workbench';
import './words.css';

/** Loaded when they are first shown; the first of them, which most often is, once the page is idle. */
const loadVerbalizer = () => import('./Verbalizer');
const Verbalizer = lazy(loadVerbalizer);
const LogitLens = lazy(() => import('./LogitLens'));
const PromptAlternatives = lazy(() => import('../alternatives/PromptAlternatives'));

const VIEWS = [
  { value: 'words', label: 'Verbalizer', title: 'The token’s activation in sentences, with their score' },
  { value: 'lens', label: 'Logit lens', title: 'The next token, as this layer already has it' },
  { value: 'alternatives', label: 'Alternatives', title: 'What the model held likeliest in this token’s place' },
] as const;

/** How what is read out stands to the token. */
const BEFORE: Record<ViewState['words'], string> = { words: 'At', lens: 'After', alternatives: 'In place of' };

const empty: Record<ViewState['words'], string> = {
  words: 'No text is read yet. A token’s activation is described in sentences here.',
  lens: 'No text is read yet. What a layer says about the next token is listed here.',
  alternatives: 'No text is read yet. What else could stand in a token’s place is listed here.',
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

/** What the residual at a token says, in sentences or as the next token; and what the one before it said. */
export function Words() {
  countRender('words');
  const bench = useBench();
  const found = useReading();
  const bare = useBare();
  const reading = found?.reading ?? bare;
  const stale = useStale();
  const locked = useView((s) => s.locked);
  const shown = useView((s) => s.words);
  const generated = useView((s) => s.generated !== null);
  useEffect(() => whenIdle(() => void loadVerbalizer().catch(() => {})), []);
  const chip = reading && (lockedChip(reading, { locked }) ?? reading.chips.at(-1));
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
      {chip && (shown !== 'alternatives' || locked !== null) && (
        <p className={stale ? 'caption stale' : 'caption'}>
          {BEFORE[shown]} <span className="mono">“{spoken(chip.text)}”</span>, position{' '}
          {shown === 'alternatives' ? chip.from : chip.to}
          {locked === null && ', the last token'}
          {shown === 'words' && <RecordedTag position={chip.to} />}
        </p>
      )}
      {chip && generated && shown !== 'alternatives' && (
        <p className="caption">
          The locked token is generated; this is of the prompt. Send its text to the prompt to read it here.
        </p>
      )}
      {chip && (
        <Suspense fallback={<div className="list-room" />}>
          {shown === 'words' && found && <Verbalizer found={found} chip={chip} />}
          {shown === 'words' && bare && (
            <p className="empty">
              A verbalizer reads the residual at a dictionary’s layer, and no dictionary is open with this model.
            </p>
          )}
          {shown === 'lens' && <LogitLens />}
          {shown === 'alternatives' && <PromptAlternatives />}
        </Suspense>
      )}
    </section>
  );
}
