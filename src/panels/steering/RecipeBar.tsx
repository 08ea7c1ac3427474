import { useRef, useState } from 'react';
import { type ErrorData, errorToData } from '../../lens/errors';
import { parseRecipe } from '../../lens/recipe';
import { isOn } from '../../state/edits';
import { exportRecipe, importRecipe } from '../../state/recipe';
import { download } from '../../ui/download';
import { Failure } from '../../ui/Failure';
import { useBench, usePart } from '../bench';

/** The edits, their model and the sampling as a file, and back. */
export function RecipeBar() {
  const bench = useBench();
  const [error, setError] = useState<ErrorData | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const some = usePart(bench.steering.store, (s) => s.rows.some(isOn));
  const open = usePart(bench.engine.store, (s) => s.info !== null);
  const read = async (file: File | undefined) => {
    if (!file) return;
    try {
      setError(null);
      await importRecipe(bench, parseRecipe(await file.text()));
    } catch (failure) {
      setError(errorToData(failure));
    }
  };
  const save = () => {
    try {
      const text = exportRecipe(bench);
      setError(null);
      if (text) download('steering.recipe.json', 'application/json', text);
    } catch (failure) {
      setError(errorToData(failure));
    }
  };
  return (
    <>
      <span className="recipe-bar" title="A recipe is a small JSON file: edits, hashes of model and dictionaries, sampling. The library runs the same file.">
        <span className="caption">Recipe</span>
        <button type="button" className="bare" data-testid="recipe-export" disabled={!some || !open} onClick={save}>
          Export
        </button>
        <button type="button" className="bare" data-testid="recipe-import" disabled={!open} onClick={() => input.current?.click()}>
          Import
        </button>
        <input
          ref={input}
          hidden
          type="file"
          accept=".json,application/json"
          data-testid="recipe-file"
          onChange={(event) => {
            void read(event.target.files?.[0]);
            // The same file may be chosen again.
            event.target.value = '';
          }}
        />
      </span>
      {error && <Failure error={error} kept="Edits are kept." />}
    </>
  );
}
