import { useStore } from 'zustand';
import type { ParityCase } from '../../lens/api/lens';
import { counted, scientific } from '../../lens/maths/figures';
import { Failure } from '../../ui/Failure';
import { Sheet } from '../../ui/Sheet';
import { TableExport } from '../../ui/TableExport';
import { parityTable } from '../tables';
import { useBench } from '../use-workbench';

/** The reference cases on this machine, a line each with its worst position. */
export default function ParityReport() {
  const bench = useBench();
  const { status, cases, error } = useStore(bench.parity.store, (s) => s);
  const bad = cases.filter((one) => !one.ok).length;
  return (
    <Sheet wide title="Parity with PyTorch" testId="parity" onClose={() => bench.parity.hide()}>
      <p className="parity-head">
        The reference texts on this machine, every position compared with PyTorch’s numbers.{' '}
        <strong>
          {status === 'running'
            ? `${counted(cases.length, 'case')} checked.`
            : `${cases.length - bad} of ${counted(cases.length, 'case')} within tolerance.`}
        </strong>{' '}
        {cases.length > 0 && (
          <TableExport of="the parity report" testId="save-parity" table={() => parityTable(cases)} />
        )}
      </p>
      {cases.length > 0 && (
        <div className="parity-scroll">
          <table className="parity">
            <thead>
              <tr>
                <th scope="col">Case</th>
                <th scope="col">Result</th>
                <th scope="col" className="figures">
                  Residual, relative
                </th>
                <th scope="col" className="figures">
                  Logit
                </th>
                <th scope="col" className="figures">
                  FVU
                </th>
                <th scope="col" className="figures">
                  Ids that differ
                </th>
                <th scope="col">Worst position</th>
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
    </Sheet>
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
