import { withoutClaims } from './claims';
import type { RecordedAnswers, VerbalRecord } from './record';

/** What the reader has made of one sample's text. */
export interface Draft {
  text: string;
  /** Claims that are left out, by their words. */
  dropped: ReadonlySet<string>;
}

export interface DraftState {
  /** By record and sample; a sample that the reader has not touched has no draft. */
  drafts: ReadonlyMap<string, Draft>;
  /** The sample looked at. */
  record: VerbalRecord | null;
  sample: number;
  /** Answers that came with the record; null: all are asked for. */
  recorded: RecordedAnswers | null;
  /** Which of the costlier answers are on show; only these are asked for. */
  claims: boolean;
  features: boolean;
}

const NONE: ReadonlySet<string> = new Set();

export const draftKey = (record: VerbalRecord, sample: number): string => `${record.id}:${sample}`;

/** What the sample looked at says itself. */
export function ownDraft({ record, sample }: Pick<DraftState, 'record' | 'sample'>): Draft | null {
  const own = record?.samples[sample];
  return own ? { text: own.text, dropped: NONE } : null;
}

/** The draft of the sample looked at, or its own text where there is none. */
export function selectDraft({ drafts, record, sample }: DraftState): Draft | null {
  return record && (drafts.get(draftKey(record, sample)) ?? ownDraft({ record, sample }));
}

/** The text without the claims left out: what is scored. */
export const left = ({ text, dropped }: Draft): string => withoutClaims(text, (claim) => dropped.has(claim.text));

/** The drafts with a new one for the sample looked at. A draft that equals the sample's own text is removed. */
export function withDraft({ drafts, record, sample }: DraftState, next: Draft): Pick<DraftState, 'drafts'> {
  const all = new Map(drafts);
  const key = draftKey(record!, sample);
  if (next.text !== record!.samples[sample]!.text || next.dropped.size) all.set(key, next);
  else all.delete(key);
  return { drafts: all };
}
