import { useState } from 'react';
import { useStore } from 'zustand';
import { type ErrorData, errorToData } from '../../lens/api/errors';
import { exportRecipe } from '../../state/page/recipes';
import { isOn } from '../../state/steering/edits';
import { download } from '../../ui/download';
import { Failure } from '../../ui/Failure';
import { FileButton } from '../../ui/FileButton';
import { readRecipe } from '../read-files';
import { useBench } from '../use-workbench';

/** The edits, their model and the sampling as a file, and back. */
export function RecipeBar() {
  const bench = useBench();
  const [error, setError] = useState<ErrorData | null>(null);
  const some = useStore(bench.steering.store, (s) => s.rows.some(isOn));
  const open = useStore(bench.engine.store, (s) => s.info !== null);
  const read = async (file: File) => {
    try {
      setError(null);
      await readRecipe(bench, file);
    } catch (failure) {
      setError(errorToData(failure));
    }
  };
  const save = async () => {
    try {
      const text = await exportRecipe(bench);
      setError(null);
      if (text) download('steering.recipe.json', 'application/json', text);
    } catch (failure) {
      setError(errorToData(failure));
    }
  };
  return (
    <>
      <span
        className="recipe-bar"
        title="A recipe is a small JSON file: edits, hashes of model and dictionaries, sampling. The library runs the same file."
      >
        <span className="caption">Recipe</span>
        <button
          type="button"
          className="bare"
          data-testid="recipe-export"
          disabled={!some || !open}
          onClick={() => void save()}
        >
          Export
        </button>
        <FileButton
          label="Import"
          accept=".json,.gz,application/json"
          testId="recipe-file"
          buttonTestId="recipe-import"
          disabled={!open}
          bare
          onFile={(file) => void read(file)}
        />
      </span>
      {error && <Failure error={error} kept="Edits are kept." />}
    </>
  );
}
