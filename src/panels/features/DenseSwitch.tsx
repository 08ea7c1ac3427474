import { useBench, useView } from '../use-workbench';

/** Whether features that fire almost everywhere are listed too. `over`: the threshold in words; `hidden`: how many of
 *  those that would be listed are not. */
export function DenseSwitch({ over, hidden }: { over: string; hidden: number }) {
  const bench = useBench();
  const dense = useView((s) => s.dense);
  return (
    <label className="switch" title="A feature that is active almost everywhere says little about a token.">
      <input type="checkbox" checked={dense} onChange={(event) => bench.view.set({ dense: event.target.checked })} />
      <span className="figures">
        Show features that fire on {over}
        {!dense && hidden > 0 && ` (${hidden} hidden)`}
      </span>
    </label>
  );
}
