import type { KeyboardEvent } from 'react';
import { useComposed } from './use-composed';

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

/** A sheet's search line. It has the focus when the sheet opens, with its text selected, and its keys control the list
 *  below. */
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
      {...useComposed(value, onType)}
      onFocus={(event) => event.currentTarget.select()}
      onKeyDown={onKeyDown}
    />
  );
}
