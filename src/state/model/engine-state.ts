import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import type { Lens, LensInfo } from '../../lens/api/lens';
import type { Progress } from '../../lens/api/open';
import type { OpenRequest } from '../../lens/api/request';
import type { ProviderChoice } from './model-url';
import type { Transfer } from './progress';

/** A model that is being opened beside the open one, or could not be. */
export interface Attempt {
  /** `identityOf` the request. */
  url: string;
  request: OpenRequest;
  provider: ProviderChoice;
  stages: Progress[];
  transfer: Transfer | null;
}

export interface ModelState {
  /** `asking`: a model from another site waits for the user's word. `lost`: the device went away under an open lens. */
  phase: 'idle' | 'asking' | 'loading' | 'cancelled' | 'ready' | 'lost' | 'error';
  /** The model that is open or being opened: `identityOf` the request, or the address of a folder. */
  url: string;
  request: OpenRequest | null;
  provider: ProviderChoice;
  /** Stages seen while opening, in order; the last is the one under way. */
  stages: Progress[];
  /** How fast the stage under way comes. */
  transfer: Transfer | null;
  /** Another model that is being opened; the open one stays usable until it is there. */
  trying: Attempt | null;
  /** Another model that could not be opened, and why; the open one was left as it was. */
  refused: (Attempt & { error: ErrorData }) | null;
  /** Other dictionaries of the open model are being opened; the ones before stay usable meanwhile. */
  switching: { layers: readonly number[]; stage: Progress | null } | null;
  /** Why the other dictionaries could not be opened, those of `layers`. */
  switchError: (ErrorData & { layers: readonly number[] }) | null;
  /** The device was lost, and the page opened the model again by itself: how it was lost. */
  recovered: string | null;
  lens: Lens | null;
  info: LensInfo | null;
  error: ErrorData | null;
  /** Calls under way or about to start. */
  busy: number;
  /** Steps a second of the last generation, and how many rows ran in each. */
  speed: { perSecond: number; rows: number } | null;
}

export type EngineStore = StoreApi<ModelState>;

export const createEngineStore = (): EngineStore =>
  createStore<ModelState>(() => ({
    phase: 'idle',
    url: '',
    request: null,
    provider: 'auto',
    stages: [],
    transfer: null,
    trying: null,
    refused: null,
    switching: null,
    switchError: null,
    recovered: null,
    lens: null,
    info: null,
    error: null,
    busy: 0,
    speed: null,
  }));

/** What `data-state` of the document says. */
export function documentState({
  phase,
  busy,
  trying,
}: Pick<ModelState, 'phase' | 'busy' | 'trying'>): 'loading' | 'ready' | 'busy' | 'error' {
  if (phase === 'ready') return busy > 0 || trying ? 'busy' : 'ready';
  return phase === 'error' || phase === 'lost' || phase === 'cancelled' ? 'error' : 'loading';
}
