import { useStore } from 'zustand';
import type { WeightFormat } from '../../lens/api/model';
import type { OpenRequest } from '../../lens/api/request';
import { bytesSay, fixed } from '../../lens/maths/figures';
import { parameterCount } from '../../lens/sizes';
import { type Known, offered } from '../../state/model/catalogue';
import { costsOf } from '../../state/model/costs';
import { MINI_LOSS } from '../../state/model/formats';
import { storedRequest } from '../../state/model/models';
import { useBench } from '../use-workbench';

const FORMATS: readonly WeightFormat[] = ['q4', 'q8', 'f16'];

const giga = (count: number) => fixed(count / 1e9, 2);
const parameters = (n: number) => (n < 1e9 ? `${fixed(n / 1e6, 0)} million` : `${giga(n)} billion`);

/** A model of the list: what it is, what it takes, under which licence, and what of it was verified. */
export function KnownModel({ known, onChoose }: { known: Known; onChoose: (request: OpenRequest) => void }) {
  const bench = useBench();
  const kept = useStore(bench.models.store, (s) => s.kept);
  const { shape, dictionaries, repo, loss = MINI_LOSS } = known;
  const costs = FORMATS.map((format) => ({ format, ...costsOf(shape, dictionaries[0] ?? null, format, 'f16') }));
  const offer = offered(known, document.baseURI);
  const here = kept && storedRequest(kept, { ...offer, format: undefined, sites: undefined });
  return (
    <article className="model" data-testid={`model-${repo}`}>
      <div className="model-head">
        <h3>{repo}</h3>
        <button
          type="button"
          onClick={() => onChoose({ ...offer, ...(here?.format && { format: here.format }) })}
          data-testid={`choose-${repo}`}
        >
          Choose
        </button>
        {here && <span className="caption">kept in this browser{here.format && ` as ${here.format}`}</span>}
      </div>
      <div className="model-says">
        <p>{known.says}</p>
        {known.caution && <p className="caption">{known.caution}</p>}
        <p className="caption">Licence: {known.licence}.</p>
        <p className="caption model-verified">{known.verified}</p>
      </div>
      <div>
        <table className="plan-formats figures">
          <thead>
            <tr>
              <td />
              {costs.map(({ format }) => (
                <th key={format} scope="col">
                  {format}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">GPU memory, GB</th>
              {costs.map(({ format, memory }) => (
                <td key={format}>{giga(memory)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">Disk, GB</th>
              {costs.map(({ format, disk }) => (
                <td key={format}>{giga(disk)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">{loss.heading}</th>
              {costs.map(({ format }) => (
                <td key={format}>{loss.cells[format] ?? 'not measured'}</td>
              ))}
            </tr>
          </tbody>
        </table>
        <p className="caption figures">
          {parameters(parameterCount(shape))} parameters. Download {bytesSay(costs[0]!.download)}
          {dictionaries.length > 0 && ', with one layer of the dictionary'}. {known.loss?.says}
        </p>
      </div>
    </article>
  );
}
