import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { identityOf } from '../../lens/api/identity';
import { count } from '../../lens/maths/figures';
import { inspect, type Machine } from '../../state/model/capability';
import { KNOWN, MINI, SCOPE_LICENCE } from '../../state/model/catalogue';
import { STATED_CONTEXT } from '../../state/model/costs';
import { SHARED_SAYS } from '../../state/model/formats';
import { modelUrl, requestName } from '../../state/model/model-url';
import { Sheet } from '../../ui/Sheet';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { Refused } from '../status/Refused';
import { Trying } from '../status/Trying';
import { useBench } from '../use-workbench';
import { backToMini } from './actions';
import { KnownModel } from './KnownModel';
import { factsSay, originSays, originTitle } from './model-words';
import { OpenPlan } from './OpenPlan';
import { OtherModel } from './OtherModel';
import { Stored } from './Stored';
import './models.css';

/** Which model the page is about: those that it knows, any other, and what is kept of them here. */
export default function ModelsSheet() {
  const bench = useBench();
  const planned = useStore(bench.models.store, (s) => s.planned);
  const [machine, setMachine] = useState<Machine | null>(null);
  useEffect(() => {
    let gone = false;
    void bench.models.read();
    void inspect().then((found) => gone || setMachine(found));
    return () => {
      gone = true;
    };
  }, [bench]);
  const close = () => {
    bench.view.set({ sheet: null });
    bench.models.plan(null);
  };
  return (
    <Sheet wide title={planned ? requestName(planned) : 'Models'} testId="models" onClose={close}>
      {planned ? <OpenPlan key={identityOf(planned)} asked={planned} machine={machine} /> : <List machine={machine} />}
    </Sheet>
  );
}

function List({ machine }: { machine: Machine | null }) {
  const bench = useBench();
  const place = useFocusWhereLost();
  const mini = useStore(bench.engine.store, (s) => s.lens !== null && s.url === modelUrl(null, document.baseURI));
  return (
    <div className="models" tabIndex={-1} ref={place}>
      <Open />
      <Trying />
      <Refused />
      <section aria-label="Models" className="models-list">
        <article className="model" data-testid="model-mini">
          <div className="model-head">
            <h3>{MINI.name}</h3>
            <button type="button" data-testid="open-mini" disabled={mini} onClick={() => backToMini(bench)}>
              {mini ? 'Open now' : 'Open'}
            </button>
          </div>
          <div className="model-says">
            <p>{MINI.says}</p>
            <p className="caption">Licence: {MINI.licence}</p>
            <p className="caption model-verified">{MINI.verified}</p>
          </div>
          <p className="caption">14 MB of weights. Runs on WebGPU, and without it.</p>
        </article>
        {KNOWN.map((known) => (
          <KnownModel key={known.repo} known={known} onChoose={(request) => bench.models.plan(request)} />
        ))}
        <p className="caption models-foot figures">
          Sizes are computed from the published configurations. GPU memory: weights, one layer’s dictionary as f16, and
          up to {count(STATED_CONTEXT)} tokens of context in 32 bits. {SHARED_SAYS} {SCOPE_LICENCE}
        </p>
      </section>
      <OtherModel />
      <Stored machine={machine} />
    </div>
  );
}

/** What is open now, exactly. */
function Open() {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => (s.lens ? s.info : null));
  if (!info) return null;
  return (
    <p className="caption figures" data-testid="open-facts">
      Open now:{' '}
      {info.origin ? (
        <span title={originTitle(info.origin)}>{originSays(info.origin)}</span>
      ) : (
        <span className="mono">{info.model}</span>
      )}
      . {factsSay(info)}
    </p>
  );
}
