import { useStore } from 'zustand';
import type { VerbalizerInfo } from '../../lens/api/verbalizer';
import { selectSource } from '../../state/words/state';
import { useBench } from '../use-workbench';

/** The one layer that a source reads, if that is not this one. */
export const otherLayer = (info: VerbalizerInfo | null, layer: number): number | null =>
  info && info.layer !== layer ? info.layer : null;

/** Puts the card's decoder row into words; says why, where the pair cannot read this layer. */
export function VerbalizeRow({ layer, id }: { layer: number; id: number }) {
  const bench = useBench();
  const lens = useStore(bench.engine.store, (s) => s.lens !== null);
  const running = useStore(bench.verbal.store, (s) => s.run !== null);
  const info = useStore(bench.verbal.store, selectSource);
  const other = otherLayer(info, layer);
  return (
    <button
      type="button"
      data-testid="verbalize-row"
      disabled={!lens || other !== null || running}
      title={
        other !== null
          ? `The trained pair reads layer ${other} only; another source is under Settings in Words`
          : 'Describe this feature’s direction in sentences'
      }
      onClick={() => void bench.verbal.verbalizeRow(layer, id)}
    >
      Verbalize
    </button>
  );
}
