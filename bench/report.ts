import type { Line, Race, Results } from './results';
import { type PageResults, pageSection } from './smooth/figures';

/** One Markdown table over all hosts, with the conditions, the goals and what was left out; then what was measured of
 *  the page. */
export function report(runs: Results[], page: PageResults | null = null): string {
  const parts = runs.length > 0 ? [conditions(runs), table(runs), goals(runs)] : [];
  const left = runs.flatMap((run) => run.left.map((text) => `- ${run.host}: ${text}`));
  if (left.length > 0) parts.push(`Left out:\n\n${left.join('\n')}`);
  if (page) parts.push(pageSection(page));
  return `${parts.join('\n\n')}\n`;
}

function conditions(runs: Results[]): string {
  const list = runs.map(
    ({ host, adapter, software, runtime, load, seconds }) =>
      `- ${host}: adapter ${adapter}, ${software ? '**emulated in software**' : 'a GPU'}; ONNX Runtime Web, ${runtime}; ${load ? `${load}; ` : ''}${Math.round(seconds)} s in all`,
  );
  return `${list.join('\n')}\n\nms: minimum over the rounds of one run, the wait for the GPU included. x: against the first line of the same comparison; above 1 is slower than it. Rounds: interleaved rounds x runs before each wait.`;
}

interface Merged {
  title: string;
  name: string;
  line: (Line & { ratio: number; race: Race })[];
}

function merge(runs: Results[]): Merged[] {
  const merged: Merged[] = [];
  for (const [column, run] of runs.entries()) {
    for (const race of run.races) {
      for (const line of race.lines) {
        const known = merged.find(({ title, name }) => title === race.title && name === line.name);
        const row = known ?? { title: race.title, name: line.name, line: [] };
        if (!known) merged.push(row);
        row.line[column] = { ...line, race, ratio: line.ms / race.lines[0]!.ms };
      }
    }
  }
  return merged;
}

function table(runs: Results[]): string {
  const hosts = runs.flatMap(({ host }) => [`${host}: ms`, 'x', 'rounds']);
  const rows = [['', 'runs', 'dispatches', ...hosts, 'notes; our kernels']];
  let last = '';
  for (const { title, name, line } of merge(runs)) {
    const cells = runs.flatMap((_, column) => {
      const cell = line[column];
      return cell
        ? [milliseconds(cell.ms), cell.ratio.toFixed(2), `${cell.race.rounds} x ${cell.race.repeat}`]
        : ['', '', ''];
    });
    const present = line.filter(Boolean);
    const counts = [...new Set(present.map(({ dispatches }) => dispatches))].join(' / ');
    const { note, kernels } = present[0]!;
    rows.push([
      title === last ? '' : title,
      name,
      counts,
      ...cells,
      [note, counted(kernels)].filter(Boolean).join('; '),
    ]);
    last = title;
  }
  const text = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const [head, ...body] = rows;
  return [
    text(head!),
    text(head!.map((_, i) => (i < 2 || i === head!.length - 1 ? '---' : '--:'))),
    ...body.map(text),
  ].join('\n');
}

const milliseconds = (ms: number) => (ms < 1 ? ms.toFixed(3) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0));

/** Equal kernels once, with how many. */
function counted(kernels: string[]): string {
  const counts = new Map<string, number>();
  for (const kernel of kernels) counts.set(kernel, (counts.get(kernel) ?? 0) + 1);
  return [...counts].map(([kernel, count]) => (count === 1 ? kernel : `${count} x ${kernel}`)).join(', ');
}

function goals(runs: Results[]): string {
  const list = runs.flatMap((run) =>
    run.races.flatMap((race) =>
      race.goals.map(({ text, met, figures }) => `- ${met ? 'met' : '**missed**'}: ${text} (${run.host}): ${figures}`),
    ),
  );
  return `Goals:\n\n${list.join('\n')}`;
}
