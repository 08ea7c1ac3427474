import type { LogEntry } from '../../state/log/record';
import { FACETS, type Filters, type FoundEntries } from '../../state/log/search';
import { anySays, optionsOf } from './log-words';

const ANY = '';

/** One list of values a filter, each with the rows that it would give. */
export function LogFilters({
  entries,
  found,
  filters,
  onFilters,
}: {
  entries: readonly LogEntry[];
  found: FoundEntries;
  filters: Filters;
  onFilters: (filters: Filters) => void;
}) {
  return (
    <>
      {FACETS.map((facet) => (
        <select
          key={facet}
          aria-label={`Filter by ${facet}`}
          data-testid={`log-filter-${facet}`}
          value={filters[facet] ?? ANY}
          onChange={({ target }) => onFilters({ ...filters, [facet]: target.value === ANY ? null : target.value })}
        >
          <option value={ANY}>{anySays[facet]}</option>
          {optionsOf(facet, entries, found.counts[facet], filters[facet]).map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      ))}
    </>
  );
}
