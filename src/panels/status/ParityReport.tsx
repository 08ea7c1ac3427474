import { useStore } from 'zustand';
import type { ParityCase } from '../../lens/api/lens';
import { scientific } from '../../lens/maths/figures';
import { Failure } from '../../ui/Failure';
import { TableExport } from '../../ui/TableExport';
import { parityTable } from '../tables';
import { useBench } from '../use-workbench';

/** The reference cases on this machine, a line each with its worst position. */
export function ParityReport() {
  const bench = useBench();
  const { status, cases, error } = useStore(bench.parity.store, (s) => s);
  if (status === 'hidden') return null;
  const bad = cases.filter((one) => !one.ok).length;
  return (
    <section className="parity" aria-label="Parity" data-testid="parity">
      <p className="parity-head">
        <strong>Parity with the PyTorch reference on this machine.</strong>{' '}
        {status === 'running'
          ? `${cases.length} cases checked.`
          : `${cases.length - bad} of ${cases.length} cases within tolerance.`}{' '}
        <button type="button" onClick={() => bench.parity.hide()}>
          {status === 'running' ? 'Stop' : 'Close'}
        </button>
        {cases.length > 0 && (
          <TableExport of="the parity report" testId="save-parity" table={() => parityTable(cases)} />
        )}
      </p>
      {cases.length > 0 && (
        <div className="parity-scroll">
          <table>
            <thead>
              <tr>
                <th>Case</th>
                <th>Result</th>
                <th>Residual, relative</th>
                <th>Logit</th>
                <th>FVU</th>
                <th>Ids that differ</th>
                <th>Worst position</th>
              </tr>
            </thead>
            <tbody>
              {cases.map((one) => (
                <Line key={one.name} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {error && <Failure error={error} />}
    </section>
  );
}

function Line({ one }: { one: ParityCase }) {
  return (
    <tr data-testid="parity-case" data-ok={one.ok}>
      <th scope="row">{one.name}</th>
      <td className={one.ok ? '' : 'failed'}>{one.ok ? 'within' : 'off'}</td>
      <td className="figures">{scientific(one.residual)}</td>
      <td className="figures">{scientific(one.logit)}</td>
      <td className="figures">{scientific(one.fvu)}</td>
      <td className="figures">{one.mismatches}</td>
      <td>{one.worst}</td>
    </tr>
  );
}
