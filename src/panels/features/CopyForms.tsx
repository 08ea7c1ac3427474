import { type ReactNode, useId, useState } from 'react';
import { useStore } from 'zustand';
import type { ErrorData } from '../../lens/api/errors';
import type { FeatureInfo, Snippet } from '../../lens/api/feature';
import type { SiteInfo } from '../../lens/api/site';
import { folderName } from '../../lens/exchange/model-name';
import { npy } from '../../lens/exchange/npy';
import { count } from '../../lens/maths/figures';
import { regionError } from '../../state/base/region-error';
import { storedMaximum } from '../../state/steering/unit';
import { CopyButton } from '../../ui/CopyButton';
import { download } from '../../ui/download';
import { Failure } from '../../ui/Failure';
import { useBench } from '../use-workbench';
import { CopyJson } from './CopyJson';
import { copyForms, rowFile } from './copy-forms';

/** The feature in every form to take along: names, a line of code, its decoder row, all of it as JSON. */
export default function CopyForms({
  site,
  id,
  value,
  snippets,
}: {
  site: SiteInfo;
  id: number;
  value: FeatureInfo | null;
  snippets: readonly Snippet[] | null;
}) {
  const bench = useBench();
  const url = useStore(bench.engine.store, (s) => s.info?.model ?? '');
  const layers = useStore(bench.engine.store, (s) => s.info?.layers ?? 0);
  const model = folderName(url);
  return (
    <ul className="copies" aria-label="Forms to copy">
      {copyForms({
        model,
        layers,
        layer: site.layer,
        width: site.width,
        id,
        known: storedMaximum(site, id) !== null,
      }).map((form) => (
        <Row key={form.id} name={form.name} text={form.text}>
          {(describedBy) => (
            <CopyButton
              testId={`copy-${form.id}`}
              label="Copy"
              closed="Clipboard is closed"
              describedBy={describedBy}
              text={() => form.text}
            />
          )}
        </Row>
      ))}
      <DecoderRow model={model} layer={site.layer} id={id} />
      <Row name="JSON" text="a feature in Neuronpedia’s form, with snippets" words>
        {(describedBy) => (
          <CopyJson site={site} model={model} value={value} snippets={snippets} describedBy={describedBy} />
        )}
      </Row>
    </ul>
  );
}

function Row({
  name,
  text,
  words = false,
  children,
}: {
  name: string;
  text: string;
  words?: boolean;
  children: (describedBy: string) => ReactNode;
}) {
  const describedBy = useId();
  return (
    <li>
      <span id={describedBy} className="caption">
        {name}
      </span>
      <span className={words ? 'caption' : 'mono'}>{text}</span>
      {children(describedBy)}
    </li>
  );
}

/** The decoder row as a file that NumPy reads. */
function DecoderRow({ model, layer, id }: { model: string; layer: number; id: number }) {
  const bench = useBench();
  const lens = useStore(bench.engine.store, (s) => s.lens);
  const d = useStore(bench.engine.store, (s) => s.info?.d ?? 0);
  const [error, setError] = useState<ErrorData | null>(null);
  const fetchRow = async () => {
    if (!lens) return;
    setError(null);
    try {
      const row = await bench.engine.track(lens.decoderRow(layer, id));
      download(rowFile(model, layer, id), 'application/octet-stream', npy(row) as Uint8Array<ArrayBuffer>);
    } catch (why) {
      setError(regionError(why));
    }
  };
  return (
    <>
      <Row name="Decoder row" text={`float32 [${count(d)}], .npy`}>
        {(describedBy) => (
          <button
            type="button"
            data-testid="download-row"
            disabled={!lens}
            aria-describedby={describedBy}
            onClick={() => void fetchRow()}
          >
            Download
          </button>
        )}
      </Row>
      {error && <Failure error={error} />}
    </>
  );
}
