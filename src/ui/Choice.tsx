interface Option<T> {
  value: T;
  label: string;
  title?: string;
}

/** One of a few words, as a row; a native radio group underneath. */
export function Choice<T extends string | number>(props: {
  name: string;
  label: string;
  options: readonly Option<T>[];
  /** Null: none of them. */
  value: T | null;
  onChange: (value: T) => void;
  testId?: string;
}) {
  const { name, label, options, value, onChange, testId } = props;
  return (
    <fieldset className="choice" data-testid={testId}>
      <legend className="hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="choice-option" title={option.title}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
