import type { KeyboardEvent } from 'react';

interface Props {
  label: string;
  placeholder: string;
  testId: string;
  /** Id of the list that it narrows, and of the entry in it that Enter would take. */
  list: string;
  active: string | undefined;
  value: string;
  onType: (value: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** The line of a sheet that searches: it has the focus when the sheet opens, what stands in it is selected, and the
 *  list below stays in its hands. */
export function SearchBox({ label, placeholder, testId, list, active, value, onType, onKeyDown }: Props) {
  return (
    <input
      // The dialog gives focus to what has the attribute, which React does not write.
      ref={(input) => input?.setAttribute('autofocus', '')}
      className="search-box"
      type="text"
      role="combobox"
      aria-label={label}
      aria-expanded="true"
      aria-controls={list}
      aria-autocomplete="list"
      aria-activedescendant={active}
      autoComplete="off"
      spellCheck={false}
      enterKeyHint="go"
      data-testid={testId}
      placeholder={placeholder}
      value={value}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => onType(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
