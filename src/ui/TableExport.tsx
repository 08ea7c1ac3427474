import { type Table, toCsv, toJson } from './csv';
import { download } from './download';
import './table-export.css';

/** A table's way out: two small buttons. The table is made on the click. `of` says what is saved, where a screen reader
 *  meets the buttons alone. */
export function TableExport({ table, of, testId }: { table: () => Table; of: string; testId: string }) {
  const save = (ending: 'csv' | 'json') => {
    const made = table();
    if (ending === 'csv') download(`${made.name}.csv`, 'text/csv;charset=utf-8', toCsv(made));
    else download(`${made.name}.json`, 'application/json', toJson(made));
  };
  return (
    <span className="table-export">
      <button
        type="button"
        className="bare"
        data-testid={`${testId}-csv`}
        aria-label={`Save ${of} as CSV`}
        title="Comma-separated. A text that a spreadsheet would run as a formula begins with an apostrophe; JSON has it as it is."
        onClick={() => save('csv')}
      >
        CSV
      </button>
      <button
        type="button"
        className="bare"
        data-testid={`${testId}-json`}
        aria-label={`Save ${of} as JSON`}
        onClick={() => save('json')}
      >
        JSON
      </button>
    </span>
  );
}
