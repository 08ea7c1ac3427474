import { useStore } from 'zustand';
import type { SiteInfo } from '../../lens/api/site';
import { count, fixed } from '../../lens/maths/figures';
import { shade } from '../../state/base/shade';
import type { ViewState } from '../../state/base/view';
import type { ErrorName } from '../../state/reading/error-name';
import type { Scale } from '../../state/reading/select';
import { Choice } from '../../ui/Choice';
import { Term } from '../../ui/Term';
import { ErrorTerm } from '../ErrorTerm';
import { useEditMarks } from '../steering/use-edit-marks';
import { useBench, useView } from '../use-workbench';

const colours = ({ short, long }: ErrorName) =>
  [
    { value: 'feature', label: 'Feature' },
    { value: 'fvu', label: short, title: `What the dictionary leaves out of the residual: ${long}` },
    { value: 'surprisal', label: 'Surprisal', title: '−log p of a token given those before it, in nats' },
  ] as const;

/** What colours the tokens, and how it is scaled. `error` is null where no dictionary is open: then it is surprisal. */
export function ColourControls({ error, conversation }: { error: ErrorName | null; conversation: boolean }) {
  const { view } = useBench();
  const colour = useView((s) => s.colour);
  const scale = useView((s) => s.scale);
  const first = useView((s) => s.first);
  return (
    <div className="colour-controls">
      {error && (
        <span className="colour-by">
          <span className="caption" aria-hidden="true">
            Colour by
          </span>
          <Choice
            name="colour"
            label="Colour of the tokens"
            options={colours(error)}
            value={colour}
            onChange={(value) => view.set({ colour: value })}
          />
        </span>
      )}
      <label
        className="switch"
        title={`Ends the colour scale at this text’s largest value instead of ${error ? 'the feature’s own maximum' : 'that of a uniform guess'}, by which texts compare.`}
      >
        <input
          type="checkbox"
          checked={scale === 'prompt'}
          onChange={(event) => view.set({ scale: event.target.checked ? 'prompt' : 'maximum' })}
        />
        Colour relative to this text
      </label>
      {error && (
        <label
          className="switch"
          title="Attention sinks, the first token and others whose residual is many times as large as the rest, are left out of ranking, scales and figures."
        >
          <input type="checkbox" checked={first} onChange={(event) => view.set({ first: event.target.checked })} />
          Include the first token and sinks
        </label>
      )}
      {conversation && <TemplateSwitch />}
    </div>
  );
}

/** Beside the switch for sinks: what the template writes is alike in all conversations. */
function TemplateSwitch() {
  const { view } = useBench();
  const template = useView((s) => s.template);
  return (
    <label
      className="switch"
      title="The template’s tokens are alike in every conversation, and are left out of ranking, scales and figures."
    >
      <input type="checkbox" checked={template} onChange={(event) => view.set({ template: event.target.checked })} />
      <span>
        Include <Term id="template">template tokens</Term>
      </span>
    </label>
  );
}

/** The ramp as the cells have it: even steps of the value, of which the fill is the logarithm. */
const STEPS = [0.001, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const rampTo = (end: string): string =>
  `linear-gradient(to right, ${STEPS.map(
    (share) =>
      `color-mix(in srgb, var(${end}) ${(100 * shade(share, 1)).toFixed(1)}%, var(--paper)) ${(100 * share).toFixed(0)}%`,
  ).join(', ')})`;
const RAMPS: Record<ViewState['colour'], string> = {
  feature: rampTo('--activation'),
  fvu: rampTo('--unexplained'),
  surprisal: rampTo('--unexplained'),
};

interface ScaleProps {
  colour: ViewState['colour'];
  scale: Scale;
  /** Name of the chosen feature; null where none is. */
  feature: string | null;
  site: SiteInfo | null;
}

/** What a colour means. */
export function ColourScale({ colour, scale, feature, site }: ScaleProps) {
  const names = { feature, fvu: site && <ErrorTerm site={site} />, surprisal: <Term id="surprisal">Surprisal</Term> };
  const name = names[colour];
  return (
    <p className="colour-scale figures" data-testid="scale" title="The colour rises with the logarithm of the value.">
      {name !== null && <b className={colour === 'feature' ? 'mono' : ''}>{name}</b>}
      {scale.most && (
        <>
          {' 0 '}
          <i className="ramp" style={{ background: RAMPS[colour] }} />
          {` ${scale.most}`}
        </>
      )}
      <span className="caption">{`${scale.most && ', '}${scale.means}`}</span>
    </p>
  );
}

/** What the lines under the tokens are, while they are drawn. */
export function LinesKey({ error }: { error: ErrorName }) {
  const vocabulary = useStore(useBench().engine.store, (s) => s.info?.vocabulary ?? 1);
  const drawn = useView((s) => s.colour !== 'feature');
  return drawn ? (
    <span className="caption figures" data-testid="lines-key">
      {`Lines: surprisal, 0 to ${fixed(Math.log(vocabulary), 1)} nats, over ${error.short}, 0 to 1`}
    </span>
  ) : null;
}

/** What the marks of the edit in hand are, while there are some. */
export function EditKey({ tokens }: { tokens: number }) {
  const marks = useEditMarks(tokens);
  if (!marks) return null;
  const on = (mark: string) => marks.at.filter((own) => own === mark).length;
  const [acted, open] = [on('acted'), on('open')];
  if (acted + open === 0) return null;
  return (
    <span className="caption figures" data-testid="edit-key">
      {acted > 0 && (
        <>
          <i className="edit-mark" data-edit="acted" /> {marks.name} acts on {count(acted)} of {count(tokens)} tokens
        </>
      )}
      {acted > 0 && open > 0 && ' '}
      {open > 0 && (
        <>
          <i className="edit-mark" data-edit="open" /> gate open, no edit
        </>
      )}
    </span>
  );
}
