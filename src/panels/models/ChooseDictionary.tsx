import { useState } from 'react';
import type { DictionaryChoice } from '../../lens/api/site';
import { count } from '../../lens/maths/figures';
import { activeSays, choicesOf, kindSays, layersOf, placeOf } from './choice-words';
import './choose.css';

/** Which of a source's dictionaries is opened: those of one layer, and a choice of the layer. */
export function ChooseDictionary(props: {
  layer: number;
  choices: readonly DictionaryChoice[];
  /** The folder of the open one. */
  open?: string | undefined;
  onChoose: (choice: DictionaryChoice) => void;
}) {
  const { choices, open, onChoose } = props;
  const [layer, setLayer] = useState(props.layer);
  const listed = choicesOf(choices, layer);
  return (
    <section className="choose-dictionary" aria-label="Dictionaries to choose from" data-testid="choose-dictionary">
      <p>
        <label>
          Dictionaries of layer{' '}
          <select value={layer} onChange={({ target }) => setLayer(Number(target.value))}>
            {layersOf(choices).map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </p>
      <div className="choose-scroll">
        <table className="figures">
          <thead>
            <tr>
              <th scope="col">folder</th>
              <th scope="col">features</th>
              <th scope="col">active</th>
              <th scope="col">trained as</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {listed.map((choice) => (
              <tr key={placeOf(choice)}>
                <th scope="row" className="mono">
                  {placeOf(choice) || 'its own'}
                </th>
                <td>{choice.width === null ? '–' : count(choice.width)}</td>
                <td>{activeSays(choice)}</td>
                <td>{kindSays(choice)}</td>
                <td>
                  <button
                    type="button"
                    disabled={layer === props.layer && choice.about.folder === open}
                    aria-label={`Open the dictionary in ${placeOf(choice) || 'its own folder'}`}
                    onClick={() => onChoose(choice)}
                  >
                    Open
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
