import type { RunState } from '../../state/steering/run';
import { TableExport } from '../../ui/TableExport';
import { runTable, tokenTable } from '../tables';

/** The run's way out, once it has ended: below all that it wrote, so that nothing moves. */
export function RunExport({ run: { streams, status } }: { run: RunState }) {
  if (!streams?.baseline.length || status === 'generating' || status === 'band') return null;
  return (
    <p className="caption run-export">
      <span>
        Figures
        <TableExport of="the run’s figures" testId="save-run" table={() => runTable(streams)} />
      </span>
      <span>
        Token by token
        <TableExport of="the run token by token" testId="save-tokens" table={() => tokenTable(streams)} />
      </span>
    </p>
  );
}
