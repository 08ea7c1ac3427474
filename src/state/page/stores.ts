import { createStore, type StoreApi } from 'zustand/vanilla';
import { combine } from '../base/combine';
import { defaultSampling, type Sampling } from '../base/sampling';
import { createView, type View } from '../base/view';
import type { OpenLens } from '../model/opening';
import { createSession, type ModelSession } from '../model/session';
import { createTracer, type Tracer } from '../reading/trace';
import { createRunner, type Runner } from '../steering/run';
import { createSteering, type Steering } from '../steering/steering';
import type { MaximumOf } from '../steering/unit';
import { type Page, selectMaximum, selectSinkMedian } from './selectors';
import { createTrail, type Trail } from './trail';

/** The page's state: a model, the view, a text, edits, and a run of text and edits. */
export interface Stores {
  engine: ModelSession;
  view: View;
  tracer: Tracer;
  steering: Steering;
  sampling: StoreApi<Sampling>;
  runner: Runner;
  /** All of these as one, for the selectors. */
  page: Page;
  maximumOf: MaximumOf;
  trail: Trail;
}

/** `pause`: ms without typing after which a text is traced. `recover`: ms after which a lost device is opened again. */
export function createStores(openLens: OpenLens, pause: number, recover: number): Stores {
  const engine = createSession(openLens, { pause: recover });
  const view = createView();
  const tracer = createTracer(engine, pause);
  const steering = createSteering();
  const sampling = createStore<Sampling>(() => defaultSampling);
  const runner = createRunner(engine, (layer) => selectSinkMedian(page.getState(), layer));
  const page: Page = combine({
    engine: engine.store,
    view: view.store,
    tracer: tracer.store,
    steering: steering.store,
    sampling,
    runner: runner.store,
  });
  const maximumOf: MaximumOf = (layer, feature) => selectMaximum(page.getState(), layer, feature);
  return { engine, view, tracer, steering, sampling, runner, page, maximumOf, trail: createTrail() };
}
