import type { PickedFolder } from '../../lens/api/model';
import type { TakenFolder } from '../../state/model/picked-folder';

/** The folders that were found in a picked one, to choose from; nothing where there is no choice. */
export function FolderChoices({
  choices,
  onChoose,
}: {
  choices: TakenFolder['choices'];
  onChoose: (folder: PickedFolder) => void;
}) {
  if (!choices.length) return null;
  return (
    <ul className="actions plan-choices" aria-label="Folders found" data-testid="folder-choices">
      {choices.map(({ name, folder }) => (
        <li key={name}>
          <button type="button" onClick={() => onChoose(folder)}>
            {name}
          </button>
        </li>
      ))}
    </ul>
  );
}
