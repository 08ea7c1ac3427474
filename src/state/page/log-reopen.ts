import type { LensInfo } from '../../lens/api/lens';
import { modelName } from '../../lens/exchange/model-name';
import { SHEET } from '../base/view';
import { type LogEntry, recordOf } from '../log/record';
import { siteOf } from '../reading/select';
import type { VerbalRecord } from '../words/record';
import type { Verbal } from '../words/verbalizer';
import type { Notices } from './notices';
import type { Stores } from './stores';

interface Parts extends Stores {
  notices: Notices;
  verbal: Pick<Verbal, 'show'>;
}

/** Why an entry cannot be shown in its place again; null: it can. */
export function closedBecause({ target }: LogEntry, info: LensInfo | null): string | null {
  if (!info) return 'No model is open.';
  if (target.kind === 'decoder') {
    const site = siteOf(info, target.layer);
    if (!site) return `Layer ${target.layer} is not open.`;
    return target.feature < site.width
      ? null
      : `The dictionary of layer ${target.layer} has no feature ${target.feature}.`;
  }
  return target.text !== null && target.whole ? null : 'Its whole text is not known.';
}

/** Brings the page to an entry's text, locks its token and shows its words; the notices say what is not as it was. */
export async function reopen({ engine, view, tracer, notices, verbal, trail }: Parts, entry: LogEntry): Promise<void> {
  const { info } = engine.store.getState();
  const { target, layer } = entry;
  if (!info || closedBecause(entry, info)) return;
  const shown = await trail.step(() => {
    view.set({ place: SHEET });
    notices.say('log', []);
    return verbal.show(withFirst(entry));
  });
  const says = otherModel(entry, info);
  if (!shown)
    says.push('The words could not be shown again: the text has no such token here, or was changed meanwhile.');
  else if (target.kind === 'token') {
    if (layer !== null && !siteOf(info, layer)) says.push(`The words are of layer ${layer}, which is not open.`);
    const chip = tracer.store
      .getState()
      .reading?.chips.find(({ from, to }) => from <= target.position && target.position <= to);
    if (chip && chip.text !== target.token)
      says.push(`The words are of “${target.token}”; position ${target.position} is “${chip.text}” here.`);
  }
  notices.say('log', says);
}

/** The verbalization; a row from elsewhere is of what a tokenizer makes of its text unasked. */
function withFirst(entry: LogEntry): VerbalRecord {
  const { target, ...record } = recordOf(entry);
  const bos = entry.origin !== null;
  return { ...record, target: target.kind === 'token' && bos ? { bos, ...target } : target };
}

/** Says so if the words come from another model: they say nothing about this model's vectors. */
function otherModel({ model, sha256 }: LogEntry, info: LensInfo): string[] {
  if (model === null && sha256 === null) return ['Which model the words are of is not known.'];
  const same = sha256 !== null && info.sha256 !== null ? sha256 === info.sha256 : model === info.model;
  if (same) return [];
  return [`The words are of another model, ${called(model, sha256)}; this is ${called(info.model, info.sha256)}.`];
}

const called = (model: string | null, sha256: string | null): string =>
  `${model === null ? 'name not known' : modelName(model)} (${sha256 ? `SHA-256 ${sha256.slice(0, 8)}…` : 'SHA-256 not known'})`;
